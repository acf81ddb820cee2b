"""One flight while an order is decided: what is left of it, whose option has lapsed, who is served next.

A desk works on copies; what it comes to stands in `drafts` and becomes true when those are recorded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import final

from perilune.commerce.booking.amounts import MASS, Amounts, beyond, minus, plus, told
from perilune.commerce.booking.state import Booking
from perilune.commerce.books import Books
from perilune.commerce.event import Draft
from perilune.commerce.manifest.state import Flight
from perilune.errors import NameNotFoundError, RefusedError


def flight_of(books: Books, mission: str) -> Flight:
    """Return the flight of a mission. Raises `NameNotFoundError` where none was opened."""
    found = books.manifest.by_mission.get(mission)
    if found is None:
        raise NameNotFoundError("flight", mission, books.manifest.by_mission)
    return found


def left_of(books: Books, flight: Flight) -> Amounts:
    """Return what nobody holds of a flight."""
    used = books.booking.used.get(flight.mission)
    return flight.limits if used is None else minus(flight.limits, used)


@final
class Desk:
    """What is left of a flight on a day, options that lapsed until then already given back.

    `gone` are the bookings that hold nothing any more.
    """

    __slots__ = ("_books", "_freed", "_taken", "day", "drafts", "flight", "gone", "left")

    def __init__(self, books: Books, mission: str, day: str) -> None:
        self._books = books
        self.flight = flight_of(books, mission)
        self.left = left_of(books, self.flight)
        self.day = day
        self.drafts: list[Draft] = []
        self._freed: set[str] = set()
        self._taken: set[str] = set()
        self.gone: set[str] = set()
        self._lapse()

    def free(self, booking: Booking) -> None:
        """Give back what a booking holds."""
        self.left = plus(self.left, booking.amounts)
        self.gone.add(booking.id)
        if booking.slot:
            self._freed.add(booking.slot)

    def open_for_new(self) -> None:
        """Refuse (`RefusedError` "time") what comes to a flight that was launched before."""
        if self._left_already():
            launch_on = self.flight.launch_on
            raise RefusedError(
                "time", f"Mission {self.flight.mission!r} was launched on {launch_on}. Take another mission."
            )

    def _left_already(self) -> bool:
        return self.flight.launch_on.isoformat() < self.day

    def take(self, amounts: Amounts, slot: str) -> None:
        """Take a part. Raises `RefusedError` ("capacity") with what is short where it is not there."""
        self._take_slot(slot)
        short = beyond(amounts, self.left)
        if short is not None:
            k, want, have = short
            raise RefusedError(
                "capacity",
                f"Mission {self.flight.mission!r} has {told(k, max(have, 0))} left, and {told(k, want)} is "
                "asked. Ask for less, wait (book wait), or take another mission.",
            )
        self.left = minus(self.left, amounts)
        if slot:
            self._taken.add(slot)

    def serve(self) -> None:
        """Serve who waits, in order; who does not fit keeps the place and lets the next one try."""
        if not self.gone or self._left_already():
            return
        for booking in self._waiting():
            if booking.amounts[MASS] > self.left[MASS]:
                continue
            if booking.slot and self._holder(booking.slot):
                continue
            if beyond(booking.amounts, self.left) is None:
                self.take(booking.amounts, booking.slot)
                self.drafts.append(Draft("booking.served", {"id": booking.id}))

    def _waiting(self) -> Iterator[Booking]:
        for waiting in self._books.booking.waiting.get(self.flight.mission, ()):
            if waiting not in self.gone:
                yield self._books.booking.by_id[waiting]

    def _lapse(self) -> None:
        options = self._books.booking.options.get(self.flight.mission, ())
        lapsed = [option for _, option in itertools.takewhile(lambda each: each[0] < self.day, options)]
        for option in lapsed:
            self.free(self._books.booking.by_id[option])
            self.drafts.append(Draft("booking.expired", {"id": option}))
        if lapsed:
            self.serve()

    def _holder(self, slot: str) -> str:
        if slot in self._taken:
            return "another booking"
        holder = self._books.booking.slots.get(self.flight.mission, {}).get(slot, "")
        return "" if slot in self._freed else holder

    def _take_slot(self, slot: str) -> None:
        if not slot:
            return
        known = [each.id for each in self.flight.deck.slots]
        if slot not in known:
            raise NameNotFoundError("slot", slot, known)
        holder = self._holder(slot)
        if holder:
            free = [each for each in known if not self._holder(each)]
            raise RefusedError(
                "capacity",
                f"Slot {slot!r} of mission {self.flight.mission!r} is held by {holder}. "
                f"Free are: {', '.join(free) or 'none'}.",
            )
