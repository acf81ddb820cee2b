"""What must hold before a regolith contract goes on: each guard of `terms` as a question with its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.event import Moment
from perilune.commerce.evidence.state import Evidence
from perilune.commerce.ledger.invoices import open_of
from perilune.commerce.resources.geometry import distance_m, inside, is_covariance, largest_sigma_m
from perilune.commerce.resources.state import Agreement, Licence, Place, Sample
from perilune.commerce.when import surely_after


@dataclass(frozen=True, slots=True)
class Case:
    """A contract, the order given on it, and what the order brings along."""

    books: Books
    agreement: Agreement
    moment: Moment
    day: str
    evidence: Evidence | None = None
    licence: Licence | None = None
    sample: Sample | None = None
    agreed_by: str = ""


def _buyer(case: Case) -> str:
    buyer = case.agreement.buyer
    return "" if case.moment.party == buyer else f"Only the buyer {buyer!r} may do that. Act for it."


def _seller(case: Case) -> str:
    seller = case.agreement.seller
    return "" if case.moment.party in ("", seller) else f"Only the seller {seller!r} may do that. Act for it."


def _party_to_it(case: Case) -> str:
    sides = (case.agreement.buyer, case.agreement.seller)
    return "" if case.moment.party in ("", *sides) else f"Only {sides[0]!r} or {sides[1]!r} may do that."


def _both(case: Case) -> str:
    sides = {case.agreement.buyer, case.agreement.seller}
    present = {case.moment.party or case.agreement.seller, case.agreed_by}
    return "" if present == sides else f"Both {' and '.join(sorted(sides))} must agree: name the other side."


def _licensed(case: Case) -> str:
    held = case.licence
    if held is None or held.state != "granted":
        return f"Licence {held.id if held else ''!r} is {held.state if held else 'missing'}, not granted."
    if held.holder != case.agreement.seller:
        return f"Licence {held.id!r} is personal to {held.holder!r}; {case.agreement.seller!r} needs its own."
    if held.mission != case.agreement.mission:
        return f"Licence {held.id!r} is for mission {held.mission!r}, not {case.agreement.mission!r}."
    return ""


def _in_force(case: Case) -> str:
    held = case.books.resources.licences.get(case.agreement.licence)
    if held is None:
        return "No licence is attached: `perilune resource authorise` first; nobody may collect without one."
    if held.state != "granted":
        return f"Licence {held.id!r} is {held.state}; nothing may be collected under it."
    if not held.valid_from <= case.day <= held.valid_until:
        return f"Licence {held.id!r} holds from {held.valid_from} to {held.valid_until}, not on {case.day}."
    return ""


def _within_plan(case: Case) -> str:
    out_of_force = _in_force(case)
    held = case.books.resources.licences.get(case.agreement.licence)
    if out_of_force or held is None or case.sample is None:
        return out_of_force or "Nothing was collected."
    if case.sample.method not in held.methods:
        return f"The plan allows {', '.join(held.methods)}; not {case.sample.method!r}."
    if held.area is None:
        return f"Licence {held.id!r} names no area. Have it granted with one before collecting."
    if not inside(held.area, case.sample.place):
        return _outside(held, case.sample.place)
    day = case.sample.collected_at[:10]
    if not held.valid_from <= day <= held.valid_until:
        return f"Licence {held.id!r} holds from {held.valid_from} to {held.valid_until}, not on {day}."
    return ""


def _outside(held: Licence, place: Place) -> str:
    area = held.area
    away_m = distance_m(area, place) if area else 0.0
    radius_m = area.radius_m if area else 0.0
    return (
        f"The sample lay {away_m:,.0f} m from the middle of the approved area, known to "
        f"{largest_sigma_m(place):,.1f} m; three of that must stay within its {radius_m:,.0f} m."
    )


def _seen(case: Case, told: str) -> str:
    if case.evidence is None:
        return f"Give the evidence that shows {told}."
    if case.evidence.mission != case.agreement.mission:
        return (
            f"Evidence {case.evidence.id!r} is of mission {case.evidence.mission!r}, "
            f"not of {case.agreement.mission!r}."
        )
    if case.evidence.superseded_by:
        return f"Evidence {case.evidence.id!r} is superseded by {case.evidence.superseded_by!r}. Use that."
    return ""


def _reviewed(case: Case) -> str:
    missing = _seen(case, "the review")
    if missing or case.evidence is None:
        return missing
    kind = case.evidence.kind
    return (
        "" if kind in ("review", "statement") else f"Evidence {case.evidence.id!r} is a {kind}, not a review."
    )


def _launched(case: Case) -> str:
    return _achieved(case, "success-2", "the launch and separation")


def _landed(case: Case) -> str:
    missing = _achieved(case, "success-9", "the landing")
    if missing or case.evidence is None:
        return missing
    outcome = case.evidence.found.outcome
    return (
        "" if outcome in ("", "landed") else f"Evidence {case.evidence.id!r} shows {outcome!r}, no landing."
    )


def _achieved(case: Case, milestone: str, told: str) -> str:
    missing = _seen(case, told)
    if missing or case.evidence is None:
        return missing
    shown = case.evidence.found.milestone(milestone)
    if shown is None or shown.status != "achieved":
        state = shown.status if shown else "not shown"
        return f"Evidence {case.evidence.id!r}: {milestone} is {state}; {told} must be achieved."
    return ""


def _failed(case: Case) -> str:
    missing = _seen(case, "the failure")
    if missing or case.evidence is None:
        return missing
    landing = case.evidence.found.milestone("success-9")
    lost = landing is not None and landing.status in ("failed", "not achieved", "partial")
    ended = case.evidence.found.outcome not in ("", "landed")
    if lost or ended or case.evidence.kind in ("review", "inspection"):
        return ""
    return f"Evidence {case.evidence.id!r} does not show that anything failed."


def _shown(case: Case) -> str:
    sample, agreement = case.sample, case.agreement
    if sample is None:
        return "Nothing was collected."
    if not is_covariance(sample.place):
        return "The covariance of the place is none: its determinant must be above zero."
    if len(set(sample.imagery)) < len(sample.imagery):
        return "One image is named twice. Name each once."
    if not agreement.least_mg <= sample.mass_mg <= agreement.most_mg:
        return (
            f"{sample.mass_mg / 1000:g} g were collected; the contract is for {agreement.least_mg / 1000:g} "
            f"to {agreement.most_mg / 1000:g} g."
        )
    return ""


def _own(case: Case) -> str:
    used = case.books.resources.imagery
    taken = [digest for digest in (case.sample.imagery if case.sample else ()) if digest in used]
    if taken:
        return f"Image {taken[0][:12]}… shows another sample already: no material is sold twice."
    return ""


def _on_surface(case: Case) -> str:
    sample = case.sample
    if sample is None:
        return "Nothing was collected."
    if surely_after(sample.collected_at, case.moment.at):
        return f"{sample.collected_at} is still to come."
    if surely_after(case.agreement.awarded_on, sample.collected_at):
        return f"The sample is of {sample.collected_at}, before the award on {case.agreement.awarded_on}."
    landed = list(_landings(case))
    if landed and all(surely_after(at, sample.collected_at) for at in landed):
        return f"The sample is of {sample.collected_at}, before the landing on {min(landed)}."
    return ""


def _landings(case: Case) -> Iterator[str]:
    """Yield when the mission landed, by each piece of evidence that tells."""
    for one in case.books.evidence.by_id.values():
        shown = one.found.milestone("success-9")
        of_mission = one.mission == case.agreement.mission and not one.superseded_by
        if of_mission and shown is not None and shown.status == "achieved" and shown.at:
            yield shown.at


def _whole(case: Case) -> str:
    return "" if case.agreement.sample is not None else "Nothing was collected yet."


def _enough(case: Case) -> str:
    return "" if case.agreement.submitted else "Nothing was submitted for the buyer to verify."


def _free(case: Case) -> str:
    lot = case.books.resources.lots.get(case.agreement.lot)
    if lot is None:
        return "There is no lot to hand over."
    if lot.disputed_by:
        return f"Lot {lot.id!r} is disputed by {lot.disputed_by!r}: no title passes before that has ended."
    if lot.owner != case.agreement.seller or lot.parts:
        return f"Lot {lot.id!r} belongs to {lot.owner!r} already: no title passes twice."
    return ""


def _paid(case: Case) -> str:
    for payment in case.agreement.payments:
        found = case.books.ledger.invoices.get(payment.invoice)
        if payment.invoice and (found is None or open_of(found).minor > 0):
            return f"Invoice {payment.invoice} is not paid in full."
    return ""


def _term_over(case: Case) -> str:
    if case.day > case.agreement.term:
        return ""
    return f"The contract runs until {case.agreement.term}; on {case.day} it does not expire."


GUARDS: Final[dict[str, Callable[[Case], str]]] = {
    "authority.buyer": _buyer,
    "authority.seller": _seller,
    "authority.party-to-it": _party_to_it,
    "authority.both": _both,
    "authority.licensed": _licensed,
    "authority.licence-in-force": _in_force,
    "authority.within-plan": _within_plan,
    "evidence.reviewed": _reviewed,
    "evidence.launched": _launched,
    "evidence.landed": _landed,
    "evidence.failed": _failed,
    "evidence.shown": _shown,
    "evidence.own": _own,
    "evidence.whole": _whole,
    "evidence.enough": _enough,
    "time.on-surface": _on_surface,
    "time.term-over": _term_over,
    "title.free": _free,
    "balance.paid": _paid,
}
