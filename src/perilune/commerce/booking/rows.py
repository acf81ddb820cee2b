"""What bookings amount to, as rows: the room on a flight, and who is touched by a slip."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from perilune.commerce.booking import asked as say
from perilune.commerce.booking.amounts import DIMENSIONS, NOTHING
from perilune.commerce.booking.changes import planned_on
from perilune.commerce.booking.desk import flight_of
from perilune.commerce.booking.state import HOLDING
from perilune.commerce.books import Books


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One dimension of a flight, in whole units (g, ml, mW, bit/s, places)."""

    dimension: str
    limit: int
    held: int
    left: int


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A booking on a flight whose newest plan begins later than what was booked."""

    booking: str
    party: str
    mission: str
    state: str
    launch_on: datetime.date
    planned_on: datetime.date
    late_day_count: int


def shown(books: Books, asked: say.Shown) -> Iterable[RoomRow]:
    """Yield the room of a flight by dimension."""
    flight = flight_of(books, asked.mission)
    held = books.booking.used.get(asked.mission, NOTHING)
    for dimension, limit, used in zip(DIMENSIONS, flight.limits, held, strict=True):
        yield RoomRow(dimension, limit, used, limit - used)


def slips(books: Books, asked: say.Slips) -> Iterable[SlipRow]:
    """Yield bookings whose flight is planned later than it was when they were made."""
    late = {}
    for mission, flight in books.manifest.by_mission.items():
        day = planned_on(books, mission)
        if day is not None and day > flight.launch_on and asked.mission in ("", mission):
            late[mission] = (flight.launch_on, day)
    for booking in books.booking.by_id.values():
        if booking.mission in late and booking.state in HOLDING:
            launch_on, day = late[booking.mission]
            yield SlipRow(
                booking.id,
                booking.party,
                booking.mission,
                booking.state,
                launch_on,
                day,
                (day - launch_on).days,
            )
