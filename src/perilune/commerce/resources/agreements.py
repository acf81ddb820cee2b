"""Regolith contracts: drafted, awarded, launched, collected, verified, handed over in place, settled."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.contracts.machine import advance
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.evidence.verbs import evidence
from perilune.commerce.ledger.invoices import issue
from perilune.commerce.ledger.revenue import recognise
from perilune.commerce.money import Money, split
from perilune.commerce.parties.lookup import entity, party
from perilune.commerce.plans.verbs import mission
from perilune.commerce.resources import asked as wanted
from perilune.commerce.resources.asked import whole_mg
from perilune.commerce.resources.guards import GUARDS, Case
from perilune.commerce.resources.licences import licence
from perilune.commerce.resources.lots import leaf_of, opened
from perilune.commerce.resources.state import Agreement, Payment, Place, Sample
from perilune.commerce.resources.terms import REGOLITH
from perilune.errors import InputError, NameNotFoundError, RefusedError

_SAMPLE = TypeAdapter(Sample)
#: Days that a buyer has to pay an invoice.
_DUE_DAY_COUNT = 30


def agreement(books: Books, name: str) -> Agreement:
    """Return a regolith contract; raises `NameNotFoundError`."""
    if name not in books.resources.agreements:
        raise NameNotFoundError("regolith contract", name, books.resources.agreements)
    return books.resources.agreements[name]


def draft(books: Books, asked: wanted.DraftAsked, moment: Moment) -> Decision:
    """Draft a contract; its shares add up to the whole."""
    if asked.id in books.resources.agreements:
        raise RefusedError("state", f"There is a regolith contract {asked.id!r} already. Choose another id.")
    if asked.id in books.contracts.by_id:
        raise RefusedError("state", f"There is a contract {asked.id!r} already. Choose another id.")
    party(books, asked.buyer)
    entity(books, asked.seller)
    mission(books, asked.mission)
    _consistent(asked, moment)
    day = asked.on.isoformat() if asked.on else moment.day
    data = asked.model_dump(mode="json", exclude={"least_mass_kg", "most_mass_kg", "on"})
    data |= {"least_mg": whole_mg(asked.least_mass_kg), "most_mg": whole_mg(asked.most_mass_kg)}
    return Decision((Draft("regolith.drafted", data, day),), {"id": asked.id, "state": REGOLITH.start})


def _consistent(asked: wanted.DraftAsked, moment: Moment) -> None:
    shares = sum(payment.share for payment in asked.payments)
    if shares != 10_000:
        raise RefusedError("balance", f"The payments add up to {shares / 100:g} %, not 100 %.")
    due = [payment.due_on for payment in asked.payments]
    if len(set(due)) < len(due):
        raise RefusedError("balance", "Two payments are due on the same step. Make them one.")
    if asked.price.minor <= 0:
        raise RefusedError("balance", f"The price is {asked.price}; it must be above zero.")
    if asked.buyer == asked.seller:
        raise RefusedError("authority", f"{asked.buyer!r} cannot buy from itself.")
    if asked.most_mass_kg < asked.least_mass_kg:
        raise InputError("The most mass is below the least mass.")
    day = asked.on.isoformat() if asked.on else moment.day
    if day > moment.day:
        raise RefusedError("time", f"{day} is still to come.")
    if asked.term.isoformat() < day:
        raise RefusedError("time", f"The term {asked.term} is over before the contract is drafted.")


def _drafted(books: Books, event: Event) -> None:
    data: dict[str, Any] = dict(event.data)
    price = Money(**data["price"])
    asked = data.pop("payments")
    amounts = split(price, [payment["share"] for payment in asked])
    payments = tuple(Payment(one["due_on"], amount) for one, amount in zip(asked, amounts, strict=True))
    data["price"] = price
    books.resources.agreements[data["id"]] = Agreement(**data, payments=payments, drafted_on=event.effective)


def _case(books: Books, asked: wanted.OnContract, moment: Moment, **more: Any) -> Case:
    day = asked.on.isoformat() if asked.on else moment.day
    found = agreement(books, asked.id)
    if day > moment.day:
        raise RefusedError("time", f"{day} is still to come.")
    if day < (found.awarded_on or found.drafted_on):
        since = f"award on {found.awarded_on}" if found.awarded_on else f"draft of {found.drafted_on}"
        raise RefusedError("time", f"{day} lies before the {since} of contract {asked.id!r}.")
    return Case(books, found, moment, day, **more)


def _step(order: str, case: Case, data: dict[str, Any] | None = None) -> Decision:
    """Take a contract one order on; what is due on it is invoiced in the same commit."""
    found = case.agreement
    state = advance(REGOLITH, found.state, order, GUARDS, case, repr(found.id))
    told = {"id": found.id, "order": order, "state": state, **(data or {})}
    moved = Draft("regolith.moved", told, case.day)
    due = [payment for payment in found.payments if payment.due_on == order and not payment.invoice]
    if not due:
        earned = _earned(case, order, found, ())
        return Decision((moved, *earned), {"id": found.id, "state": state})
    invoiced = issue(
        case.books,
        entity=found.seller,
        party=found.buyer,
        contract=found.id,
        amount=due[0].amount,
        memo=f"{found.id}: {order}",
        due=_later(case.day),
        key=f"regolith/{found.id}/{order}",
        effective=case.day,
    )
    number = next(made.data["id"] for made in invoiced if made.kind == "invoice.issued")
    told["invoice"] = number
    billed = replace(
        found, payments=tuple(replace(one, invoice=number) if one in due else one for one in found.payments)
    )
    earned = _earned(case, order, billed, (moved, *invoiced))
    return Decision(
        (moved, *invoiced, *earned),
        {"id": found.id, "state": state, "invoice": number, "due": str(due[0].amount)},
    )


def _earned(case: Case, order: str, found: Agreement, before: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """Return what earns the price as the title passes; if a contract ends unfulfilled, what was billed stays.

    Payments on award and launch are not given back and nothing is owed for them any more (IFRS 15.15).
    """
    if order not in ("transfer", "fail", "expire", "terminate"):
        return ()
    billed = [payment.amount for payment in found.payments if payment.invoice]
    amount = found.price if order == "transfer" else sum(billed, Money(0, found.price.currency))
    if not amount:
        return ()
    return recognise(
        case.books,
        entity=found.seller,
        party=found.buyer,
        contract=found.id,
        amount=amount,
        line="resources",
        memo=f"{found.id}: {order}",
        key=f"regolith/{found.id}/revenue",
        effective=case.day,
        before=before,
    )


def _later(day: str) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=_DUE_DAY_COUNT)).isoformat()


def _moved(books: Books, event: Event) -> None:
    data = event.data
    found = books.resources.agreements[data["id"]]
    payments = tuple(
        replace(payment, invoice=data["invoice"])
        if payment.due_on == data["order"] and "invoice" in data and not payment.invoice
        else payment
        for payment in found.payments
    )
    changed: dict[str, Any] = {"state": data["state"], "payments": payments}
    changed |= {name: data[name] for name in ("licence", "why", "awarded_on") if name in data}
    if "sample" in data:
        changed["sample"] = sample = _SAMPLE.validate_python(data["sample"])
        books.resources.imagery |= dict.fromkeys(sample.imagery, found.id)
    if "submitted" in data:
        changed["submitted"] = tuple(data["submitted"])
    books.resources.agreements[found.id] = replace(found, **changed)


def authorise(books: Books, asked: wanted.Authorise, moment: Moment) -> Decision:
    """Attach the licence under which a contract is carried out."""
    case = _case(books, asked, moment, licence=licence(books, asked.licence))
    return _step("authorise", case, {"licence": asked.licence})


def award(books: Books, asked: wanted.OnContract, moment: Moment) -> Decision:
    """Award a contract, as its buyer."""
    case = _case(books, asked, moment)
    return _step("award", case, {"awarded_on": case.day})


def _with_evidence(order: str) -> Callable[[Books, Any, Moment], Decision]:
    def decide(books: Books, asked: Any, moment: Moment) -> Decision:
        case = _case(books, asked, moment, evidence=evidence(books, asked.evidence))
        why = {"why": asked.why} if hasattr(asked, "why") else {}
        return _step(order, case, {"evidence": asked.evidence, **why})

    return decide


review, launch, land, fail = (_with_evidence(order) for order in ("review", "launch", "land", "fail"))


def collect(books: Books, asked: wanted.Collect, moment: Moment) -> Decision:
    """Record a sample; the lot it makes belongs to the seller, by the law of its licence."""
    sample = Sample(
        whole_mg(asked.mass_kg),
        whole_mg(asked.mass_sigma_kg),
        asked.method,
        asked.collected_at,
        Place(**asked.place.model_dump()),
        asked.imagery,
        asked.telemetry,
        asked.camera_geometry,
    )
    case = _case(books, asked, moment, sample=sample)
    moved = _step("collect", case, {"sample": asdict(sample)})
    lot = opened(books, case.agreement, sample, case.day)
    return Decision((*moved.events, lot), {**moved.answer, "lot": lot.data["id"]})


def submit(books: Books, asked: wanted.OnContract, moment: Moment) -> Decision:
    """Hand the buyer everything that shows the sample."""
    case = _case(books, asked, moment)
    sample = case.agreement.sample
    shown = [*sample.imagery, sample.telemetry, sample.camera_geometry] if sample else []
    return _step("submit", case, {"submitted": shown})


def _plain(order: str) -> Callable[[Books, Any, Moment], Decision]:
    def decide(books: Books, asked: Any, moment: Moment) -> Decision:
        why = {"why": asked.why} if hasattr(asked, "why") else {}
        agreed = getattr(asked, "agreed_by", "")
        return _step(order, _case(books, asked, moment, agreed_by=agreed), why)

    return decide


verify, settle, expire = (_plain(order) for order in ("verify", "settle", "expire"))
reject, dispute, terminate, resolve = (
    _plain(order) for order in ("reject", "dispute", "terminate", "resolve")
)


def transfer(books: Books, asked: wanted.OnContract, moment: Moment) -> Decision:
    """Pass the title to the buyer, in place on the Moon."""
    case = _case(books, asked, moment)
    moved = _step("transfer", case)
    found = case.agreement
    title = {"id": found.lot, "to": found.buyer, "by": found.id, "price": asdict(found.price)}
    title["leaf"] = leaf_of(books, books.resources.lots[found.lot], found.buyer, case.day, found.id)
    return Decision(
        (*moved.events, Draft("lot.transferred", title, case.day)), {**moved.answer, "lot": found.lot}
    )


def buyer_of(books: Books, asked: Any) -> str:
    """Return in whose name alone a party-bound key may order on a contract."""
    return agreement(books, asked.id).buyer


APPLIED = {"regolith.drafted": _drafted, "regolith.moved": _moved}
