"""How long orders take to decide in books of 10^5 bookings.

    python -m validation.booking.speed

Prints microseconds of this process for each; ends with code 1 where a reservation takes 50 us or more.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Event, Moment

COUNT = 100_000
TRIES = 5_000
MOST_US = 50.0
MOMENT = Moment("2026-01-01T00:00:00.000000Z", "figures")


def _decided(books: Books, name: str, asked: dict[str, Any]) -> Decision:
    verb = registry.verb(name)
    return verb.decide(books, verb.asked.model_validate(asked), MOMENT)


def _give(books: Books, name: str, asked: dict[str, Any]) -> None:
    for draft in _decided(books, name, asked).events:
        registry.apply(books, Event(books.seq + 1, draft.kind, draft.data, MOMENT.day, MOMENT))


def _microseconds(books: Books, name: str, asked: list[dict[str, Any]]) -> float:
    """Return the time to decide one order."""
    verb = registry.verb(name)
    said = [verb.asked.model_validate(one) for one in asked]
    begun = time.process_time()
    for one in said:
        verb.decide(books, one, MOMENT)
    return 1e6 * (time.process_time() - begun) / len(said)


def main() -> int:
    """Print the figures."""
    books = Books()
    _give(books, "party add", {"id": "acme", "name": "Acme", "country": "JP", "kind": "customer"})
    flight = {"mission": "m3", "vehicle": "APEX 1.0", "launch_on": "2030-01-01", "places": 100_000}
    _give(books, "manifest open", flight)
    part = {"mission": "m3", "party": "acme", "mass_kg": 0.001, "places": 0}
    begun = time.process_time()
    for k in range(COUNT):
        kind = ("book reserve", "book option")[k % 20 == 0]
        _give(books, kind, {**part, "until": "2029-01-01"} if kind == "book option" else part)
    made_us = 1e6 * (time.process_time() - begun) / COUNT
    reserve_us = _microseconds(books, "book reserve", [part] * TRIES)
    cancel_us = _microseconds(books, "book cancel", [{"id": f"BK-{k + 2:06d}"} for k in range(TRIES)])
    print(f"{COUNT} bookings: {made_us:.1f} us each to read, decide and apply")
    print(f"reserve: {reserve_us:.1f} us to decide")
    print(f"cancel:  {cancel_us:.1f} us to decide")
    return 0 if reserve_us < MOST_US else 1


if __name__ == "__main__":
    sys.exit(main())
