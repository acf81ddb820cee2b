"""What happened in a landing: events in order, and a few sentences from the first cause to the outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.report.replay import Replay, Table
from perilune.report.words import number

#: Sensors that measure a height.
ALTIMETERS = ("laser", "radar")
ACCEPTED, REJECTED, ISOLATED, REACQUIRED, UNUSED, INVALID = range(1, 7)
_VALID = 1
#: Rejections shorter than this are the gate's daily work, s.
_RUN_OF_REJECTIONS_S = 0.5
#: So many verdicts of one sensor are told one by one.
_MOST_EVENTS = 24


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `t_s` after the base epoch; `style` colours it (`good`, `half`, `bad`)."""

    t_s: float
    words: str
    style: str = "muted"


def altimeters(replay: Replay) -> tuple[int, ...]:
    """Return the numbers of the sensors that measure heights."""
    return tuple(index for index, (_, kind) in enumerate(replay.facts.sensors) if kind in ALTIMETERS)


def heights_measured(replay: Replay) -> Table:
    """Return the deliveries of all altimeters."""
    mine = np.isin(replay.measurements["sensor"], altimeters(replay))
    return {name: column[mine] for name, column in replay.measurements.items()}


def measured_heights(mine: Table) -> NDArray[np.float64]:
    """Return the height (n,) in m each range stands for: the true height, as the range is to the true range.

    So the slant of the beam needs no attitude, and a range that is 3 % too long shows a height 3 % too large.
    """
    true = np.where(mine["true_value"] > 0.0, mine["true_value"], math.nan)
    found = mine["height_m"] * mine["value"] / true
    return np.asarray(np.where(mine["verdict"] == INVALID, math.nan, found))


def at(replay: Replay, column: str, t_s: float) -> float:
    """Return a state's value at a time, between the logged ones."""
    return float(np.interp(t_s, replay.states["t_s"], replay.states[column]))


def events(replay: Replay) -> tuple[Event, ...]:
    """Return what happened, in order of time."""
    found = [*_phases(replay), *_altimetry(replay), *_endings(replay)]
    return tuple(sorted(found, key=lambda event: event.t_s))


def _phases(replay: Replay) -> Iterator[Event]:
    phase, t_s = replay.states["phase"], replay.states["t_s"]
    names = replay.facts.phases
    for i in np.flatnonzero(np.diff(phase, prepend=math.nan) != 0.0):
        code = int(phase[i])
        name = names[code] if code < len(names) else f"phase {code}"
        height = number(float(replay.states["true_height_m"][i]), 0, "m")
        yield Event(float(t_s[i]), f"{name.replace('_', ' ')} at {height} true height")


def _altimetry(replay: Replay) -> Iterator[Event]:
    seen = heights_measured(replay)
    valid = np.flatnonzero(seen["status"] == _VALID)
    if valid.size:
        t_s = float(seen["t_s"][valid[0]])
        height = number(at(replay, "true_height_m", t_s), 0, "m")
        yield Event(t_s, f"first valid altimeter reading, {height} above the ground")
    for index in altimeters(replay):
        name = replay.facts.sensors[index][0]
        found = list(_verdicts(replay.sensor(index)))
        for event in found[:_MOST_EVENTS]:
            yield Event(event.t_s, f"{name} {event.words}", event.style)
        if len(found) > _MOST_EVENTS:
            more = len(found) - _MOST_EVENTS
            yield Event(found[_MOST_EVENTS].t_s, f"{name}: {more} more such events from here on", "half")


def _verdicts(mine: Table) -> Iterator[Event]:
    """Yield when readings were first accepted, rejected for long, isolated and taken up again."""
    judged = _judged(mine)
    t_s, verdict = judged["t_s"], judged["verdict"]
    accepted = np.flatnonzero((verdict == ACCEPTED) | (verdict == REACQUIRED))
    if accepted.size:
        yield Event(float(t_s[accepted[0]]), "first accepted", "good")
    for first, last in _stretches(verdict == REJECTED):
        if t_s[last] - t_s[first] >= _RUN_OF_REJECTIONS_S:
            off = number(abs(float(judged["residual"][first])), 0, "m")
            lasted = number(float(t_s[last] - t_s[first]), 1, "s")
            yield Event(float(t_s[first]), f"rejected by the gate for {lasted}, {off} off at first", "half")
    for first, _ in _stretches(verdict == ISOLATED):
        yield Event(float(t_s[first]), "isolated: no longer listened to", "bad")
    for first, _ in _stretches(verdict == REACQUIRED):
        if t_s[first] > t_s[accepted[0]]:
            yield Event(float(t_s[first]), "taken up again, the height corrected", "good")


def _judged(mine: Table) -> Table:
    """Return the readings that carried a value the policy judged: an invalid one ends no stretch."""
    told = (mine["verdict"] != 0.0) & (mine["verdict"] != INVALID)
    return {name: column[told] for name, column in mine.items()}


