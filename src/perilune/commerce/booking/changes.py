"""Orders that change what a booking holds: another flight, another size, another slot, another day."""

from __future__ import annotations

import datetime

from perilune.commerce.booking import asked as say
from perilune.commerce.booking.amounts import beyond, of_payload, told, written
from perilune.commerce.booking.desk import Desk, flight_of
from perilune.commerce.booking.orders import amounts_said, booking_of, in_state
from perilune.commerce.booking.state import HOLDING, OPTION, WAITING, Booking
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.plans.launch import window
from perilune.errors import RefusedError


def rebook(books: Books, asked: say.Rebook, moment: Moment) -> Decision:
    """Move a booking to another flight, with its party's consent; who waits for its place is served."""
    booking = booking_of(books, asked.id)
    in_state(booking, *HOLDING, WAITING)
    if asked.mission == booking.mission:
        raise RefusedError(
            "state", f"Booking {booking.id} is on {asked.mission!r} already. Change its slot: book move."
        )
    if moment.party != booking.party and not asked.consent.strip():
        raise RefusedError(
            "authority",
            f"Booking {booking.id} is {booking.party}'s, who has to consent to fly on {asked.mission!r}. "
            "Say how it did: consent.",
        )
    source, target = _here(books, booking, moment), Desk(books, asked.mission, moment.day)
    needed_by = target.flight.needed_by
    if booking.state == OPTION and booking.until is not None and booking.until > needed_by:
        raise RefusedError(
            "time",
            f"Option {booking.id} lasts until {booking.until}, and mission {asked.mission!r} needs payloads "
            f"by {needed_by}. Exercise it first.",
        )
    target.open_for_new()
    target.take(booking.amounts, asked.slot)
    data = {
        "id": booking.id,
        "from": booking.mission,
        "mission": asked.mission,
        "slot": asked.slot,
        "consent": asked.consent or f"asked by {moment.party}",
    }
    before = tuple(source.drafts)
    if booking.state in HOLDING:
        source.free(booking)
        source.serve()
    drafts = (*target.drafts, *before, Draft("booking.rebooked", data), *source.drafts[len(before) :])
    return Decision(drafts, {"id": booking.id, "mission": asked.mission, "served": _served(drafts)})


def resize(books: Books, asked: say.Resize, moment: Moment) -> Decision:
    """Let a booking hold another amount; growth needs room, what is given up serves who waits."""
    booking = booking_of(books, asked.id)
    in_state(booking, *HOLDING, WAITING)
    amounts = amounts_said(asked, booking.amounts)
    if amounts == booking.amounts:
        raise RefusedError("state", f"Booking {booking.id} holds that already. Say what changes, as --mass.")
    payload = books.payloads.by_id.get(booking.payload)
    short = None if payload is None else beyond(of_payload(payload), amounts)
    if short is not None:
        k, need, said = short
        raise RefusedError(
            "capacity",
            f"Payload {booking.payload!r} needs {told(k, need)}, and {told(k, said)} is asked. "
            "Revise it first.",
        )
    more = beyond(amounts, booking.amounts) is not None
    if moment.party and more and booking.payload and (quote := books.pricing.sold_by(booking.payload)):
        raise RefusedError(
            "authority",
            f"Booking {booking.id} holds what quote {quote!r} sold. Ask the house to quote more.",
        )
    desk = _here(books, booking, moment)
    before = tuple(desk.drafts)
    if booking.state in HOLDING:
        desk.free(booking)
        desk.take(amounts, booking.slot)
        desk.serve()
    own = Draft("booking.resized", {"id": booking.id, "amounts": written(amounts)})
    drafts = (*before, own, *desk.drafts[len(before) :])
    return Decision(drafts, {"id": booking.id, "left": written(desk.left), "served": _served(drafts)})


def move(books: Books, asked: say.Move, moment: Moment) -> Decision:
    """Give a booking another slot of its flight."""
    booking = booking_of(books, asked.id)
    in_state(booking, *HOLDING)
    if asked.slot == booking.slot:
        raise RefusedError(
            "state", f"Booking {booking.id} has slot {asked.slot!r} already. Name another one."
        )
    desk = _here(books, booking, moment)
    before = tuple(desk.drafts)
    desk.free(booking)
    desk.take(booking.amounts, asked.slot)
    desk.serve()
    own = Draft("booking.moved", {"id": booking.id, "slot": asked.slot})
    drafts = (*before, own, *desk.drafts[len(before) :])
    return Decision(drafts, {"id": booking.id, "slot": asked.slot, "served": _served(drafts)})


def expire(books: Books, asked: say.Expire, moment: Moment) -> Decision:
    """Give back now what lapsed options of a flight hold."""
    desk = Desk(books, asked.mission, moment.day)
    if not desk.drafts:
        raise RefusedError("state", f"No option of mission {asked.mission!r} has lapsed by {moment.day}.")
    expired = [draft.data["id"] for draft in desk.drafts if draft.kind == "booking.expired"]
    return Decision(tuple(desk.drafts), {"expired": expired, "served": _served(desk.drafts)})


def slip(books: Books, asked: say.Slip, moment: Moment) -> Decision:
    """Let a flight fly on another day, its plan's if none is given; the answer says who has to be asked."""
    flight = flight_of(books, asked.mission)
    launch_on = asked.launch_on or planned_on(books, asked.mission)
    if launch_on is None:
        raise RefusedError("time", f"No plan tells when mission {asked.mission!r} flies. Say launch_on.")
    if launch_on == flight.launch_on and asked.needed_by in (None, flight.needed_by):
        raise RefusedError(
            "state", f"Mission {asked.mission!r} flies on {launch_on} already. Say another day."
        )
    needed_by = asked.needed_by or flight.needed_by + (launch_on - flight.launch_on)
    if needed_by > launch_on:
        raise RefusedError(
            "time", f"Payloads needed by {needed_by} would come after the launch on {launch_on}. Change one."
        )
    desk = Desk(books, asked.mission, moment.day)
    data = {
        "mission": asked.mission,
        "from": flight.launch_on.isoformat(),
        "launch_on": launch_on.isoformat(),
        "needed_by": needed_by.isoformat(),
    }
    ask = [booking for booking in books.booking.holding.get(asked.mission, ()) if booking not in desk.gone]
    return Decision((*desk.drafts, Draft("flight.slipped", data)), {**data, "to_ask": ask})


def planned_on(books: Books, mission: str) -> datetime.date | None:
    """Return the first day on which a mission's newest plan lets it fly; None where no plan tells."""
    plan = books.plans.by_id.get(mission)
    newest = None if plan is None else plan.as_of("")
    return None if newest is None else window(newest.launch)[0]


def _here(books: Books, booking: Booking, moment: Moment) -> Desk:
    """Return the desk of a booking's flight. Raises `RefusedError` for an option that lapsed."""
    desk = Desk(books, booking.mission, moment.day)
    if booking.id in desk.gone:
        raise RefusedError("time", f"Option {booking.id} lapsed after {booking.until}. Reserve anew.")
    return desk


def _served(drafts: object) -> list[str]:
    assert isinstance(drafts, tuple | list)
    return [draft.data["id"] for draft in drafts if draft.kind == "booking.served"]
