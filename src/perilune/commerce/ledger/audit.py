"""Whether the ledger holds together: what follows from the transfers is made again and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from perilune.commerce.books import Books
from perilune.commerce.ledger.applied import NOWHERE
from perilune.commerce.ledger.chart import parted
from perilune.commerce.ledger.invoices import open_of
from perilune.commerce.ledger.state import Leg, Transfer


def balanced(books: Books) -> list[str]:
    """Return what does not hold, one sentence each; nothing if the books are in order.

    Every transfer sums to zero for each entity and currency; every account is the sum of its postings; what
    is pending is what is held; reversals are opposites, once each; invoices agree with what is receivable,
    and contracts with their assets, liabilities and provisions.
    """
    return [
        *_transfers(books),
        *_totals(books),
        *_held(books),
        *_reversals(books),
        *_owed(books),
        *_contracts(books),
    ]


def _transfers(books: Books) -> Iterator[str]:
    for place, one in enumerate(books.ledger.transfers):
        for (entity, currency), rest in _sums(one).items():
            if rest:
                yield f"Transfer {one.key!r} leaves {rest} minor units of {currency} with {entity}."
        if books.ledger.keys.get(one.key) != place:
            yield f"Transfer {one.key!r} is not found under its key."
    if len(books.ledger.keys) != len(books.ledger.transfers) + _waiting(books):
        yield "There are keys without a transfer."


def _waiting(books: Books) -> int:
    return sum(place == NOWHERE for place in books.ledger.keys.values())


def _sums(one: Transfer) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for name, minor, currency in one.legs:
        sums[parted(name)[0], currency] += minor
    return sums


def _totals(books: Books) -> Iterator[str]:
    made = _added(one.legs for one in books.ledger.transfers)
    yield from _unlike("Account", made, books.ledger.totals)
    days = {
        name: {unit: sum(of.values()) for unit, of in by.items()} for name, by in books.ledger.days.items()
    }
    yield from _unlike("The days of", made, days)
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(books.ledger.transfers):
        for name in dict.fromkeys(name for name, _, _ in one.legs):
            places[name].append(place)
    if dict(places) != books.ledger.places:
        yield "The list of an account's transfers is not that of the transfers."


def _held(books: Books) -> Iterator[str]:
    waiting = (one.transfer.legs for one in books.ledger.pendings.values() if not one.fate)
    yield from _unlike("What is held on", _added(waiting), books.ledger.held)
    for key, one in books.ledger.pendings.items():
        if (books.ledger.keys[key] >= 0) != (one.fate == "settled"):
            yield f"Pending transfer {key!r} is {one.fate or 'open'}, which its posting does not say."


def _added(all_legs: Iterable[tuple[Leg, ...]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for legs in all_legs:
        for name, minor, currency in legs:
            sums[name, currency] += minor
    return sums


def _unlike(what: str, made: dict[tuple[str, str], int], kept: dict[str, dict[str, int]]) -> Iterator[str]:
    flat = {(name, currency): minor for name, of in kept.items() for currency, minor in of.items()}
    for name, currency in sorted(made.keys() | flat.keys()):
        ours, theirs = made.get((name, currency), 0), flat.get((name, currency), 0)
        if ours != theirs:
            yield f"{what} {name} is {theirs} minor units of {currency}; its postings sum to {ours}."


def _reversals(books: Books) -> Iterator[str]:
    opposite = {one.reverses: one for one in books.ledger.transfers if one.reverses}
    if len(opposite) != sum(bool(one.reverses) for one in books.ledger.transfers):
        yield "A transfer is reversed twice."
    if {of: one.key for of, one in opposite.items()} != books.ledger.reversed_by:
        yield "The list of reversals is not that of the transfers."
    for of, one in opposite.items():
        original = books.ledger.transfers[books.ledger.keys[of]]
        if tuple((name, -minor, currency) for name, minor, currency in original.legs) != one.legs:
            yield f"Transfer {one.key!r} is not the opposite of {of!r}."


def _owed(books: Books) -> Iterator[str]:
    """Compare what invoices leave open with what was posted as receivable for them."""
    made: dict[str, int] = defaultdict(int)
    for transfer in books.ledger.transfers:
        if transfer.source in books.ledger.invoices:
            for name, minor, currency in transfer.legs:
                if parted(name)[1] == "receivable":
                    made[f"{name} {currency}"] += minor
    kept: dict[str, int] = defaultdict(int)
    for one in books.ledger.invoices.values():
        kept[f"{one.entity}:receivable:{one.party} {one.amount.currency}"] += open_of(one).minor
    for name in sorted(made.keys() | kept.keys()):
        if made[name] != kept[name]:
            yield f"Invoices leave {kept[name]} minor units open on {name}; {made[name]} are posted."


def _contracts(books: Books) -> Iterator[str]:
    """Compare contracts' positions with what was posted on their accounts for them."""
    names = ("contract-asset", "contract-liability", "provision")
    made: dict[tuple[str, str], int] = defaultdict(int)
    for transfer in books.ledger.transfers:
        if transfer.source:
            for name, minor, _ in transfer.legs:
                _, line, detail = parted(name)
                if line in names:
                    made[line, detail] += minor
    for one in books.ledger.positions.values():
        kept = (one.asset.minor, -one.liability.minor, -one.provision.minor)
        for line, minor in zip(names, kept, strict=True):
            if made[line, one.contract] != minor:
                posted = made[line, one.contract]
                yield f"Contract {one.contract!r} has {minor} minor units of {line}; {posted} are posted."
        if one.asset and one.liability:
            yield f"Contract {one.contract!r} has an asset and a liability at once."
