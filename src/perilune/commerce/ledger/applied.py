"""What the ledger's events do to the books."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace
from sys import intern
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.event import Event
from perilune.commerce.exchange import Rate
from perilune.commerce.ledger import invoices, position
from perilune.commerce.ledger.postings import legs_in
from perilune.commerce.ledger.state import ChartEntry, Leg, Pending, Position, Transfer
from perilune.commerce.parties.lookup import entity
from perilune.errors import StoreError

#: Place in `Ledger.keys` of a transfer that is pending or voided.
NOWHERE: Final = -1


def posted(books: Books, event: Event) -> None:
    """Take a transfer, or the reversal of one, into the totals."""
    data, ledger = event.data, books.ledger
    _new(books, data["key"])
    reverses = data.get("reverses", "")
    _place(
        books,
        Transfer(
            data["key"],
            event.moment.at,
            event.effective,
            data["memo"],
            legs_in(data),
            data.get("source", ""),
            reverses,
        ),
    )
    if reverses:
        ledger.reversed_by[reverses] = data["key"]


def pended(books: Books, event: Event) -> None:
    """Hold what is pending, apart from the totals."""
    data = event.data
    _new(books, data["key"])
    legs = legs_in(data)
    transfer = Transfer(data["key"], event.moment.at, event.effective, data["memo"], legs, data["source"])
    books.ledger.keys[data["key"]] = NOWHERE
    books.ledger.pendings[data["key"]] = Pending(transfer, data["until"])
    _add(books.ledger.held, legs, 1)


def settled(books: Books, event: Event) -> None:
    """Post what was pending, with effect from the day it was settled for."""
    found = _released(books, event, "settled")
    _place(books, replace(found.transfer, at=event.moment.at, effective=event.effective))


def voided(books: Books, event: Event) -> None:
    """Let go of what was pending."""
    _released(books, event, "voided")


def _released(books: Books, event: Event, fate: str) -> Pending:
    key = event.data["key"]
    found = books.ledger.pendings[key]
    if found.fate:
        raise StoreError(f"Event {event.seq} has transfer {key!r} {fate}, which was {found.fate} before.")
    books.ledger.pendings[key] = replace(found, fate=fate, fate_at=event.moment.at)
    _add(books.ledger.held, found.transfer.legs, -1)
    return found


def _new(books: Books, key: str) -> None:
    if key in books.ledger.keys:
        raise StoreError(f"Transfer {key!r} is in the log twice.")


def _place(books: Books, transfer: Transfer) -> None:
    ledger = books.ledger
    place = len(ledger.transfers)
    ledger.transfers.append(transfer)
    ledger.keys[transfer.key] = place
    totals, all_places, day = ledger.totals, ledger.places, intern(transfer.effective)
    for name, minor, currency in transfer.legs:
        of_account = totals.get(name)
        if of_account is None:
            of_account, all_places[name], ledger.days[name] = {}, [place], {}
            totals[name] = of_account
        of_account[currency] = of_account.get(currency, 0) + minor
        places = all_places[name]
        if places[-1] != place:
            places.append(place)
        by_day = ledger.days[name].get(currency)
        if by_day is None:
            by_day = ledger.days[name][currency] = {}
        by_day[day] = by_day.get(day, 0) + minor


def _add(totals: dict[str, dict[str, int]], legs: tuple[Leg, ...], sign: int) -> None:
    for name, minor, currency in legs:
        of_account = totals.setdefault(name, {})
        of_account[currency] = of_account.get(currency, 0) + sign * minor


def account_added(books: Books, event: Event) -> None:
    """Take an account into the chart."""
    books.ledger.chart[event.data["name"]] = ChartEntry(event.data["name"], event.data["type"])


def closed(books: Books, event: Event) -> None:
    """Close the periods of an entity until a day."""
    books.ledger.closed[event.data["entity"]] = event.data["through"]


def rated(books: Books, event: Event) -> None:
    """Take an exchange rate into its pair's, in the order of days and then of recording."""
    data = event.data
    rate = Rate(
        data["base"], data["quote"], data["numerator"], data["denominator"], data["day"], data["source"],
        event.moment.at,
    )  # fmt: skip
    insort(
        books.ledger.rates.setdefault(f"{rate.base}/{rate.quote}", []),
        rate,
        key=lambda one: (one.day, one.at),
    )


def invoiced(books: Books, event: Event) -> None:
    """Take up an invoice, and what it does to its contract's position."""
    data = event.data
    books.ledger.invoices_of.setdefault(data["contract"], []).append(data["id"])
    books.ledger.invoices[data["id"]] = invoices.issued_invoice(data, event.effective, event.moment.at)
    _positioned(books, event, data["entity"], data["party"])


def invoice_moved(books: Books, event: Event) -> None:
    """Take a payment, credit note, refund or write-off to its invoice."""
    data = event.data
    one = books.ledger.invoices[data["id"]]
    books.ledger.invoices[one.id] = invoices.after(one, event.kind, data, event.effective, event.moment.at)
    if event.kind in position.MOVES:
        _positioned(books, event, one.entity, one.party)


def earned(books: Books, event: Event) -> None:
    """Take a plan, revenue, cost, an estimate or a provision to a contract's position."""
    _positioned(books, event, event.data["entity"], event.data["party"])


def _positioned(books: Books, event: Event, entity_id: str, party_id: str) -> None:
    data = event.data
    one = _begun(books, data["contract"], entity_id, party_id, data["amount"]["currency"])
    books.ledger.positions[one.contract] = position.moved(one, event.kind, data)
    move = position.move(event.kind, data, event.effective, event.moment.at)
    books.ledger.moves.setdefault(one.contract, []).append(move)


def _begun(books: Books, contract: str, entity_id: str, party_id: str, currency: str) -> Position:
    return books.ledger.positions.get(contract) or position.begun(
        contract, entity_id, party_id, currency, entity(books, entity_id).currency
    )
