"""All checks of a manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from perilune.commerce.booking.amounts import MASS
from perilune.commerce.booking.state import Booking
from perilune.commerce.books import Books
from perilune.commerce.manifest.aboard import Item, aboard
from perilune.commerce.manifest.balance import check_balance
from perilune.commerce.manifest.budgets import check_budgets
from perilune.commerce.manifest.finding import BREAKS, Finding, at_least, unknown
from perilune.commerce.manifest.order import check_order
from perilune.commerce.manifest.pairs import check_pairs
from perilune.commerce.manifest.state import Flight, Flown

_OTHERS_MAY_MEND: Final = frozenset({"centre of mass", "carrier", "release"})
_OF_ALL: Final = frozenset({"budget", "peak power", "heat", "propellant"})


def check(books: Books, flight: Flight, extra: Iterable[Booking] = ()) -> list[Finding]:
    """Return every finding of a flight with what is booked on it, and with `extra` bookings not made yet."""
    items = aboard(books, flight, extra)
    return [*check_items(flight, items), _propellant(flight, items)]


def check_items(flight: Flight, items: Sequence[Item]) -> list[Finding]:
    """Return every finding but that of the propellant, which takes a flight."""
    return [
        *check_budgets(flight, items),
        *check_balance(flight, items),
        *check_order(flight, items),
        *check_pairs(flight, items),
    ]


def first_broken(findings: Iterable[Finding], name: str) -> Finding | None:
    """Return the first finding that speaks against making a payload's booking firm.

    What others may still put right (balance, a carrier to come, an order of releases) does not.
    """
    for finding in findings:
        if finding.state == BREAKS and finding.check not in _OTHERS_MAY_MEND:
            named = name in re.split(r"[ ,:]+", finding.subject)
            if named or finding.check in _OF_ALL:
                return finding
    return None


def flown_with(flight: Flight, items: Sequence[Item]) -> Flown | None:
    """Return what flying with exactly these bookings and this mass gave, if it was recorded."""
    mass_g = sum(item.booking.amounts[MASS] for item in items)
    names = tuple(sorted(item.booking.id for item in items))
    for flown in reversed(flight.flown):
        if flown.payload_mass_g == mass_g and flown.bookings == names:
            return flown
    return None


def _propellant(flight: Flight, items: Sequence[Item]) -> Finding:
    flown = flown_with(flight, items)
    if flown is None:
        return unknown(
            "propellant",
            flight.mission,
            f"{flight.mission!r} was not flown with these payloads yet. Fly it: perilune manifest fly.",
        )
    left_kg = flown.propellant_left_kg
    return at_least(
        "propellant",
        flight.mission,
        (left_kg or 0.0) if flown.outcome == "landed" else -1.0,
        0.0,
        "kg",
        f"{flight.mission!r} does not land with these payloads: {flown.figure}. Rebook one: book rebook.",
    )
