"""Transfers: money between accounts, balanced, immutable, once per key.

The functions here decide: they look at the books and return the draft of an event, or refuse. A transfer is
never changed; `reversed` posts its opposite. `pending` reserves money until `settled` posts it or `voided`
gives it up.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.event import Draft
from perilune.commerce.fields import FIRST_DAY, LARGEST, LAST_DAY
from perilune.commerce.ledger.chart import checked, parted
from perilune.commerce.ledger.state import Leg, Pending, Transfer
from perilune.commerce.money import Money
from perilune.errors import InputError, NameNotFoundError, RefusedError

#: The most postings one transfer may have.
MOST_POSTINGS: Final = 1_000

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on an account: debit positive, credit negative."""

    account: str
    amount: Money


def transfer(
    books: Books,
    key: str,
    postings: Sequence[Posting],
    *,
    memo: str,
    effective: str,
    source: str = "",
    before: Sequence[Draft] = (),
) -> Draft:
    """Return the draft of a posted transfer; `effective` is an ISO day.

    `source` names the invoice or contract it belongs to, which alone may take it back; `before` are drafts
    decided earlier in the same order. Raises `RefusedError` ("balance", "state", "time", "request").
    """
    data = _moving(books, key, postings, effective=effective, before=before)
    return Draft("ledger.posted", {**data, "memo": memo, "source": source}, effective)


def pending(
    books: Books,
    key: str,
    postings: Sequence[Posting],
    *,
    memo: str,
    effective: str,
    until: str = "",
    source: str = "",
    before: Sequence[Draft] = (),
) -> Draft:
    """Return the draft of a reserved transfer, to be settled until a day ("": any); raises as `transfer`."""
    data = _moving(books, key, postings, effective=effective, before=before)
    if until and until < effective:
        raise RefusedError(
            "time", f"Transfer {key!r} cannot end on {until}, before it begins on {effective}."
        )
    return Draft("ledger.pended", {**data, "memo": memo, "until": until, "source": source}, effective)


def settled(books: Books, key: str, *, effective: str, before: Sequence[Draft] = ()) -> Draft:
    """Return the draft that posts a pending transfer with effect from a day; raises `RefusedError`."""
    found = _open(books, key, "settled", before)
    legs = found.transfer.legs
    if effective < found.transfer.effective:
        raise RefusedError(
            "time",
            f"Transfer {key!r} is pending from {found.transfer.effective}; settle it on that day or later.",
        )
    if found.until and effective > found.until:
        raise RefusedError("time", f"Transfer {key!r} could be settled until {found.until}. Void it.")
    _in_open_period(books, legs, effective)
    _within_limits(books, legs, before)
    return Draft("ledger.settled", {"key": key}, effective)


def voided(books: Books, key: str, *, effective: str, before: Sequence[Draft] = ()) -> Draft:
    """Return the draft that gives up a pending transfer; raises `RefusedError` if it is pending no more."""
    _open(books, key, "voided", before)
    return Draft("ledger.voided", {"key": key}, effective)


def reversed(
    books: Books, key: str, of: str, *, memo: str, effective: str, before: Sequence[Draft] = ()
) -> Draft:
    """Return the draft that posts the opposite of the transfer `of`; raises `RefusedError`.

    A transfer is reversed once, as a whole; one that belongs to an invoice or contract only through it.
    """
    original = found(books, of)
    if original.source:
        raise RefusedError(
            "state",
            f"Transfer {of!r} belongs to {original.source}. Take it back by what made it: a credit note, "
            "revenue taken back, a new estimate, an exchange back.",
        )
    if original.reverses:
        raise RefusedError("state", f"Transfer {of!r} is a reversal itself. Post the transfer anew instead.")
    by = books.ledger.reversed_by.get(of) or next(
        (draft.data["key"] for draft in before if draft.data.get("reverses") == of), None
    )
    if by:
        raise RefusedError("state", f"Transfer {of!r} was reversed by {by!r} before.")
    if effective < original.effective:
        raise RefusedError(
            "time", f"Transfer {of!r} counts from {original.effective}; reverse it on that day or later."
        )
    opposite = [Posting(name, Money(-minor, currency)) for name, minor, currency in original.legs]
    data = _moving(books, key, opposite, effective=effective, before=before)
    return Draft("ledger.reversed", {**data, "memo": memo, "reverses": of}, effective)


def found(books: Books, key: str) -> Transfer:
    """Return the posted transfer of that key; raises `NameNotFoundError`."""
    place = books.ledger.keys.get(key)
    if place is None or place < 0:
        raise NameNotFoundError("posted transfer", key, ())
    return books.ledger.transfers[place]


