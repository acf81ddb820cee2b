"""Bookings as recorded, and how much of each flight they hold."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Final

from perilune.commerce.money import Money

RESERVED: Final = "reserved"
OPTION: Final = "option"
CONFIRMED: Final = "confirmed"
WAITING: Final = "waiting"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"

#: Bookings in these states hold part of a flight.
HOLDING: Final = frozenset({RESERVED, OPTION, CONFIRMED})


@dataclass(frozen=True, slots=True)
class Booking:
    """A part of a flight held, or waited for, by a party.

    `amounts` is in the order of `amounts.DIMENSIONS`. `deposit` is what is due to confirm, `paid` what was
    paid, `refund` what is given back after a cancellation. An option lapses after `until`.
    """

    id: str
    mission: str
    party: str
    payload: str
    state: str
    amounts: tuple[int, ...]
    slot: str = ""
    deposit: Money | None = None
    paid: Money | None = None
    refund: Money | None = None
    until: datetime.date | None = None
    made_on: str = ""


@dataclass(slots=True)
class Bookings:
    """All bookings, and sums over those that hold something: by mission, exact.

    `holding` and `waiting` have the bookings of a mission in the order in which they came to hold or wait,
    each with the count of bookings at that time; `options` the last day (ISO 8601) and id of each option, the
    next to lapse first.
    """

    by_id: dict[str, Booking] = field(default_factory=dict)
    by_payload: dict[str, str] = field(default_factory=dict)
    used: dict[str, list[int]] = field(default_factory=dict)
    slots: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    holding: dict[str, dict[str, int]] = field(default_factory=dict)
    options: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    count: int = 0
