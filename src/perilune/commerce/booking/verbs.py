"""Orders and questions about bookings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from perilune.commerce.booking import apply, changes, orders
from perilune.commerce.booking import asked as say
from perilune.commerce.booking.rows import RoomRow, SlipRow, shown, slips
from perilune.commerce.booking.state import Booking
from perilune.commerce.books import Books
from perilune.commerce.verbs import EVERYONE, Verb, View


def _rows(books: Books, asked: say.Listed) -> Iterable[Booking]:
    for booking in books.booking.by_id.values():
        if (
            asked.id in ("", booking.id)
            and asked.mission in ("", booking.mission)
            and asked.party in ("", booking.party)
            and asked.state in ("", booking.state)
        ):
            yield booking


def _taker(books: Books, asked: say.Part) -> str:
    if asked.payload and asked.payload in books.payloads.by_id:
        return books.payloads.by_id[asked.payload].party
    return asked.party


def _holder(books: Books, asked: say.Cancel | say.Rebook | say.Resize) -> str:
    return orders.booking_of(books, asked.id).party


VERBS: Final = (
    Verb("book", "reserve", say.Reserve, orders.reserve, "book:write", "Hold a part of a flight.",
         owner=_taker),
    Verb("book", "option", say.Option, orders.option, "book:write", "Hold a part of a flight until a day.",
         owner=_taker),
    Verb("book", "wait", say.Wait, orders.wait, "book:write", "Wait for a part of a full flight.",
         owner=_taker),
    Verb("book", "confirm", say.Confirm, orders.confirm, "book:write", "Make a reservation firm."),
    Verb("book", "exercise", say.Confirm, orders.exercise, "book:write", "Make an option firm."),
    Verb("book", "cancel", say.Cancel, orders.cancel, "book:write", "Give a booking back.", owner=_holder),
    Verb("book", "rebook", say.Rebook, changes.rebook, "book:write", "Move a booking to another flight.",
         owner=_holder),
    Verb("book", "resize", say.Resize, changes.resize, "book:write", "Let a booking hold another amount.",
         owner=_holder),
    Verb("book", "move", say.Move, changes.move, "book:write", "Give a booking another slot."),
    Verb("book", "expire", say.Expire, changes.expire, "book:write", "Give back lapsed options now."),
    Verb("book", "slip", say.Slip, changes.slip, "book:write", "Let a flight fly on another day."),
)  # fmt: skip
VIEWS: Final = (
    View("book", "list", say.Listed, _rows, Booking, "book:read", "List bookings.",
         seen_by=lambda row: (row.party,), licensed=True),
    View("book", "show", say.Shown, shown, RoomRow, "book:read", "Show a flight's room by dimension.",
         seen_by=lambda _: (EVERYONE,)),
    View("book", "slips", say.Slips, slips, SlipRow, "book:read", "List bookings whose plan slipped.",
         seen_by=lambda row: (row.party,), licensed=True),
)  # fmt: skip
APPLIED: Final = {
    "booking.reserved": apply.reserved,
    "booking.optioned": apply.optioned,
    "booking.waited": apply.waited,
    "booking.confirmed": apply.confirmed,
    "booking.exercised": apply.confirmed,
    "booking.cancelled": apply.cancelled,
    "booking.expired": apply.expired,
    "booking.served": apply.served,
    "booking.resized": apply.resized,
    "booking.moved": apply.moved,
    "booking.rebooked": apply.rebooked,
    "flight.slipped": apply.slipped,
}
