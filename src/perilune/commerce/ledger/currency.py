"""Orders about currencies: rates, money exchanged, and the revaluation of what is held at a period's end.

An entity's position in a foreign currency stands on its account `exchange:CURRENCY` in both currencies: what
it holds, and at what value. The value of the position at a day's rate, less what stands there, is the
difference by exchange.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from perilune.commerce import exchange
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.fields import LAST_DAY, Asked, Day, Id, Name, Text
from perilune.commerce.ledger.chart import account, checked
from perilune.commerce.ledger.fields import WRITE, AccountOrNone, Currency, Key, day_of
from perilune.commerce.ledger.position import share
from perilune.commerce.ledger.postings import Posting, transfer
from perilune.commerce.ledger.rates import booked, difference, exchanged
from perilune.commerce.money import Money, PositiveAmount
from perilune.commerce.parties.lookup import entity
from perilune.commerce.verbs import Verb
from perilune.errors import InputError, RefusedError


class Rated(Asked):
    """An exchange rate of a day."""

    base: Currency = Field(description="The currency of which one unit is valued.")
    quote: Currency = Field(description="The currency it is valued in.")
    rate: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description='Units of quote for one unit of base, exact: "149.35" or "20/2987".'
    )
    day: Day = Field(description="The day of the rate; it counts until the next one.")
    source: Name = Field(description="Who published it.")


def rate(books: Books, asked: Rated, moment: Moment) -> Decision:
    """Record an exchange rate with its source; of two for one day, the later record counts."""
    del books
    if asked.base == asked.quote:
        raise InputError(f"{asked.base} against itself is always 1. Name two currencies.")
    if asked.day.isoformat() > moment.day:
        raise RefusedError("time", f"{asked.day} has not come on {moment.day}; its rate is not known.")
    numerator, denominator = exchange.ratio(asked.rate)
    data = {
        "base": asked.base, "quote": asked.quote, "numerator": numerator, "denominator": denominator,
        "day": asked.day.isoformat(), "source": asked.source,
    }  # fmt: skip
    answer = {"rate": f"{numerator}/{denominator}"}
    return Decision((Draft("ledger.rated", data, asked.day.isoformat()),), answer)


class Exchanged(Asked):
    """Money exchanged at a bank."""

    entity: Id = Field(description="The own legal entity.")
    given: PositiveAmount = Field(description="What was given.")
    got: PositiveAmount = Field(
        description="What was got for it; one of the two is in the entity's currency."
    )
    account: AccountOrNone = Field("", description="The account; the entity's cash if left out.")
    key: Key = Field(description="What its transfer is known by (the bank's reference).")
    memo: Text = Field("", description="What for.")
    effective: Day | None = Field(None, description="Day of the exchange; the day of recording if left out.")


def swap(books: Books, asked: Exchanged, moment: Moment) -> Decision:
    """Book money exchanged; what was held is given at its mean value, the difference is realised."""
    own, day = entity(books, asked.entity).currency, day_of(asked.effective, moment)
    if asked.given.currency == asked.got.currency or own not in (asked.given.currency, asked.got.currency):
        raise InputError(
            f"One of {asked.given} and {asked.got} must be in {own}, the other in another currency."
        )
    cash = checked(books, asked.account or account(asked.entity, "cash"))
    if not cash.startswith(asked.entity + ":"):
        raise RefusedError("balance", f"{cash} is another entity's account than {asked.entity}'s.")
    selling = asked.got.currency == own
    foreign, value = (-asked.given, -asked.got) if selling else (asked.got, asked.given)
    postings = [Posting(cash, -asked.given), Posting(cash, asked.got)]
    postings += exchanged(asked.entity, foreign, value)
    gain = (
        asked.got - _mean_value(books, asked.entity, asked.given, day, asked.got)
        if selling
        else Money(0, own)
    )
    if gain:
        postings.append(Posting(account(asked.entity, "exchange", asked.given.currency), gain))
        postings += difference(asked.entity, gain, "realised")
    draft = transfer(books, asked.key, postings, memo=asked.memo, effective=day, source="exchange")
    return Decision((draft,), {"key": asked.key, "gain": str(gain)})


def _mean_value(books: Books, entity_id: str, given: Money, day: str, got: Money) -> Money:
    """Return at what value the money given stood in the books; what was not held, at what it brought."""
    held, value = position_in(books, entity_id, given.currency, got.currency, day)
    if held.minor <= 0:
        return got
    covered = min(held, given)
    return share(value, covered, held) + (got - share(got, covered, given))


class Revalued(Asked):
    """A period's end at which foreign currency is valued."""

    entity: Id = Field(description="The own legal entity.")
    day: Day = Field(description="Last day of the period.")


def revalue(books: Books, asked: Revalued, moment: Moment) -> Decision:
    """Post the unrealised differences by exchange at a period's end, and take them back on the next day."""
    own, day = entity(books, asked.entity).currency, asked.day.isoformat()
    if day > moment.day:
        raise RefusedError("time", f"{day} has not passed on {moment.day}. Revalue a period when it is over.")
    if asked.day >= LAST_DAY:
        raise InputError(f"{asked.day} has no next day in the books.")
    next_day = (asked.day + datetime.timedelta(days=1)).isoformat()
    drafts: list[Draft] = []
    gains: dict[str, str] = {}
    prefix = account(asked.entity, "exchange") + ":"
    for name in sorted(one for one in books.ledger.totals if one.startswith(prefix)):
        currency = name.removeprefix(prefix)
        held, value = position_in(books, asked.entity, currency, own, day)
        gain = booked(books, asked.entity, held, day) - value
        if not gain:
            continue
        postings = [Posting(name, gain), *difference(asked.entity, gain, "unrealised")]
        drafts += _there_and_back(books, f"revaluation/{name}/{day}", postings, (day, next_day), drafts)
        gains[currency] = str(gain)
    return Decision(tuple(drafts), {"entity": asked.entity, "gains": gains})


def _there_and_back(
    books: Books, stem: str, postings: Sequence[Posting], days: tuple[str, str], before: Sequence[Draft]
) -> list[Draft]:
    number = 1
    while f"{stem}/{number}" in books.ledger.keys:
        number += 1
    key, memo = f"{stem}/{number}", f"Revaluation at {days[0]}"
    there = transfer(books, key, postings, memo=memo, effective=days[0], source="revaluation", before=before)
    opposite = [Posting(one.account, -one.amount) for one in postings]
    back = transfer(
        books, f"{key}/back", opposite, memo=f"{memo}, taken back", effective=days[1],
        source="revaluation", before=[*before, there],
    )  # fmt: skip
    return [there, back]


def position_in(books: Books, entity_id: str, currency: str, own: str, day: str) -> tuple[Money, Money]:
    """Return what an entity holds of a foreign currency on a day, and at what value in its own it stands."""
    name = account(entity_id, "exchange", currency)
    days = books.ledger.days.get(name, {})
    held, value = (
        sum(minor for on, minor in days.get(unit, {}).items() if on <= day) for unit in (currency, own)
    )
    return Money(-held, currency), Money(value, own)


VERBS: Final = (
    Verb("ledger", "rate", Rated, rate, WRITE, "Record an exchange rate with its source."),
    Verb("ledger", "exchange", Exchanged, swap, WRITE, "Book money exchanged at a bank."),
    Verb("ledger", "revalue", Revalued, revalue, WRITE, "Value foreign currency at a period's end."),
)
