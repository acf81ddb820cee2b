"""How long the ledger's statements take on many postings: `python benchmarks/ledger.py [POSTINGS]`.

Transfers of two postings in three entities over two thousand days; the times are of the processor.
"""

from __future__ import annotations

import datetime
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Event, Moment
from perilune.commerce.ledger.audit import balanced

BEGIN = datetime.date(2020, 1, 1)
DAYS = 2_000
CURRENCY = {"jp": "JPY", "eu": "EUR", "us": "USD"}


def founding(moment: Moment) -> Iterator[tuple[str, dict[str, Any]]]:
    for entity, currency in CURRENCY.items():
        yield (
            "party.added",
            {"id": entity, "name": entity, "country": "JP", "kind": "entity", "currency": currency},
        )
    for base, numerator in (("EUR", 160), ("USD", 150)):
        yield (
            "ledger.rated",
            {
                "base": base,
                "quote": "JPY",
                "numerator": numerator,
                "denominator": 1,
                "day": moment.day,
                "source": "benchmark",
            },
        )


def transfer(number: int, chance: random.Random) -> dict[str, Any]:
    entity = chance.choice(tuple(CURRENCY))
    minor, currency = chance.randrange(1, 10**6), CURRENCY[entity]
    debit = {"account": f"{entity}:cash", "amount": {"minor": minor, "currency": currency}}
    credit = {
        "account": f"{entity}:revenue:line{number % 20}",
        "amount": {"minor": -minor, "currency": currency},
    }
    return {"key": f"t{number}", "memo": "", "source": "", "postings": [debit, credit]}


def filled(transfers: int) -> tuple[Books, float]:
    """Return the books and the seconds that applying the events took."""
    books, chance, spent_s = Books(), random.Random(1), 0.0
    for kind, data in founding(Moment(f"{BEGIN}T00:00:00.000000Z", "benchmark")):
        moment = Moment(f"{BEGIN}T00:00:00.000000Z", "benchmark")
        registry.apply(books, Event(books.seq + 1, kind, data, moment.day, moment))
    for number in range(transfers):
        day = (BEGIN + datetime.timedelta(days=number * DAYS // transfers)).isoformat()
        moment = Moment(f"{day}T00:00:00.000000Z", "benchmark")
        event = Event(books.seq + 1, "ledger.posted", transfer(number, chance), day, moment)
        begun_s = time.process_time()
        registry.apply(books, event)
        spent_s += time.process_time() - begun_s
    return books, spent_s


def measure(name: str, ask: Callable[[], list[Any]]) -> None:
    begun_s = time.process_time()
    rows = ask()
    print(f"{name:44} {time.process_time() - begun_s:7.3f} s  {len(rows)} rows")


def main(postings: int) -> None:
    books, spent_s = filled(postings // 2)
    print(f"{f'{postings} postings applied':44} {spent_s:7.3f} s")

    def view(question: str, **asked: str) -> Callable[[], list[Any]]:
        one = registry.view(question)
        return lambda: list(one.rows(books, one.asked.model_validate(asked)))

    then = {"as_of": "2023-01-01", "known_at": "2024-01-01"}
    measure("trial balance, now", view("ledger trial-balance"))
    measure("trial balance, of a day as known then", view("ledger trial-balance", **then))
    measure("income of an entity, now", view("ledger income", entity="eu"))
    measure(
        "income of an entity, of a year",
        view("ledger income", entity="eu", since="2022-01-01", as_of="2022-12-31"),
    )
    measure("balance sheet of the group, now", view("ledger balance-sheet", currency="JPY"))
    measure("balance sheet of the group, as known then", view("ledger balance-sheet", currency="JPY", **then))
    measure("an account to a day", view("ledger account", account="eu:revenue:line3", as_of="2022-01-01"))
    measure("audit of everything", lambda: balanced(books))
    print(f"{'memory':44} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:7d} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
