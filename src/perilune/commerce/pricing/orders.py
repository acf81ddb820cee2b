"""Quotes: made from the tariff of the day, revised, accepted in the version that was read."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Final

from perilune.commerce.booking.asked import Reserve
from perilune.commerce.booking.orders import booking_of, reserve
from perilune.commerce.booking.state import HOLDING, OPTION
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.money import Money
from perilune.commerce.payloads.verbs import listed
from perilune.commerce.plans.verbs import mission
from perilune.commerce.pricing.asked import Accept, CostAsked, Make, Revise, TariffAsked, Why
from perilune.commerce.pricing.lines import Wishes, lines_of, total_of
from perilune.commerce.pricing.published import standard
from perilune.commerce.pricing.state import (
    ACCEPTED,
    DECLINED,
    OFFERED,
    REVISED,
    WITHDRAWN,
    Cost,
    Line,
    Quote,
    Rate,
    Tariff,
)
from perilune.errors import InputError, NameNotFoundError, RefusedError

_WISHES: Final = ("hosted_s", "priority", "discount_bp", "terms")


def quote(books: Books, name: str) -> Quote:
    """Return a quote in its newest version; raises `NameNotFoundError`."""
    if name not in books.pricing.quotes:
        raise NameNotFoundError("quote", name, books.pricing.quotes)
    return books.pricing.quotes[name][-1]


def party_of(books: Books, asked: Any) -> str:
    """Return in whose name alone a party-bound key may order on a quote."""
    return quote(books, asked.id).party


def tariff(books: Books, asked: TariffAsked, moment: Moment) -> Decision:  # noqa: ARG001
    """Take in new list prices."""
    data = standard() if asked.standard else _own(asked)
    if any(data["id"] == known.id for known in books.pricing.tariffs):
        raise RefusedError("state", f"There is a tariff {data['id']!r} already. Choose another id.")
    if books.pricing.tariffs and data["since"] <= books.pricing.tariffs[-1].since:
        last = books.pricing.tariffs[-1]
        raise RefusedError("time", f"Tariff {last.id!r} holds from {last.since}; a new one must begin later.")
    return Decision((Draft("tariff.set", data, data["since"]),), {"id": data["id"], "since": data["since"]})


def _own(asked: TariffAsked) -> dict[str, Any]:
    missing = [name for name in ("id", "since", "source") if getattr(asked, name) is None]
    if missing or not asked.rates:
        raise InputError(f"A tariff needs {', '.join(missing or ['rates'])}; or take the standard one.")
    currencies = {rate.price.currency for rate in asked.rates}
    if len(currencies) > 1:
        raise InputError(f"A tariff has one currency, not {', '.join(sorted(currencies))}.")
    items = [rate.item for rate in asked.rates]
    if len(set(items)) < len(items):
        raise InputError("An item stands twice in the tariff. Name each once.")
    if any(rate.price.minor < 0 for rate in asked.rates):
        raise RefusedError("balance", "A price cannot be negative.")
    return asked.model_dump(mode="json", exclude={"standard"})


def _set(books: Books, event: Event) -> None:
    data = dict(event.data)
    rates = tuple(Rate(**{**rate, "price": Money.of(rate["price"])}) for rate in data["rates"])
    books.pricing.tariffs.append(Tariff(**{**data, "rates": rates}))


def tariff_on(books: Books, day: str) -> Tariff:
    """Return the tariff of a day; `RefusedError` with the cure if there is none."""
    held = [known for known in books.pricing.tariffs if known.since <= day]
    if not held:
        raise RefusedError(
            "state", f"No tariff holds on {day}. Take one in first: `perilune quote tariff --standard`."
        )
    return held[-1]


def make(books: Books, asked: Make, moment: Moment) -> Decision:
    """Offer the carriage of a payload, by the tariff of the day."""
    name = f"Q-{len(books.pricing.quotes) + 1:06d}"
    wishes = asked.model_dump(mode="json", include=set(_WISHES))
    data = _priced(books, asked.payload, asked.mission, asked.valid_until.isoformat(), wishes, moment)
    return _offered({**data, "id": name, "version": 1})


def revise(books: Books, asked: Revise, moment: Moment) -> Decision:
    """Make an open quote anew, as its next version."""
    before = _open(books, asked.id)
    said = asked.model_dump(mode="json", exclude_none=True, exclude={"id"})
    if not said:
        raise RefusedError("state", f"Nothing to revise of quote {asked.id!r}. Say what changes.")
    kept = books.pricing.wishes[before.id]
    wishes = kept | {name: said[name] for name in _WISHES if name in said}
    mission_id, until = said.get("mission", before.mission), said.get("valid_until", before.valid_until)
    data = _priced(books, before.payload, mission_id, until, wishes, moment)
    return _offered({**data, "id": before.id, "version": before.version + 1})


def _priced(
    books: Books, payload: str, mission_id: str, until: str, wishes: dict[str, Any], moment: Moment
) -> dict[str, Any]:
    one = listed(books, payload)
    mission(books, mission_id)
    if until < moment.day:
        raise RefusedError(
            "time", f"The quote would be valid until {until}, before it is made. Give a later day."
        )
    held = tariff_on(books, moment.day)
    asked = Wishes(round(wishes["hosted_s"]), wishes["priority"], wishes["discount_bp"])
    lines = lines_of(held, one, one.destination, asked)
    return {
        "party": one.party,
        "payload": payload,
        "mission": mission_id,
        "destination": one.destination,
        "tariff": held.id,
        "lines": [asdict(line) for line in lines],
        "total": total_of(lines).data(),
        "valid_until": until,
        "wishes": wishes,
        "terms": wishes["terms"],
    }


def _offered(data: dict[str, Any]) -> Decision:
    total = Money.of(data["total"])
    return Decision(
        (Draft("quote.made", data),),
        {
            "id": data["id"],
            "version": data["version"],
            "total": str(total),
            "valid_until": data["valid_until"],
        },
    )


def _made(books: Books, event: Event) -> None:
    data = dict(event.data)
    books.pricing.wishes[data["id"]] = data.pop("wishes")
    lines = tuple(Line(**{**line, "amount": Money.of(line["amount"])}) for line in data["lines"])
    new = Quote(**{**data, "lines": lines, "total": Money.of(data["total"])}, made_on=event.moment.day)
    before = books.pricing.quotes.get(new.id, ())
    earlier = (*before[:-1], replace(before[-1], state=REVISED)) if before else ()
    books.pricing.quotes[new.id] = (*earlier, new)


def _open(books: Books, name: str) -> Quote:
    found = quote(books, name)
    if found.state != OFFERED:
        raise RefusedError("state", f"Quote {name!r} is {found.state} already. Make a new one.")
    return found


def accept(books: Books, asked: Accept, moment: Moment) -> Decision:
    """Accept a quote, as its customer, in the version that was read; its place on the flight is held at once.

    Where the flight is open and the payload not booked yet, the reservation is made in the same commit: what
    has been sold can be carried, or the acceptance is refused (rule "capacity").
    """
    found = _open(books, asked.id)
    if moment.party != found.party:
        raise RefusedError("authority", f"Only {found.party!r} can accept quote {asked.id!r}. Act for it.")
    if asked.version != found.version:
        raise RefusedError(
            "state", f"Quote {asked.id!r} is at version {found.version}, not {asked.version}. Read it again."
        )
    if moment.day > found.valid_until:
        raise RefusedError(
            "time", f"Quote {asked.id!r} was valid until {found.valid_until}. Ask for a new version."
        )
    _as_priced(books, found)
    taken = _moved(found, ACCEPTED, "", {"total": str(found.total), "mission": found.mission})
    if found.payload in books.booking.by_payload:
        _placed(books, found, moment)
        return taken
    if found.mission not in books.manifest.by_mission:
        return taken
    held = reserve(books, Reserve(mission=found.mission, payload=found.payload), moment)
    return Decision((*taken.events, *held.events), {**taken.answer, "booking": held.answer["id"]})


def _as_priced(books: Books, found: Quote) -> None:
    """Refuse where the payload was revised since into one that costs something else."""
    one, wishes = listed(books, found.payload), books.pricing.wishes[found.id]
    held = next(known for known in books.pricing.tariffs if known.id == found.tariff)
    asked = Wishes(round(wishes["hosted_s"]), wishes["priority"], wishes["discount_bp"])
    total = total_of(lines_of(held, one, one.destination, asked))
    if one.destination != found.destination or total != found.total:
        raise RefusedError(
            "state",
            f"Payload {one.id!r} was revised since quote {found.id!r} was made: it would be {total}, not "
            f"{found.total}. Have the quote revised.",
        )


def _placed(books: Books, found: Quote, moment: Moment) -> None:
    """Refuse where the payload's booking holds no place on the flight that is sold."""
    held = booking_of(books, books.booking.by_payload[found.payload])
    lapsed = held.until is not None and held.state == OPTION and held.until.isoformat() < moment.day
    if held.mission == found.mission and held.state in HOLDING and not lapsed:
        return
    how = f"option that lapsed after {held.until}" if lapsed else held.state
    raise RefusedError(
        "capacity",
        f"Payload {found.payload!r} has no place on mission {found.mission!r}: its booking {held.id} is "
        f"{how} on {held.mission!r}. Rebook or cancel that first.",
    )


