"""Which payload may fly on which flight: the assignment as numbers, before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perilune.commerce.booking.amounts import Amounts, of_payload
from perilune.commerce.booking.desk import left_of
from perilune.commerce.books import Books
from perilune.commerce.manifest.aboard import Item, aboard
from perilune.commerce.manifest.budgets import fits
from perilune.commerce.manifest.geometry import apart_rad
from perilune.commerce.manifest.order import reached
from perilune.commerce.manifest.state import Flight, Slot
from perilune.commerce.payloads.state import Payload


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payload to be assigned: what it needs, and what flying it is worth (a whole number)."""

    payload: Payload
    amounts: Amounts
    worth: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A flight with what is left of it, its free slots, and what is aboard already."""

    flight: Flight
    left: Amounts
    slots: tuple[Slot, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Candidates, offers, and the pairs (candidate, offer) that no single rule forbids.

    `slots` holds, for each pair, the numbers of the free slots that the payload fits; `why` tells of a
    candidate without any pair why that is.
    """

    candidates: tuple[Candidate, ...]
    offers: tuple[Offer, ...]
    pairs: tuple[tuple[int, int], ...]
    slots: Mapping[tuple[int, int], tuple[int, ...]]
    why: Mapping[int, str] = field(default_factory=dict)


def problem_of(
    books: Books, payloads: Sequence[Payload], missions: Sequence[str], worth: Mapping[str, int]
) -> Problem:
    """Return the assignment problem of payloads and missions; worth is by payload, its grams if not said."""
    candidates = []
    for payload in payloads:
        amounts = of_payload(payload)
        candidates.append(Candidate(payload, amounts, worth.get(payload.id, amounts[0])))
    offers = [_offer(books, books.manifest.by_mission[mission]) for mission in missions]
    pairs: list[tuple[int, int]] = []
    slots: dict[tuple[int, int], tuple[int, ...]] = {}
    why: dict[int, str] = {}
    for i, candidate in enumerate(candidates):
        said = [_suits(candidate, offer) for offer in offers]
        for j, (numbers, _) in enumerate(said):
            if numbers is not None:
                pairs.append((i, j))
                slots[i, j] = numbers
        if all(numbers is None for numbers, _ in said):
            why[i] = "; ".join(dict.fromkeys(reason for _, reason in said)) or "no flight is open"
    return Problem(tuple(candidates), tuple(offers), tuple(pairs), slots, why)


def _offer(books: Books, flight: Flight) -> Offer:
    held = books.booking.slots.get(flight.mission, {})
    free = tuple(slot for slot in flight.deck.slots if slot.id not in held)
    return Offer(flight, left_of(books, flight), free, tuple(aboard(books, flight)))


def _suits(candidate: Candidate, offer: Offer) -> tuple[tuple[int, ...] | None, str]:
    """Return the free slots that suit, or None and why the payload may not fly there."""
    payload, flight = candidate.payload, offer.flight
    if not reached(flight, payload):
        return None, f"for the {payload.destination}, where {flight.mission} does not get"
    if payload.ready_on is not None and payload.ready_on > flight.needed_by:
        return None, f"ready on {payload.ready_on}, needed by {flight.needed_by} on {flight.mission}"
    if payload.late_on is not None and payload.late_on < flight.launch_on:
        return None, f"wanted by {payload.late_on}, launch on {flight.launch_on} on {flight.mission}"
    if any(need > have for need, have in zip(candidate.amounts, offer.left, strict=True)):
        return None, f"more than {flight.mission} has left"
    for view in payload.fields_of_view:
        for out in flight.deck.keep_outs:
            if apart_rad(view, out.cone) < 0.0:
                return None, f"looks into the {out.name} of {flight.mission}"
    if any(_forbidden(payload, item) for item in offer.items):
        return None, f"not to fly with what is aboard {flight.mission}"
    if payload.carrier:
        return (), ""
    numbers = tuple(k for k, slot in enumerate(offer.slots) if fits(payload, slot))
    return (numbers, "") if numbers else (None, f"fits no free slot of {flight.mission}")


def _forbidden(payload: Payload, item: Item) -> bool:
    return item.name in payload.apart_from or (
        item.payload is not None and payload.id in item.payload.apart_from
    )