def _stretches(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last index of each stretch that is true.

    >>> _stretches(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    edges = np.diff(np.concatenate([[False], inside, [False]]).astype(int))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _endings(replay: Replay) -> Iterator[Event]:
    row, states = replay.row, replay.states
    zero = np.flatnonzero((states["height_m"] < 2.0) & (states["true_height_m"] > 20.0))
    if zero.size:
        height = number(float(states["true_height_m"][zero[0]]), 0, "m")
        yield Event(float(states["t_s"][zero[0]]), f"estimate at the ground, {height} too early", "bad")
    if _known(row, "dry_s"):
        height = number(row.get("dry_height_m"), 0, "m")
        yield Event(row["dry_s"], f"propellant gone at {height}", "bad")
    end_s = row["end_s"] if _known(row, "end_s") else float(states["t_s"][-1])
    style = "good" if replay.facts.outcome == "landed" else "bad"
    yield Event(end_s, f"{replay.facts.outcome.replace('_', ' ')}: {_touchdown(replay)}", style)


def _known(row: Mapping[str, float], name: str) -> bool:
    value = row.get(name, math.nan)
    return math.isfinite(value) and value >= 0.0


def _touchdown(replay: Replay) -> str:
    row = replay.row
    down, aside = number(row.get("vertical_m_s"), 2, "m/s"), number(row.get("horizontal_m_s"), 2, "m/s")
    tilt = number(math.degrees(row.get("tilt_rad", math.nan)), 1)
    return f"{down} down, {aside} sideways, tilt {tilt}\u00b0"


def story(replay: Replay) -> str:
    """Return the run in a few sentences."""
    return " ".join(sentence for sentence in _sentences(replay) if sentence)


def _sentences(replay: Replay) -> Iterator[str]:
    row, facts = replay.row, replay.facts
    if facts.faults:
        yield f"Faults of this run: {'; '.join(facts.faults)}."
    yield _first_sight(replay)
    yield _rejection(replay)
    if _known(row, "zero_height_m") and row["zero_height_m"] > 20.0:
        yield (
            f"The estimate reached the ground while the lander was still {_height(row['zero_height_m'])} "
            f"above it."
        )
    if _known(row, "dry_s"):
        fall = (
            f", and it fell freely for {number(row['free_fall_s'], 0, 's')}"
            if _known(row, "free_fall_s") and row["free_fall_s"] > 0.0
            else ""
        )
        yield f"Propellant was gone at {_height(row['dry_height_m'])}{fall}."
    yield _ending(replay)


def _first_sight(replay: Replay) -> str:
    row = replay.row
    if not _known(row, "valid_height_m"):
        return "No altimeter ever gave a valid reading." if altimeters(replay) else ""
    return (
        f"The first valid altimeter reading came {_height(row['valid_height_m'])} above the ground "
        f"at {number(row.get('valid_speed_m_s'), 0, 'm/s')}."
    )


def _rejection(replay: Replay) -> str:
    """Return the story of the longest stretch of rejections, and how it ended."""
    best: tuple[float, int, int, int] | None = None
    for index in altimeters(replay):
        mine = _judged(replay.sensor(index))
        for first, last in _stretches(mine["verdict"] == REJECTED):
            lasted_s = float(mine["t_s"][last] - mine["t_s"][first])
            if best is None or lasted_s > best[0]:
                best = (lasted_s, index, first, last)
    if best is None or best[0] < _RUN_OF_REJECTIONS_S:
        return ""
    lasted_s, index, first, last = best
    mine, name = _judged(replay.sensor(index)), replay.facts.sensors[index][0]
    start_s = float(mine["t_s"][first])
    up = _height(at(replay, "true_height_m", start_s))
    words = (
        f"{number(start_s, 0, 's')} after the planned ignition, {up} up, "
        f"the gate began to reject the {name} ({number(abs(float(mine['residual'][first])), 0, 'm')} off)"
    )
    after = mine["verdict"][last + 1 :]
    if after.size and after[0] == ISOLATED:
        return f"{words}; after {number(lasted_s, 1, 's')} the sensor was isolated."
    if after.size and after[0] in (ACCEPTED, REACQUIRED):
        return f"{words}; after {number(lasted_s, 1, 's')} its readings were taken up again."
    return f"{words}, for {number(lasted_s, 1, 's')}."


def _height(height_m: float) -> str:
    return number(height_m, 1, "km", 1e-3) if height_m >= 1000.0 else number(height_m, 0, "m")


def _ending(replay: Replay) -> str:
    facts, row = replay.facts, replay.row
    if facts.outcome == "landed":
        return f"It landed {number(row.get('miss_m'), 0, 'm')} from the site: {_touchdown(replay)}."
    why = "" if facts.first_cause in ("", "none") else f"; first cause: {facts.first_cause}"
    verb = {"hard_landing": "It landed hard", "tipped_over": "It tipped over"}.get(
        facts.outcome, "It hit the ground" if "vertical_m_s" in row else "It was lost"
    )
    return f"{verb}: {_touchdown(replay)}{why}."