def decline(books: Books, asked: Why, moment: Moment) -> Decision:
    """Decline a quote, as its customer."""
    found = _open(books, asked.id)
    if moment.party != found.party:
        raise RefusedError("authority", f"Only {found.party!r} can decline quote {asked.id!r}. Act for it.")
    return _moved(found, DECLINED, asked.why, {})


def withdraw(books: Books, asked: Why, moment: Moment) -> Decision:
    """Withdraw an open quote."""
    if moment.party:
        raise RefusedError("authority", "Only the house withdraws its quotes; a customer declines them.")
    return _moved(_open(books, asked.id), WITHDRAWN, asked.why, {})


def _moved(found: Quote, state: str, why: str, more: dict[str, Any]) -> Decision:
    data = {"id": found.id, "version": found.version, "state": state, "why": why}
    return Decision((Draft("quote.moved", data),), {"id": found.id, "state": state, **more})


def _taken(books: Books, event: Event) -> None:
    data = event.data
    versions = books.pricing.quotes[data["id"]]
    now = replace(versions[-1], state=data["state"], why=data["why"])
    books.pricing.quotes[data["id"]] = (*versions[:-1], now)


def cost(books: Books, asked: CostAsked, moment: Moment) -> Decision:  # noqa: ARG001
    """Record something a mission costs; the same id again takes the place of what was said before."""
    mission(books, asked.mission)
    if asked.amount.minor < 0:
        raise RefusedError("balance", f"{asked.amount} is no cost: it cannot be negative.")
    held = [
        one for one in books.pricing.costs.values() if one.mission == asked.mission and one.id != asked.id
    ]
    if held and held[0].amount.currency != asked.amount.currency:
        raise RefusedError(
            "balance",
            f"The costs of {asked.mission!r} are in {held[0].amount.currency}; convert {asked.amount} first.",
        )
    return Decision((Draft("cost.set", asked.model_dump(mode="json")),), {"id": asked.id})


def _costed(books: Books, event: Event) -> None:
    data = event.data
    books.pricing.costs[data["id"]] = Cost(**{**data, "amount": Money.of(data["amount"])})


APPLIED: Final = {"tariff.set": _set, "quote.made": _made, "quote.moved": _taken, "cost.set": _costed}