def same(
    books: Books, key: str, postings: Sequence[Posting], *, effective: str, pending: bool = False
) -> bool:
    """Return whether the key already moved exactly this; raises `RefusedError` if it moved something else."""
    place = books.ledger.keys.get(key)
    if place is None:
        return False
    held = books.ledger.pendings.get(key)
    one = held.transfer if held else books.ledger.transfers[place]
    if one.legs != tuple(legs_of(postings)) or one.effective != effective or pending != (held is not None):
        raise _taken(key)
    return True


def legs_of(postings: Iterable[Posting]) -> list[Leg]:
    """Return postings as the ledger keeps them."""
    return [(one.account, one.amount.minor, one.amount.currency) for one in postings]


def legs_in(data: Mapping[str, Any]) -> tuple[Leg, ...]:
    """Return the legs in an event's data."""
    legs: list[Leg] = []
    for leg in data["postings"]:
        amount = leg["amount"]
        legs.append((intern(leg["account"]), amount["minor"], intern(amount["currency"])))
    return tuple(legs)


def _moving(
    books: Books, key: str, postings: Sequence[Posting], *, effective: str, before: Sequence[Draft]
) -> dict[str, Any]:
    if not key or len(key) > 200:
        raise InputError("A transfer needs a key of 1 to 200 characters, by which it is known.")
    if key in books.ledger.keys or any(draft.data.get("key") == key for draft in before if _moves(draft)):
        raise _taken(key)
    if not 2 <= len(postings) <= MOST_POSTINGS:
        raise RefusedError(
            "balance", f"A transfer has 2 to {MOST_POSTINGS} postings; this one has {len(postings)}."
        )
    legs = legs_of(postings)
    _balanced(books, legs)
    _in_open_period(books, legs, effective)
    _within_limits(books, legs, before)
    return {
        "key": key,
        "postings": [
            {"account": name, "amount": {"minor": minor, "currency": currency}}
            for name, minor, currency in legs
        ],
    }


def _moves(draft: Draft) -> bool:
    return draft.kind in {"ledger.posted", "ledger.pended", "ledger.reversed"}


def _taken(key: str) -> RefusedError:
    return RefusedError("request", f"There is another transfer of the key {key!r}. Use a new key.")


def _balanced(books: Books, legs: Sequence[Leg]) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for name, minor, currency in legs:
        checked(books, name)
        if not minor:
            raise RefusedError("balance", f"Nothing is posted on {name}. Leave the posting out.")
        sums[parted(name)[0], currency] += minor
    for (entity_id, currency), rest in sums.items():
        if rest:
            shown = Money(rest, currency) if abs(rest) <= LARGEST else f"{rest} {currency}"
            raise RefusedError(
                "balance",
                f"The postings of {entity_id} in {currency} leave {shown}; they must sum to zero for each "
                "entity and currency (between entities: due-to and due-from).",
            )


def in_open_period(books: Books, entity_id: str, effective: str) -> None:
    """Refuse a day in a closed period of an entity, and one that is no day at all."""
    if not _DAY.fullmatch(effective):
        raise InputError(f'{effective[:40]!r} is not a day. Write it as "2025-03-31".')
    try:
        day = datetime.date.fromisoformat(effective)
    except ValueError:
        raise InputError(f"There is no day {effective}. Give one of the calendar.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{effective} lies outside {FIRST_DAY} to {LAST_DAY}.")
    closed = books.ledger.closed.get(entity_id, "")
    if effective <= closed:
        raise RefusedError(
            "time",
            f"The books of {entity_id} are closed until {closed}; nothing effective on {effective} can be "
            "posted. Correct it in the open period.",
        )


def _in_open_period(books: Books, legs: Sequence[Leg], effective: str) -> None:
    for entity_id in sorted({parted(name)[0] for name, _, _ in legs}):
        in_open_period(books, entity_id, effective)


def _within_limits(books: Books, legs: Sequence[Leg], before: Sequence[Draft]) -> None:
    ahead: dict[tuple[str, str], int] = defaultdict(int)
    for draft in before:
        if _moves(draft):
            for name, minor, currency in legs_in(draft.data):
                ahead[name, currency] += minor
    for name, minor, currency in legs:
        ahead[name, currency] += minor
    for name, _, currency in legs:
        total = books.ledger.totals.get(name, {}).get(currency, 0) + ahead[name, currency]
        if abs(total) > LARGEST:
            raise RefusedError("balance", f"{name} would hold more {currency} than a 64-bit ledger can.")


def _open(books: Books, key: str, doing: str, before: Sequence[Draft]) -> Pending:
    found = books.ledger.pendings.get(key)
    if found is None:
        raise NameNotFoundError("pending transfer", key, ())
    fate = found.fate or next(
        (draft.kind.removeprefix("ledger.") for draft in before if _ends(draft, key)), ""
    )
    if fate:
        raise RefusedError("state", f"Transfer {key!r} was {fate} before; it cannot be {doing}.")
    return found


def _ends(draft: Draft, key: str) -> bool:
    return draft.kind in {"ledger.settled", "ledger.voided"} and draft.data["key"] == key
