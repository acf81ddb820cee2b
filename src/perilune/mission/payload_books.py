"""Between the books and a flight: what is booked is flown, and what was flown is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perilune.commerce.booking.amounts import MASS
from perilune.commerce.booking.desk import flight_of
from perilune.commerce.booking.state import Booking
from perilune.commerce.books import Books
from perilune.commerce.manifest.aboard import bookings_on
from perilune.mission.payload_flight import Aboard, PayloadFlight


def payloads_booked(books: Books, mission: str) -> list[Aboard]:
    """Return what is booked on a mission's flight, as it is flown. Raises `NameNotFoundError`."""
    flight_of(books, mission)
    return [as_flown(books, booking) for booking in bookings_on(books, mission)]


def as_flown(books: Books, booking: Booking) -> Aboard:
    """Return a booking as it is flown: with the mass it holds."""
    payload = books.payloads.by_id.get(booking.payload)
    leaves = payload is not None and payload.deployment == "orbit"
    name = booking.id if payload is None else payload.name
    return Aboard(name, booking.amounts[MASS] / 1e3, booking.party, leaves)


def flown_order(books: Books, mission: str, flight: PayloadFlight) -> dict[str, Any]:
    """Return what the order `manifest flown` asks, to record a flight of what is booked now."""
    landing = flight.delivery.landing
    bookings: Sequence[str] = sorted(booking.id for booking in bookings_on(books, mission))
    return {
        "mission": mission,
        "digest": flight.digest,
        "plan": flight.delivery.provenance.plan_digest,
        "outcome": flight.delivery.outcome.value,
        "payload_mass_kg": flight.payload_mass_kg,
        "bookings": list(bookings),
        "propellant_left_kg": landing.propellant_left_kg,
        "vertical_speed_m_s": landing.vertical_speed_m_s,
        "figure": flight.figure,
    }
