"""Milestones of missions as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared of a milestone, on which day or at which moment (UTC), and when it was reached."""

    state: str
    at: str
    achieved_at: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class MissionMilestone:
    """A milestone of a mission; `after` names those it cannot be reached without.

    `achieved_at` is when it was reached (`when`), `declared_at` when the house declared it (a day, or the
    moment of recording), `announced_at` when the public was told; "" where it was not. `evidence` are ids,
    the deciding one last.
    """

    id: str
    name: str
    after: tuple[str, ...] = ()
    state: str = "planned"
    achieved_at: str = ""
    declared_at: str = ""
    announced_at: str = ""
    evidence: tuple[str, ...] = ()
    note: str = ""
    declared: tuple[Declared, ...] = ()

    def as_of(self, day: str) -> Declared:
        """Return what was declared until the end of a day (UTC); "planned" before anything was."""
        told = [one for one in self.declared if one.at[:10] <= day]
        return told[-1] if told else Declared("planned", "", "")


@dataclass(slots=True)
class Milestones:
    """Milestones by mission and id, in the order in which they were defined."""

    by_mission: dict[str, dict[str, MissionMilestone]] = field(default_factory=dict)


def circle(after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return milestones that need one another in a circle; nothing where each can be reached.

    >>> circle({"a": (), "b": ("a",)}), circle({"a": ("b",), "b": ("a",), "c": ()})
    ((), ('a', 'b'))
    """
    left = dict(after)
    while ready := [name for name, needed in left.items() if not set(needed) & set(left)]:
        for name in ready:
            del left[name]
    return tuple(left)
