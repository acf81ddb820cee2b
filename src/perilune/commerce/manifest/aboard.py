"""What is aboard a flight: its bookings with their payloads and slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perilune.commerce.booking.amounts import MASS
from perilune.commerce.booking.state import Booking
from perilune.commerce.books import Books
from perilune.commerce.manifest.geometry import radius_of
from perilune.commerce.manifest.state import Flight, Slot, Vector
from perilune.commerce.payloads.state import Payload


@dataclass(frozen=True, slots=True)
class Item:
    """A booking aboard; `payload` is None for a booked mass of which nothing else is known yet.

    `slot` is its own, or that of the payload it rides on; None where it has none.
    """

    booking: Booking
    payload: Payload | None
    slot: Slot | None

    @property
    def name(self) -> str:
        """Return what messages call it."""
        return self.booking.payload or self.booking.id

    @property
    def mass_kg(self) -> float:
        """Return its mass: the payload's own where that is known, else what is booked."""
        return self.booking.amounts[MASS] / 1e3 if self.payload is None else self.payload.mass_kg

    @property
    def radius_m(self) -> float:
        """Return the radius of the sphere about it: of its envelope, else of its slot's box."""
        if self.payload is not None and self.payload.envelope_m is not None:
            return radius_of(self.payload.envelope_m)
        return 0.0 if self.slot is None else radius_of(self.slot.box_m)

    @property
    def place_m(self) -> Vector:
        """Return where it stands; only of one with a slot."""
        assert self.slot is not None
        return self.slot.position_m


def bookings_on(books: Books, mission: str) -> Iterable[Booking]:
    """Yield the bookings that hold a part of a mission's flight, in their order."""
    for booking in books.booking.holding.get(mission, ()):
        yield books.booking.by_id[booking]


def aboard(books: Books, flight: Flight, extra: Iterable[Booking] = ()) -> list[Item]:
    """Return what is aboard a flight, with `extra` bookings that are not made yet."""
    bookings = [*bookings_on(books, flight.mission), *extra]
    slots = {slot.id: slot for slot in flight.deck.slots}
    own = {booking.payload: booking.slot for booking in bookings if booking.payload}
    items = []
    for booking in bookings:
        payload = books.payloads.by_id.get(booking.payload)
        carrier = payload.carrier if payload is not None else ""
        slot = booking.slot or own.get(carrier, "")
        items.append(Item(booking, payload, slots.get(slot)))
    return items
