"""How far a milestone of a mission is, as a table of states, and the guards of its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from perilune.commerce.contracts.machine import Machine, Row
from perilune.commerce.event import Moment
from perilune.commerce.evidence.state import Evidence
from perilune.commerce.milestones.state import MissionMilestone
from perilune.commerce.when import surely_after

_ACHIEVE: Final = (
    "authority.house",
    "evidence.current",
    "evidence.shows",
    "evidence.after-done",
    "time.happened",
)
_PARTLY: Final = ("authority.house", "evidence.current", "evidence.shows", "time.happened")
_FAIL: Final = ("authority.house", "evidence.current", "evidence.shows")

#: Orders are the states that are declared, and "reopen" where the evidence was superseded.
MILESTONE: Final = Machine(
    "milestone",
    "planned",
    (
        Row("planned", "achieved", _ACHIEVE, "achieved"),
        Row("planned", "partial", _PARTLY, "partial"),
        Row("planned", "failed", _FAIL, "failed"),
        Row("planned", "waived", ("authority.house",), "waived"),
        Row("partial", "achieved", _ACHIEVE, "achieved"),
        Row("partial", "failed", _FAIL, "failed"),
        *(
            Row(state, "reopen", ("authority.house", "evidence.superseded"), "planned")
            for state in ("achieved", "partial", "failed")
        ),
    ),
)

#: What evidence says, and what may be declared on it.
_SAID: Final = {"achieved": "achieved", "partial": "partial", "failed": "failed", "not achieved": "failed"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is declared of a milestone, on which evidence; `others` are the states of all its mission's."""

    milestone: MissionMilestone
    status: str
    evidence: Evidence | None
    achieved_at: str
    others: Mapping[str, str]
    moment: Moment
    declared_at: str


def said(status: str) -> str:
    """Return what a status in evidence means for the books: "not achieved" is "failed"."""
    return _SAID[status]


def _house(claim: Claim) -> str:
    party = claim.moment.party
    return f"Milestones are declared by the house, not by {party!r}." if party else ""


def _current(claim: Claim) -> str:
    found = claim.evidence
    if found is None:
        return f"{claim.milestone.id} cannot be {claim.status!r} without evidence. Record it and give its id."
    if found.superseded_by:
        return f"Evidence {found.id!r} is superseded. Use {found.superseded_by!r}."
    return ""


def _shows(claim: Claim) -> str:
    assert claim.evidence is not None
    shown = claim.evidence.found.milestone(claim.milestone.id)
    if shown is None:
        return (
            f"Evidence {claim.evidence.id!r} says nothing of {claim.milestone.id!r}. Give evidence that does."
        )
    if said(shown.status) != claim.status:
        return (
            f"Evidence {claim.evidence.id!r} shows {claim.milestone.id!r} {shown.status!r}, not "
            f"{claim.status!r}. Declare what it shows, or record what supersedes it."
        )
    return ""


def _after_done(claim: Claim) -> str:
    missing = [name for name in claim.milestone.after if claim.others[name] not in ("achieved", "waived")]
    if not missing:
        return ""
    return (
        f"{claim.milestone.id!r} cannot be reached without {', '.join(missing)}. Declare "
        f"{'them' if len(missing) > 1 else 'it'} first."
    )


def _happened(claim: Claim) -> str:
    if not claim.achieved_at:
        return f"It is not said when {claim.milestone.id!r} was reached. Give achieved_at."
    if surely_after(claim.achieved_at, claim.declared_at):
        return f"{claim.achieved_at} is still to come. Declare a milestone once it is reached."
    return ""


def _superseded(claim: Claim) -> str:
    if claim.evidence is None or not claim.evidence.superseded_by:
        return f"The evidence for {claim.milestone.id!r} stands. Record what supersedes it first."
    return ""


GUARDS: Final[Mapping[str, Callable[[Claim], str]]] = {
    "authority.house": _house,
    "evidence.current": _current,
    "evidence.shows": _shows,
    "evidence.after-done": _after_done,
    "evidence.superseded": _superseded,
    "time.happened": _happened,
}
