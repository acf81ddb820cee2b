"""Missions as planned: the versions of each plan by the day they were told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """What was told of a mission on the day `as_of`, and where; `launch` as `launch.window` reads it."""

    as_of: str
    name: str
    launch: str
    vehicle: str
    status: str
    source: str
    confidence: str = "published"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission under its stable id; its versions stand in the order of their days."""

    id: str
    versions: tuple[PlanVersion, ...]

    def as_of(self, day: str) -> PlanVersion | None:
        """Return the version in force on a day ("" is the newest), None before it was announced."""
        told = [version for version in self.versions if not day or version.as_of <= day]
        return told[-1] if told else None


@dataclass(slots=True)
class Plans:
    """Missions by their stable ids."""

    by_id: dict[str, Mission] = field(default_factory=dict)
