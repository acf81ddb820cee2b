"""Orders and questions about flights and their manifests."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import TypeAdapter

from perilune.commerce.booking.amounts import (
    MASS,
    NOTHING,
    PLACES,
    available,
    beyond,
    capacity_grams,
    grams,
    told,
)
from perilune.commerce.booking.capacity import left
from perilune.commerce.booking.desk import flight_of
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.manifest import asked as say
from perilune.commerce.manifest.aboard import aboard
from perilune.commerce.manifest.assigning import assign, assigned
from perilune.commerce.manifest.capacities import Capacity as VehicleCapacity
from perilune.commerce.manifest.capacities import capacity
from perilune.commerce.manifest.finding import Finding
from perilune.commerce.manifest.rows import (
    AboardRow,
    InterfaceRow,
    capacities,
    checked,
    interfaces,
    shown,
)
from perilune.commerce.manifest.state import Flight, Flown
from perilune.commerce.verbs import EVERYONE, Verb, View
from perilune.errors import RefusedError

_FLIGHT: Final = TypeAdapter(Flight)
_FLOWN: Final = TypeAdapter(Flown)
#: Integration of payloads ends so long before launch: five months (Peregrine's guide, second-hand).
_INTEGRATION: Final = datetime.timedelta(days=150)
#: What is given back of what was paid, by days until payloads are needed: the house's rule, assumed.
_REFUNDS: Final = ((365, 10_000), (180, 5_000), (0, 2_500))


@dataclass(frozen=True, slots=True)
class FlightRow:
    """A flight and what is left of it; power and data rate are the least of all phases."""

    mission: str
    vehicle: str
    launch_on: datetime.date
    needed_by: datetime.date
    mass_kg: float
    left_mass_kg: float
    left_volume_m3: float
    left_power_w: float
    left_rate_bit_s: float
    left_places: int
    free_slots: tuple[str, ...]


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
    mass_kg = asked.mass_kg if asked.mass_kg is not None else known.value("mass")
    _carried(known, mass_kg)
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


def _carried(known: VehicleCapacity, mass_kg: float) -> None:
    """Refuse more than the vehicle carries; of one with only a lower bound nobody knows."""
    most_kg = known.figures["mass"].value
    if most_kg is not None and mass_kg > most_kg:
        raise RefusedError(
            "capacity",
            f"{known.vehicle} carries {most_kg:g} kg, and {mass_kg:g} kg is asked. Ask for at most that.",
        )


def _opened(books: Books, event: Event) -> None:
    flight = _FLIGHT.validate_python(dict(event.data))
    books.manifest.by_mission[flight.mission] = flight


def _flights(books: Books, asked: say.Shown) -> Iterable[FlightRow]:
    for mission, flight in books.manifest.by_mission.items():
        if asked.mission in ("", mission):
            room = left(books, mission)
            yield FlightRow(
                mission=mission,
                vehicle=flight.vehicle,
                launch_on=flight.launch_on,
                needed_by=flight.needed_by,
                mass_kg=flight.limits[MASS] / 1e3,
                left_mass_kg=room.mass_kg,
                left_volume_m3=room.volume_m3,
                left_power_w=room.power_w,
                left_rate_bit_s=room.rate_bit_s,
                left_places=room.places,
                free_slots=room.slots,
            )


def revise(books: Books, asked: say.Revise, moment: Moment) -> Decision:  # noqa: ARG001
    """Change what a flight has room for; what is held already stays within it."""
    flight = flight_of(books, asked.mission)
    limits = list(flight.limits)
    if asked.mass_kg is not None:
        limits[MASS] = capacity_grams(asked.mass_kg)
        _carried(capacity(flight.vehicle), asked.mass_kg)
    if asked.places is not None:
        limits[PLACES] = asked.places
    if tuple(limits) == flight.limits:
        raise RefusedError(
            "state", f"Mission {asked.mission!r} has that already. Say what changes, as --mass."
        )
    short = beyond(books.booking.used.get(asked.mission, NOTHING), limits)
    if short is not None:
        k, held, most = short
        raise RefusedError(
            "capacity",
            f"Of mission {asked.mission!r} {told(k, held)} would be held, and only {told(k, most)} there. "
            "Rebook or cancel a booking first.",
        )
    data = {"mission": asked.mission, "limits": limits}
    return Decision(
        (Draft("flight.revised", data),), {"mission": asked.mission, "mass": told(MASS, limits[MASS])}
    )


def _revised(books: Books, event: Event) -> None:
    flight = books.manifest.by_mission[event.data["mission"]]
    books.manifest.by_mission[flight.mission] = replace(flight, limits=tuple(event.data["limits"]))


def flown(books: Books, asked: say.Flown, moment: Moment) -> Decision:  # noqa: ARG001
    """Record what flying the mission again with exactly these payloads gave."""
    flight = flight_of(books, asked.mission)
    items = aboard(books, flight)
    names = tuple(sorted(item.booking.id for item in items))
    if tuple(sorted(asked.bookings)) != names:
        raise RefusedError(
            "evidence",
            f"Flown were {', '.join(sorted(asked.bookings)) or 'no bookings'}, and on {asked.mission!r} are "
            f"{', '.join(names) or 'none'}. Fly what is booked.",
        )
    mass_g = sum(item.booking.amounts[MASS] for item in items)
    flown_g = grams(asked.payload_mass_kg)
    if flown_g != mass_g:
        raise RefusedError(
            "evidence",
            f"Flown were {told(MASS, flown_g)}, and {told(MASS, mass_g)} are booked on {asked.mission!r}. "
            "Fly what is booked.",
        )
    data = {**asked.model_dump(mode="json", exclude={"payload_mass_kg"}), "payload_mass_g": mass_g}
    data["bookings"] = list(names)
    return Decision((Draft("flight.flown", data),), {"mission": asked.mission, "outcome": asked.outcome})


def _flown(books: Books, event: Event) -> None:
    data = dict(event.data)
    flight = books.manifest.by_mission[data.pop("mission")]
    record = _FLOWN.validate_python(data)
    books.manifest.by_mission[flight.mission] = replace(flight, flown=(*flight.flown, record))


VERBS: Final = (
    Verb("manifest", "assign", say.Assign, assign, "manifest:write",
         "Give many payloads flights and slots, so that what flies is worth most."),
    Verb(
        "manifest",
        "flown",
        say.Flown,
        flown,
        "manifest:write",
        "Record what flying the mission again with its payloads gave.",
    ),
    Verb("manifest", "revise", say.Revise, revise, "manifest:write", "Change what a flight has room for."),
    Verb("manifest", "open", say.Open, open_, "manifest:write", "Open a flight for bookings."),
)  # fmt: skip
VIEWS: Final = (
    View("manifest", "list", say.Shown, _flights, FlightRow, "manifest:read",
         "List flights and what is left.", seen_by=lambda _: (EVERYONE,)),
    View("manifest", "show", say.OfMission, shown, AboardRow, "manifest:read", "Show what is aboard.",
         seen_by=lambda row: (row.party,), licensed=True),
    View("manifest", "check", say.Check, checked, Finding, "manifest:read",
         "Check every budget of a flight's manifest.", seen_by=lambda _: ()),
    View("manifest", "interfaces", say.Nothing, interfaces, InterfaceRow, "manifest:read",
         "List what comes with each kilogram, with sources.", seen_by=lambda _: (EVERYONE,)),
    View("manifest", "capacities", say.OfVehicle, capacities, InterfaceRow, "manifest:read",
         "List what vehicles have room for, with sources.", seen_by=lambda _: (EVERYONE,)),
)  # fmt: skip
APPLIED: Final = {
    "flight.opened": _opened,
    "flight.flown": _flown,
    "flight.revised": _revised,
    "manifest.assigned": assigned,
}
