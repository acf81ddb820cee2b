"""Evidence as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShownMilestone:
    """A milestone of the mission in a piece of evidence: its status, and when it was reached ("" if not)."""

    id: str
    status: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of evidence shows: milestones, the landing's outcome, figures named with their unit."""

    milestones: tuple[ShownMilestone, ...] = ()
    outcome: str = ""
    figures: dict[str, float] = field(default_factory=dict)

    def milestone(self, name: str) -> ShownMilestone | None:
        """Return what is shown of a milestone, None if nothing."""
        return next((shown for shown in self.milestones if shown.id == name), None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kept file that shows something of a mission.

    `digest` is the file's SHA-256; `seen_at` the time of what it shows (`when`), `recorded_at` when the books
    learned of it; `party` who handed it in ("" the house); `superseded_by` the id of a newer piece.
    """

    id: str
    mission: str
    digest: str
    kind: str
    what: str
    found: Found
    seen_at: str
    recorded_at: str
    source: str = ""
    party: str = ""
    superseded_by: str = ""


@dataclass(slots=True)
class EvidenceFile:
    """Pieces of evidence by id; `count` is how many got a number for an id."""

    by_id: dict[str, Evidence] = field(default_factory=dict)
    count: int = 0
