"""Orders and questions about the milestones of missions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.contracts.machine import advance
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.evidence.verbs import evidence
from perilune.commerce.fields import Asked, Day, Id, Name, Text
from perilune.commerce.milestones.state import Declared, MissionMilestone, circle
from perilune.commerce.milestones.table import GUARDS, MILESTONE, Claim, said
from perilune.commerce.plans.verbs import mission
from perilune.commerce.verbs import EVERYONE, Verb, View
from perilune.commerce.when import When, surely_after
from perilune.errors import InputError, NameNotFoundError, RefusedError


class Definition(Asked):
    """A milestone as this mission defines it."""

    id: Id
    name: Name
    after: tuple[Id, ...] = Field((), max_length=100, description="Milestones it cannot be reached without.")


class Define(Asked):
    """The milestones of a mission; definitions differ between missions."""

    mission: Id = Field(description="Stable id of the mission.")
    milestones: tuple[Definition, ...] = Field(min_length=1, max_length=100, description="Its milestones.")


class Declare(Asked):
    """How far a milestone was reached, on which evidence."""

    mission: Id = Field(description="Stable id of the mission.")
    milestone: Id = Field(description="Id of the milestone.")
    status: Literal["achieved", "partial", "failed", "waived", "reopen"] = Field(
        description="What is declared."
    )
    evidence: Id | None = Field(None, description="Id of the evidence that shows it.")
    achieved_at: When | None = Field(None, description="When it was reached [default: as the evidence says].")
    on: Day | None = Field(None, description="The day it was declared [default: now].")
    announced_at: When | None = Field(None, description="When the public was told.")
    note: Text = ""


class Announce(Asked):
    """That the public was told of a milestone."""

    mission: Id = Field(description="Stable id of the mission.")
    milestone: Id = Field(description="Id of the milestone.")
    announced_at: When = Field(description="When the public was told.")


class Assess(Asked):
    """Evidence that is to decide all milestones it speaks of."""

    mission: Id = Field(description="Stable id of the mission.")
    evidence: Id = Field(description="Id of the evidence.")
    on: Day | None = Field(None, description="The day it was declared [default: now].")
    announced_at: When | None = Field(None, description="When the public was told.")


def milestones(books: Books, name: str) -> dict[str, MissionMilestone]:
    """Return the milestones of a mission; refused where none are defined."""
    mission(books, name)
    if name not in books.milestones.by_mission:
        raise RefusedError(
            "state", f"Mission {name!r} has no milestones yet. Define them with milestone define."
        )
    return books.milestones.by_mission[name]


def milestone(books: Books, of: str, name: str) -> MissionMilestone:
    """Return a milestone of a mission; raises `NameNotFoundError`."""
    found = milestones(books, of)
    if name not in found:
        raise NameNotFoundError(f"milestone of {of!r}", name, found)
    return found[name]


def define(books: Books, asked: Define, moment: Moment) -> Decision:
    """Define the milestones of a mission, once."""
    mission(books, asked.mission)
    if moment.party:
        raise RefusedError("authority", f"Milestones are defined by the house, not by {moment.party!r}.")
    if asked.mission in books.milestones.by_mission:
        raise RefusedError("state", f"The milestones of {asked.mission!r} are defined already, and stay so.")
    after = {one.id: one.after for one in asked.milestones}
    if len(after) < len(asked.milestones):
        raise InputError("milestone define: an id stands twice. Name each milestone once.")
    for needed in (name for names in after.values() for name in names):
        if needed not in after:
            raise NameNotFoundError("milestone", needed, after)
    if round_ := circle(after):
        raise InputError(f"milestone define: {', '.join(round_)} need one another in a circle. Break it.")
    return Decision((Draft("milestone.defined", asked.model_dump(mode="json")),), {"mission": asked.mission})


def declare(books: Books, asked: Declare, moment: Moment) -> Decision:
    """Declare how far a milestone was reached."""
    found = milestone(books, asked.mission, asked.milestone)
    others = {one.id: one.state for one in milestones(books, asked.mission).values()}
    draft = _declared(books, found, asked, moment, others)
    return Decision((draft,), {"milestone": asked.milestone, "state": draft.data["state"]})


def announce(books: Books, asked: Announce, moment: Moment) -> Decision:
    """Record that the public was told of a milestone as it is declared."""
    found = milestone(books, asked.mission, asked.milestone)
    if found.state == "planned":
        raise RefusedError(
            "state", f"{found.id!r} of {asked.mission!r} is not declared yet. Declare it first."
        )
    if surely_after(asked.announced_at, moment.at):
        raise RefusedError(
            "time", f"{asked.announced_at} is still to come. Record it once the public is told."
        )
    _told_after(found.id, found.achieved_at, asked.announced_at)
    return Decision((Draft("milestone.announced", asked.model_dump(mode="json")),), {"milestone": found.id})


def _told_after(name: str, reached: str, announced: str) -> None:
    if reached and surely_after(reached, announced):
        raise RefusedError("time", f"{name!r} was announced {announced}, before it was reached ({reached}).")


def assess(books: Books, asked: Assess, moment: Moment) -> Decision:
    """Declare every milestone that a piece of evidence speaks of and that is not settled yet."""
    known = milestones(books, asked.mission)
    shown = evidence(books, asked.evidence).found.milestones
    if not shown:
        raise RefusedError(
            "evidence", f"Evidence {asked.evidence!r} speaks of no milestone. Give one that does."
        )
    others = {one.id: one.state for one in known.values()}
    told = {one.id: said(one.status) for one in shown if milestone(books, asked.mission, one.id)}
    drafts: list[Draft] = []
    for name in _in_order({one.id: one.after for one in known.values()}):
        if name not in told or others[name] not in ("planned", "partial") or others[name] == told[name]:
            continue
        said_of = Declare.model_validate(asked.model_dump() | {"milestone": name, "status": told[name]})
        drafts.append(_declared(books, known[name], said_of, moment, others))
        others[name] = drafts[-1].data["state"]
    if not drafts:
        raise RefusedError("state", f"Evidence {asked.evidence!r} changes no milestone of {asked.mission!r}.")
    return Decision(tuple(drafts), {draft.data["milestone"]: draft.data["state"] for draft in drafts})


def _in_order(after: dict[str, tuple[str, ...]]) -> list[str]:
    placed: list[str] = []
    while len(placed) < len(after):
        placed += [name for name in after if name not in placed and set(after[name]) <= set(placed)]
    return placed


def _declared(
    books: Books, found: MissionMilestone, asked: Declare, moment: Moment, others: dict[str, str]
) -> Draft:
    reopens = asked.status == "reopen"
    proof = found.evidence[-1] if reopens and found.evidence else asked.evidence
    piece = None if proof is None else evidence(books, proof)
    if piece is not None and piece.mission != asked.mission:
        raise RefusedError(
            "evidence", f"Evidence {piece.id!r} is of mission {piece.mission!r}, not {asked.mission!r}."
        )
    shown = None if piece is None else piece.found.milestone(found.id)
    at = asked.achieved_at or ("" if shown is None else shown.at)
    if asked.status == "partial" and piece is not None:
        at = at or piece.seen_at
    if asked.announced_at:
        _told_after(found.id, at, asked.announced_at)
    told = _declared_at(asked, moment)
    claim = Claim(found, asked.status, piece, at, others, moment, told)
    state = advance(MILESTONE, found.state, asked.status, GUARDS, claim, repr(found.id))
    data: dict[str, Any] = {
        "mission": asked.mission,
        "milestone": found.id,
        "state": state,
        "note": asked.note,
    }
    data |= {"evidence": proof or "", "achieved_at": at if state in ("achieved", "partial") else ""}
    data |= {"announced_at": asked.announced_at or "", "declared_at": told}
    return Draft("milestone.declared", data, "" if asked.on is None else told)


def _declared_at(asked: Declare, moment: Moment) -> str:
    """Return the day of the declaration, or the very moment where none is given."""
    if asked.on is None:
        return moment.at
    if asked.on.isoformat() > moment.day:
        raise RefusedError("time", f"{asked.on} is still to come. Give the day on which it was declared.")
    return asked.on.isoformat()


def _defined(books: Books, event: Event) -> None:
    found = {
        one["id"]: MissionMilestone(one["id"], one["name"], tuple(one["after"]))
        for one in event.data["milestones"]
    }
    books.milestones.by_mission[event.data["mission"]] = found


def _apply(books: Books, event: Event) -> None:
    data = event.data
    found = books.milestones.by_mission[data["mission"]]
    old = found[data["milestone"]]
    proofs = old.evidence if data["evidence"] in ("", *old.evidence) else (*old.evidence, data["evidence"])
    found[old.id] = replace(
        old,
        state=data["state"],
        achieved_at=data["achieved_at"],
        announced_at=data["announced_at"],
        declared_at=data["declared_at"],
        evidence=proofs,
        note=data["note"] or old.note,
        declared=(
            *old.declared,
            Declared(data["state"], data["declared_at"], data["achieved_at"], data["evidence"]),
        ),
    )


def _told(books: Books, event: Event) -> None:
    found = books.milestones.by_mission[event.data["mission"]]
    old = found[event.data["milestone"]]
    found[old.id] = replace(old, announced_at=event.data["announced_at"])


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone of a mission in a list."""

    mission: str
    id: str
    name: str
    after: tuple[str, ...]
    state: str
    achieved_at: str
    declared_at: str
    announced_at: str
    evidence: tuple[str, ...]
    note: str


