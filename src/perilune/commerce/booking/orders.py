"""How orders about bookings are decided: on the exact sums of what is held, options lapsed first."""

from __future__ import annotations

import datetime
import itertools
from typing import Any, Final

from perilune.commerce.booking import asked as say
from perilune.commerce.booking.amounts import (
    NOTHING,
    PLACES,
    POWER,
    RATE,
    VOLUME,
    Amounts,
    beyond,
    needed,
    of_payload,
    told,
    written,
)
from perilune.commerce.booking.desk import Desk, flight_of
from perilune.commerce.booking.state import CONFIRMED, HOLDING, OPTION, RESERVED, WAITING, Booking
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.manifest.checks import check, first_broken
from perilune.commerce.money import Money, split
from perilune.commerce.parties.lookup import party
from perilune.commerce.payloads.state import PHASES, Payload
from perilune.errors import NameNotFoundError, RefusedError

_WHOLE_BP: Final = 10_000


def booking_of(books: Books, id: str) -> Booking:
    """Return a booking. Raises `NameNotFoundError`."""
    found = books.booking.by_id.get(id)
    if found is None:
        raise NameNotFoundError("booking", id, itertools.islice(reversed(books.booking.by_id), 5))
    return found


def reserve(books: Books, asked: say.Reserve, moment: Moment) -> Decision:
    """Hold a part of a flight."""
    desk = Desk(books, asked.mission, moment.day)
    desk.open_for_new()
    part = _part(books, asked)
    desk.take(part["amounts"], asked.slot)
    return _made(desk, Draft("booking.reserved", _data(books, asked, part)))


def option(books: Books, asked: say.Option, moment: Moment) -> Decision:
    """Hold a part of a flight until a day."""
    desk = Desk(books, asked.mission, moment.day)
    desk.open_for_new()
    if asked.until.isoformat() < moment.day:
        raise RefusedError("time", f"An option until {asked.until} has lapsed already. Name a day to come.")
    if asked.until > desk.flight.needed_by:
        raise RefusedError(
            "time",
            f"Payloads of mission {asked.mission!r} are needed by {desk.flight.needed_by}, and the option "
            f"would last until {asked.until}. Choose an earlier day.",
        )
    part = _part(books, asked)
    desk.take(part["amounts"], asked.slot)
    data = {**_data(books, asked, part), "until": asked.until.isoformat()}
    return _made(desk, Draft("booking.optioned", data))


def wait(books: Books, asked: say.Wait, moment: Moment) -> Decision:
    """Wait for a part of a flight that is full."""
    desk = Desk(books, asked.mission, moment.day)
    desk.open_for_new()
    part = _part(books, asked)
    amounts: Amounts = part["amounts"]
    never = beyond(amounts, desk.flight.limits)
    if never is not None:
        k, want, most = never
        raise RefusedError(
            "capacity",
            f"Mission {asked.mission!r} has {told(k, most)} in all, and {told(k, want)} is asked. "
            "Waiting will not help: ask for less, or take another mission.",
        )
    try:
        desk.take(amounts, asked.slot)
    except RefusedError:
        waiting = len(books.booking.waiting.get(asked.mission, ()))
        made = _made(desk, Draft("booking.waited", _data(books, asked, part)))
        return Decision(made.events, {**made.answer, "state": WAITING, "ahead": waiting})
    raise RefusedError("state", f"Mission {asked.mission!r} has room for it now. Reserve it: book reserve.")


def confirm(books: Books, asked: say.Confirm, moment: Moment) -> Decision:
    """Make a reservation firm; its deposit must have been paid."""
    return _firm(books, asked, moment, RESERVED, "booking.confirmed")


def exercise(books: Books, asked: say.Confirm, moment: Moment) -> Decision:
    """Make an option firm, on its last day at the latest; its deposit must have been paid."""
    return _firm(books, asked, moment, OPTION, "booking.exercised")


def _firm(books: Books, asked: say.Confirm, moment: Moment, state: str, kind: str) -> Decision:
    booking = booking_of(books, asked.id)
    if booking.until is not None and booking.state == OPTION and booking.until.isoformat() < moment.day:
        raise RefusedError("time", f"Option {booking.id} lapsed after {booking.until}. Reserve anew.")
    in_state(booking, state)
    _paid(booking, asked.paid)
    _suits(books, booking)
    paid = money(asked.paid)
    return Decision((Draft(kind, {"id": booking.id, "paid": paid}),), {"id": booking.id, "state": CONFIRMED})


def _suits(books: Books, booking: Booking) -> None:
    """Refuse to make firm what the manifest's checks speak against."""
    if not booking.payload:
        return
    wrong = first_broken(check(books, flight_of(books, booking.mission)), booking.payload)
    if wrong is not None:
        raise RefusedError("manifest", wrong.sentence)


def _paid(booking: Booking, paid: Money | None) -> None:
    due = booking.deposit
    if due is None:
        return
    if paid is None or paid.currency != due.currency or paid.minor < due.minor:
        said = "nothing" if paid is None else str(paid)
        raise RefusedError(
            "balance",
            f"Booking {booking.id} is firm once its deposit of {due} is paid, and {said} was. Say paid.",
        )
    if paid.minor < 0:
        raise RefusedError("balance", f"{paid} cannot have been paid. Say an amount from zero up.")


