"""Orders and questions about flights and their manifests."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from perilune.commerce.booking.amounts import available, told
from perilune.commerce.booking.capacity import Capacity, left
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.manifest import asked as say
from perilune.commerce.manifest.capacities import capacity
from perilune.commerce.manifest.state import Flight
from perilune.commerce.verbs import EVERYONE, Verb, View
from perilune.errors import RefusedError

_FLIGHT: Final = TypeAdapter(Flight)
#: Integration of payloads ends so long before launch: five months (Peregrine's guide, second-hand).
_INTEGRATION: Final = datetime.timedelta(days=150)
#: What is given back of what was paid, by days until payloads are needed: the house's rule, assumed.
_REFUNDS: Final = ((365, 10_000), (180, 5_000), (0, 2_500))


@dataclass(frozen=True, slots=True)
class FlightRow:
    """A flight and what is left of it, in SI."""

    mission: str
    vehicle: str
    launch_on: datetime.date
    needed_by: datetime.date
    mass_kg: float
    left: Capacity


def open_(books: Books, asked: say.Open, moment: Moment) -> Decision:  # noqa: ARG001
    """Open a flight for bookings, with what its vehicle has room for."""
    if asked.mission in books.manifest.by_mission:
        raise RefusedError(
            "state", f"Mission {asked.mission!r} has a flight already. Slip or revise that one."
        )
    needed_by = asked.needed_by or asked.launch_on - _INTEGRATION
    if needed_by > asked.launch_on:
        raise RefusedError(
            "time",
            f"Payloads needed by {needed_by} would come after the launch on {asked.launch_on}. Change one.",
        )
    flight = _flight(asked, needed_by)
    data = _FLIGHT.dump_python(flight, mode="json")
    return Decision(
        (Draft("flight.opened", data),), {"mission": flight.mission, "mass": told(0, flight.limits[0])}
    )


def _flight(asked: say.Open, needed_by: datetime.date) -> Flight:
    known = capacity(asked.vehicle)
    most_kg = known.value("mass")
    mass_kg = asked.mass_kg if asked.mass_kg is not None else most_kg
    bound = known.figures["mass"].value is not None
    if bound and mass_kg > most_kg:
        raise RefusedError(
            "capacity",
            f"{known.vehicle} carries {most_kg:g} kg, and {mass_kg:g} kg is asked. Ask for at most that.",
        )
    limits = available(
        mass_kg,
        known.value("volume"),
        known.by_phase("power"),
        known.by_phase("rate"),
        asked.places if asked.places is not None else len(known.deck.slots),
    )
    refunds = (
        _REFUNDS
        if asked.refunds is None
        else tuple(sorted(((step.days, step.share_bp) for step in asked.refunds), reverse=True))
    )
    return Flight(asked.mission, known.vehicle, limits, known.deck, asked.launch_on, needed_by, refunds)


def _opened(books: Books, event: Event) -> None:
    flight = _FLIGHT.validate_python(dict(event.data))
    books.manifest.by_mission[flight.mission] = flight


def _flights(books: Books, asked: say.Shown) -> Iterable[FlightRow]:
    for mission, flight in books.manifest.by_mission.items():
        if asked.mission in ("", mission):
            yield FlightRow(
                mission,
                flight.vehicle,
                flight.launch_on,
                flight.needed_by,
                flight.limits[0] / 1e3,
                left(books, mission),
            )


VERBS: Final = (Verb("manifest", "open", say.Open, open_, "manifest:write", "Open a flight for bookings."),)
VIEWS: Final = (
    View("manifest", "list", say.Shown, _flights, FlightRow, "manifest:read",
         "List flights and what is left.", seen_by=lambda row: (EVERYONE,)),  # noqa: ARG005
)  # fmt: skip
APPLIED: Final = {"flight.opened": _opened}