class Listed(Asked):
    """Which milestones."""

    mission: Id | None = Field(None, description="Only those of this mission.")
    as_of: Day | None = Field(None, description="As they were declared until this day [default: now].")
    state: Literal["planned", "achieved", "partial", "failed", "waived"] | None = Field(
        None, description="Only those in this state."
    )


def _rows(books: Books, asked: Listed) -> Iterable[MilestoneRow]:
    for name, found in books.milestones.by_mission.items():
        if asked.mission in (None, name):
            rows = (_row(name, one, asked.as_of) for one in found.values())
            yield from (row for row in rows if asked.state in (None, row.state))


def _row(name: str, one: MissionMilestone, day: datetime.date | None) -> MilestoneRow:
    told = {key: value for key, value in asdict(one).items() if key != "declared"}
    if day is not None:
        then = one.as_of(day.isoformat())
        told |= {"state": then.state, "declared_at": then.at, "achieved_at": then.achieved_at}
        told["evidence"] = (then.evidence,) if then.evidence else ()
        if one.announced_at[:10] > day.isoformat():
            told["announced_at"] = ""
    return MilestoneRow(mission=name, **told)


def _announced(row: MilestoneRow) -> tuple[str, ...]:
    """Return who sees a milestone: everyone once the public was told, before that only the house."""
    return (EVERYONE,) if row.announced_at else ()


VERBS: Final = (
    Verb("milestone", "define", Define, define, "milestone:write", "Define a mission's milestones."),
    Verb("milestone", "declare", Declare, declare, "milestone:write", "Declare a milestone on evidence."),
    Verb("milestone", "announce", Announce, announce, "milestone:write", "Record that the public was told."),
    Verb("milestone", "assess", Assess, assess, "milestone:write", "Declare all that evidence shows."),
)
VIEWS: Final = (
    View(
        "milestone", "list", Listed, _rows, MilestoneRow, "milestone:read", "List the milestones.", _announced
    ),
)
APPLIED: Final = {"milestone.defined": _defined, "milestone.declared": _apply, "milestone.announced": _told}