def cancel(books: Books, asked: say.Cancel, moment: Moment) -> Decision:
    """Give a booking back; the answer says how much of what was paid is refunded."""
    booking = booking_of(books, asked.id)
    desk = Desk(books, booking.mission, moment.day)
    in_state(booking, RESERVED, OPTION, CONFIRMED, WAITING)
    if booking.id in desk.gone:
        raise RefusedError(
            "time", f"Option {booking.id} lapsed after {booking.until}: nothing is left to cancel."
        )
    refund = _refund(booking, desk, moment)
    own = Draft("booking.cancelled", {"id": booking.id, "refund": money(refund)})
    before = len(desk.drafts)
    if booking.state in HOLDING:
        desk.free(booking)
        desk.serve()
    drafts = (*desk.drafts[:before], own, *desk.drafts[before:])
    served = [draft.data["id"] for draft in drafts if draft.kind == "booking.served"]
    answer = {"id": booking.id, "state": "cancelled", "refund": money(refund), "served": served}
    return Decision(drafts, answer)


def _refund(booking: Booking, desk: Desk, moment: Moment) -> Money | None:
    if booking.paid is None:
        return None
    days = (desk.flight.needed_by - datetime.date.fromisoformat(moment.day)).days
    share = next((bp for least, bp in desk.flight.refunds if days >= least), 0)
    return split(booking.paid, [share, _WHOLE_BP - share])[0]


def in_state(booking: Booking, *states: str) -> None:
    """Refuse a booking that is in none of the states."""
    if booking.state not in states:
        raise RefusedError(
            "state", f"Booking {booking.id} is {booking.state}; this needs one that is {' or '.join(states)}."
        )


def _part(books: Books, asked: say.Part) -> dict[str, Any]:
    """Return whose part it is and how much, from the payload where it is not said."""
    if not asked.payload:
        if asked.mass_kg is None or not asked.party:
            raise RefusedError("state", "Say what is booked: a payload, or a party and a mass.")
        party(books, asked.party)
        return {"party": asked.party, "payload": "", "amounts": amounts_said(asked, NOTHING)}
    payload = _bookable(books, asked)
    amounts = amounts_said(asked, of_payload(payload))
    short = beyond(of_payload(payload), amounts)
    if short is not None:
        k, need, said = short
        raise RefusedError(
            "capacity",
            f"Payload {payload.id!r} needs {told(k, need)}, and {told(k, said)} is asked. "
            "Ask for what it needs, or revise it.",
        )
    return {"party": payload.party, "payload": payload.id, "amounts": amounts}


def _bookable(books: Books, asked: say.Part) -> Payload:
    payload = books.payloads.by_id.get(asked.payload)
    if payload is None:
        raise NameNotFoundError("payload", asked.payload, books.payloads.by_id)
    if payload.withdrawn:
        raise RefusedError("state", f"Payload {payload.id!r} was withdrawn. Add it under another id.")
    if asked.party not in ("", payload.party):
        raise RefusedError(
            "authority",
            f"Payload {payload.id!r} is of {payload.party!r}, not of {asked.party!r}. Leave out party.",
        )
    held = books.booking.by_payload.get(payload.id)
    if held is not None:
        raise RefusedError(
            "state", f"Payload {payload.id!r} is booked already as {held}. Rebook or cancel that."
        )
    return payload


def amounts_said(asked: say.Part | say.Resize, base: Amounts) -> Amounts:
    """Return an amount with what was said in place of `base`'s figures."""
    said = needed(
        asked.mass_kg or 0.0,
        asked.volume_m3 or 0.0,
        [asked.power_w or 0.0] * len(PHASES),
        [asked.rate_bit_s or 0.0] * len(PHASES),
        asked.places if asked.places is not None else 1,
    )
    blank = base is NOTHING
    return (
        said[0] if asked.mass_kg is not None else base[0],
        said[VOLUME] if asked.volume_m3 is not None else base[VOLUME],
        *(said[POWER] if asked.power_w is not None else base[POWER]),
        *(said[RATE] if asked.rate_bit_s is not None else base[RATE]),
        said[PLACES] if asked.places is not None or blank else base[PLACES],
    )


def money(amount: Money | None) -> dict[str, Any] | None:
    """Return an amount as an event holds it."""
    return None if amount is None else {"minor": amount.minor, "currency": amount.currency}


def _data(books: Books, asked: say.Reserve | say.Option | say.Wait, part: dict[str, Any]) -> dict[str, Any]:
    if asked.deposit is not None and asked.deposit.minor < 0:
        raise RefusedError("balance", f"A deposit of {asked.deposit} is none. Say an amount from zero up.")
    return {
        "id": f"BK-{books.booking.count + 1:06d}",
        "mission": asked.mission,
        "party": part["party"],
        "payload": part["payload"],
        "amounts": written(part["amounts"]),
        "slot": asked.slot,
        "deposit": money(asked.deposit),
    }


def _made(desk: Desk, own: Draft) -> Decision:
    answer = {
        "id": own.data["id"],
        "mission": own.data["mission"],
        "state": OPTION if own.kind == "booking.optioned" else RESERVED,
        "left": written(desk.left),
    }
    return Decision((*desk.drafts, own), answer)
