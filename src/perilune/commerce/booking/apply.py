"""What recorded events do to the bookings and to the sums of what is held."""

from __future__ import annotations

import datetime
from bisect import bisect_left, insort
from dataclasses import replace
from typing import Any

from perilune.commerce.booking.amounts import NOTHING, Amounts, read
from perilune.commerce.booking.state import (
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    HOLDING,
    OPTION,
    RESERVED,
    WAITING,
    Booking,
    Bookings,
)
from perilune.commerce.books import Books
from perilune.commerce.event import Event
from perilune.commerce.money import Money


def reserved(books: Books, event: Event) -> None:
    """A part is held."""
    _enter(books.booking, event, RESERVED)


def optioned(books: Books, event: Event) -> None:
    """A part is held until a day."""
    _enter(books.booking, event, OPTION)


def waited(books: Books, event: Event) -> None:
    """Somebody waits."""
    _enter(books.booking, event, WAITING)


def confirmed(books: Books, event: Event) -> None:
    """A booking is firm."""
    _put(books.booking, event, state=CONFIRMED, paid=_money(event.data["paid"]))


def cancelled(books: Books, event: Event) -> None:
    """A booking is given back."""
    _put(books.booking, event, state=CANCELLED, refund=_money(event.data["refund"]))


def expired(books: Books, event: Event) -> None:
    """An option has lapsed."""
    _put(books.booking, event, state=EXPIRED)


def resized(books: Books, event: Event) -> None:
    """A booking holds another amount."""
    _put(books.booking, event, amounts=read(event.data["amounts"]))


def moved(books: Books, event: Event) -> None:
    """A booking has another slot."""
    _put(books.booking, event, slot=event.data["slot"])


def rebooked(books: Books, event: Event) -> None:
    """A booking is on another flight; one that waited holds its part there."""
    before = books.booking.by_id[event.data["id"]]
    state = RESERVED if before.state == WAITING else before.state
    _put(books.booking, event, mission=event.data["mission"], slot=event.data["slot"], state=state)


def slipped(books: Books, event: Event) -> None:
    """A flight flies on another day."""
    data = event.data
    books.manifest.by_mission[data["mission"]] = replace(
        books.manifest.by_mission[data["mission"]],
        launch_on=datetime.date.fromisoformat(data["launch_on"]),
        needed_by=datetime.date.fromisoformat(data["needed_by"]),
    )


def served(books: Books, event: Event) -> None:
    """Who waited has a reservation."""
    _put(books.booking, event, state=RESERVED)


def _money(data: Any) -> Money | None:
    return None if data is None else Money(data["minor"], data["currency"])


def _enter(bookings: Bookings, event: Event, state: str) -> None:
    data = event.data
    until = data.get("until")
    booking = Booking(
        id=data["id"],
        mission=data["mission"],
        party=data["party"],
        payload=data["payload"],
        state=state,
        amounts=read(data["amounts"]),
        slot=data["slot"],
        deposit=_money(data["deposit"]),
        until=None if until is None else datetime.date.fromisoformat(until),
        made_on=event.moment.day,
    )
    bookings.count += 1
    _hold(bookings, booking)


def _put(bookings: Bookings, event: Event, **changed: Any) -> None:
    before = bookings.by_id[event.data["id"]]
    _let_go(bookings, before)
    _hold(bookings, replace(before, **changed))


def _hold(bookings: Bookings, booking: Booking) -> None:
    """Write a booking in, with the sums and lists that its state belongs to."""
    bookings.by_id[booking.id] = booking
    if booking.state in HOLDING:
        _sum(bookings, booking.mission, booking.amounts, 1)
        bookings.holding.setdefault(booking.mission, {})[booking.id] = bookings.count
        if booking.slot:
            bookings.slots.setdefault(booking.mission, {})[booking.slot] = booking.id
    if booking.state == OPTION and booking.until is not None:
        insort(bookings.options.setdefault(booking.mission, []), (booking.until.isoformat(), booking.id))
    if booking.state == WAITING:
        bookings.waiting.setdefault(booking.mission, {})[booking.id] = bookings.count
    if booking.payload and (booking.state in HOLDING or booking.state == WAITING):
        bookings.by_payload[booking.payload] = booking.id


def _let_go(bookings: Bookings, booking: Booking) -> None:
    if booking.state in HOLDING:
        _sum(bookings, booking.mission, booking.amounts, -1)
        del bookings.holding[booking.mission][booking.id]
        if booking.slot:
            del bookings.slots[booking.mission][booking.slot]
    if booking.state == OPTION and booking.until is not None:
        options = bookings.options[booking.mission]
        del options[bisect_left(options, (booking.until.isoformat(), booking.id))]
    if booking.state == WAITING:
        del bookings.waiting[booking.mission][booking.id]
    if booking.payload:
        bookings.by_payload.pop(booking.payload, None)


def _sum(bookings: Bookings, mission: str, amounts: Amounts, sign: int) -> None:
    used = bookings.used.get(mission)
    if used is None:
        used = bookings.used[mission] = list(NOTHING)
    for k, part in enumerate(amounts):
        used[k] += sign * part
