"""Whether evidence fits what a contract's milestone needs; each function answers "" or why not."""

from __future__ import annotations

from perilune.commerce.books import Books
from perilune.commerce.contracts.state import Contract, ContractMilestone, Need
from perilune.commerce.milestones.state import MissionMilestone

#: A milestone of this kind is met by the contract's having been signed.
SIGNATURE = "signature"


def of_mission(books: Books, contract: Contract, need: Need) -> MissionMilestone | None:
    """Return the mission's own milestone that a need names, None if there is none."""
    return books.milestones.by_mission.get(contract.mission, {}).get(need.milestone)


def chosen(books: Books, contract: Contract, need: Need, given: str) -> str:
    """Return the evidence to judge by: what was given, else what the mission's milestone was declared on."""
    found = of_mission(books, contract, need)
    return given or (found.evidence[-1] if found is not None and found.evidence else "")


def proof(books: Books, contract: Contract, need: Need | None, given: str) -> str:
    """Tell whether there is evidence, of the contract's mission, that stands."""
    if need is not None and need.kind == SIGNATURE:
        return ""
    if not given and need is not None and need.milestone:
        return (
            f"{need.milestone!r} of {contract.mission!r} is not declared achieved. "
            "Declare it on evidence first."
        )
    if not given:
        return f"Contract {contract.id!r}: this needs evidence. Record it, then give its id."
    found = books.evidence.by_id.get(given)
    if found is None:
        return f"There is no evidence {given!r}. Record it first."
    if found.mission != contract.mission:
        return (
            f"Evidence {given!r} is of mission {found.mission!r}; "
            f"contract {contract.id!r} is of {contract.mission!r}."
        )
    if found.superseded_by:
        return f"Evidence {given!r} is superseded. Use {found.superseded_by!r}."
    return ""


def unmet(books: Books, contract: Contract, need: Need, given: str) -> str:
    """Tell whether evidence that stands shows all that is needed, but for the day."""
    if need.milestone:
        found = of_mission(books, contract, need)
        if found is None or found.state != "achieved":
            state = "not defined" if found is None else repr(found.state)
            return (
                f"{need.milestone!r} of {contract.mission!r} is {state}, not 'achieved'. "
                "Declare it on evidence first."
            )
    if need.kind == SIGNATURE:
        return ""
    piece = books.evidence.by_id[given]
    if need.milestone and given != chosen(books, contract, need, ""):
        shown = piece.found.milestone(need.milestone)
        if shown is None or shown.status != "achieved":
            return (
                f"Evidence {given!r} does not show {need.milestone!r} achieved. "
                "Leave it out, or give one that does."
            )
    if need.kind and piece.kind != need.kind:
        return f"Evidence {given!r} is of kind {piece.kind!r}; {need.kind!r} is needed."
    if need.outcome and piece.found.outcome != need.outcome:
        shown_outcome = piece.found.outcome or "no landing"
        return f"Evidence {given!r} shows {shown_outcome!r}; {need.outcome!r} is needed."
    for name, least in need.at_least.items():
        figure = piece.found.figures.get(name)
        if figure is None:
            return f"Evidence {given!r} has no figure {name!r}; at least {least:g} is needed."
        if figure < least:
            return f"Evidence {given!r} shows {name} {figure:g}; at least {least:g} is needed."
    return ""


def unmet_part(books: Books, contract: Contract, need: Need, given: str) -> str:
    """Tell whether evidence that stands shows the milestone reached in part."""
    found = of_mission(books, contract, need)
    if found is not None and found.state == "partial":
        return ""
    piece = books.evidence.by_id.get(given)
    if piece is not None and (not need.milestone) and (need.outcome or need.at_least):
        full = unmet(books, contract, need, given)
        return "" if full else f"Evidence {given!r} shows all that is needed. Meet the milestone instead."
    return (
        f"Nothing shows {need.milestone or need.kind!r} reached in part. "
        "Declare it partial on evidence first."
    )


def failure(books: Books, contract: Contract, milestone: ContractMilestone, given: str, on: str) -> str:
    """Tell whether a milestone has failed: its day is past, the mission's did, or evidence shows it."""
    need = milestone.need
    if need.by and on > need.by:
        return ""
    found = of_mission(books, contract, need)
    if found is not None and found.state == "achieved" and not given:
        return (
            f"{need.milestone!r} of {contract.mission!r} is achieved. "
            f"Give evidence that {milestone.id!r} failed."
        )
    if found is not None and found.state in ("failed", "partial"):
        return ""
    if lacking := proof(books, contract, None, given):
        return lacking
    piece = books.evidence.by_id[given]
    shown = piece.found.milestone(need.milestone) if need.milestone else None
    if shown is not None and shown.status != "achieved":
        return ""
    outcome = piece.found.outcome
    if need.outcome and outcome and outcome != need.outcome:
        return ""
    figures = piece.found.figures
    if any(name in figures and figures[name] < least for name, least in need.at_least.items()):
        return ""
    return (
        f"Evidence {given!r} does not show that {milestone.id!r} failed. "
        "Give one that does, or wait for its day."
    )


def happened_at(books: Books, contract: Contract, need: Need, given: str) -> str:
    """Return when what is needed happened, as told: the mission's milestone first, else the evidence."""
    if need.kind == SIGNATURE:
        return contract.signed_at
    found = of_mission(books, contract, need)
    if found is not None and found.achieved_at:
        return found.achieved_at
    return books.evidence.by_id[given].seen_at
