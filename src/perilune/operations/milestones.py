"""Milestones of a mission as a graph: each is satisfied by evidence found in the flight.

Definitions differ between missions, milestones can be reached out of order, and one can be reached in part.
The public date a milestone is compared with never takes part in the judgement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from perilune.epoch import Epoch
from perilune.operations.flight_log import Entry, FlightLog


class Status(StrEnum):
    """How far a milestone was reached."""

    ACHIEVED = "achieved"
    PARTIAL = "partial"
    NOT_ACHIEVED = "not achieved"


@dataclass(frozen=True, slots=True)
class Need:
    """One piece of evidence: `count` entries of a kind within limits (SI), or all that were planned (None).

    `all that were planned` holds when as many manoeuvres of the phase were flown as the plan held, and the
    flight went on to an entry of the kind `until`.
    """

    event: str
    phase: str = ""
    count: int | None = 1
    until: str = ""
    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """A date made public: an instant, or a day from `start` to `end`."""

    start: Epoch
    end: Epoch
    written: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone's definition; `after` names the milestones it can not be reached without."""

    id: str
    name: str
    needs: tuple[Need, ...]
    after: tuple[str, ...] = ()
    required: bool = True
    public: Published | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A need and the entries that meet it; none where it was not met."""

    need: str
    met: bool
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MilestoneResult:
    """A milestone judged: its status, when it was reached and the evidence for it."""

    id: str
    name: str
    status: Status
    required: bool
    after: tuple[str, ...]
    achieved_epoch: Epoch | None
    public_epoch: Epoch | None
    public_until_epoch: Epoch | None
    public_written: str | None
    evidence: tuple[Evidence, ...]


def in_order(milestones: Sequence[Milestone]) -> tuple[Milestone, ...]:
    """Return the milestones so that each stands after those it needs; a cycle raises `ValueError`."""
    left = list(milestones)
    placed: list[Milestone] = []
    while left:
        names = {milestone.id for milestone in placed}
        ready = [milestone for milestone in left if names.issuperset(milestone.after)]
        if not ready:
            raise ValueError("milestones need one another in a circle: " + ", ".join(m.id for m in left))
        placed += ready
        left = [milestone for milestone in left if milestone not in ready]
    return tuple(placed)


def assess(milestones: Sequence[Milestone], log: FlightLog) -> tuple[MilestoneResult, ...]:
    """Judge each milestone by the log, in the order given."""
    judged: dict[str, MilestoneResult] = {}
    for milestone in in_order(milestones):
        judged[milestone.id] = _judge(milestone, log, judged)
    return tuple(judged[milestone.id] for milestone in milestones)


def _judge(milestone: Milestone, log: FlightLog, judged: Mapping[str, MilestoneResult]) -> MilestoneResult:
    found = [(need, _meet(need, log)) for need in milestone.needs]
    met = [entries for _, entries in found if entries]
    earlier = all(judged[name].status is Status.ACHIEVED for name in milestone.after)
    achieved = earlier and len(met) == len(found)
    status = Status.ACHIEVED if achieved else Status.PARTIAL if met else Status.NOT_ACHIEVED
    public = milestone.public
    return MilestoneResult(
        id=milestone.id,
        name=milestone.name,
        status=status,
        required=milestone.required,
        after=milestone.after,
        achieved_epoch=max(_reached(need, hit[-1]) for need, hit in found) if achieved else None,
        public_epoch=None if public is None else public.start,
        public_until_epoch=None if public is None or public.start == public.end else public.end,
        public_written=None if public is None else public.written,
        evidence=tuple(Evidence(tell(need), bool(hit), tuple(map(_name, hit))) for need, hit in found),
    )


def _meet(need: Need, log: FlightLog) -> tuple[Entry, ...]:
    """Return the entries that meet a need, the deciding one last; nothing if it is not met."""
    fitting = tuple(entry for entry in log.find(need.event, need.phase) if _within(need, entry))
    if need.count is not None:
        return fitting[: need.count] if len(fitting) >= need.count else ()
    reached = log.find(need.until)
    if not reached or len(fitting) < log.planned.get(need.phase, 0):
        return ()
    before = tuple(entry for entry in fitting if entry.end <= reached[0].end)
    # With nothing planned there is nothing to wait for: the flight's going on is the evidence.
    return before or reached[:1]


def _reached(need: Need, entry: Entry) -> Epoch:
    """Return when an entry met its need: at its end, or as soon as a coast was as long as asked."""
    if entry.event == "coast":
        return entry.start + need.at_least.get("duration_s", 0.0)
    return entry.end


def _within(need: Need, entry: Entry) -> bool:
    low = all(entry.values.get(key, float("-inf")) >= bound for key, bound in need.at_least.items())
    return low and all(entry.values.get(key, float("inf")) <= bound for key, bound in need.at_most.items())


def _name(entry: Entry) -> str:
    return f"{entry.name}, {entry.end.iso('UTC', 0).replace('T', ' ')} UTC"


_UNITS: Final = {"_m_s": ("m/s", 1.0), "_rad": ("deg", 180.0 / math.pi), "_kg": ("kg", 1.0), "_m": ("m", 1.0)}


def _limit(key: str, relation: str, bound: float) -> str:
    suffix, (unit, factor) = next(
        ((end, unit) for end, unit in _UNITS.items() if key.endswith(end)), ("_s", ("s", 1.0))
    )
    return f"{key.removesuffix(suffix).replace('_', ' ')} {relation} {bound * factor:g} {unit}"


def tell(need: Need) -> str:
    """Return a need in words.

    >>> tell(Need("manoeuvre", phase="deep_space", count=None, until="orbit"))
    'all deep space manoeuvres, then orbit'
    >>> tell(Need("touchdown", at_most={"vertical_speed_m_s": 2.0}))
    'touchdown with vertical speed at most 2 m/s'
    """
    kind = f"{need.phase.replace('_', ' ')} {need.event}".strip()
    limits = [_limit(key, "at least", bound) for key, bound in need.at_least.items()]
    limits += [_limit(key, "at most", bound) for key, bound in need.at_most.items()]
    amount = (
        f"all {kind}s, then {need.until}"
        if need.count is None
        else kind
        if need.count == 1
        else f"{need.count} x {kind}"
    )
    return amount + (f" with {', '.join(limits)}" if limits else "")
