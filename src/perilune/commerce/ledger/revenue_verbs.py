"""Orders about revenue: its plan, what is recognised, cost and estimates."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.fields import Asked, Day, Id, Text
from perilune.commerce.ledger import revenue
from perilune.commerce.ledger.fields import WRITE, AccountName, Key, day_of
from perilune.commerce.money import Amount, PositiveAmount
from perilune.commerce.verbs import Verb
from perilune.errors import RefusedError


class Planned(Asked):
    """How a contract's revenue is to be recognised."""

    entity: Id = Field(description="The own legal entity that earns it.")
    party: Id = Field(description="The customer.")
    contract: Id = Field(description="The contract.")
    line: Id = Field(description='Line of business, as "payload-service".')
    method: Literal["point-in-time", "cost-to-cost"] = Field(
        description="On delivery, or in proportion to cost."
    )
    price: PositiveAmount = Field(description="Price of the contract.")
    estimate: PositiveAmount | None = Field(
        None, description="Estimated cost at completion, in the entity's currency; cost-to-cost needs one."
    )
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def plan(books: Books, asked: Planned, moment: Moment) -> Decision:
    """Say how the revenue of a contract is to be recognised."""
    draft = revenue.plan(
        books, entity=asked.entity, party=asked.party, contract=asked.contract, line=asked.line,
        method=asked.method, price=asked.price, estimate=asked.estimate,
        effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return Decision((draft,), {"contract": asked.contract, "method": asked.method})


class Recognised(Asked):
    """Revenue that is earned by a delivery."""

    entity: Id = Field(description="The own legal entity that earns it.")
    party: Id = Field(description="The customer.")
    contract: Id = Field(description="The contract.")
    amount: Amount = Field(description="How much is earned; negative to take revenue back.")
    line: Id = Field(description='Line of business, as "payload-service".')
    key: Key = Field(description="What its transfer is known by.")
    memo: Text = Field("", description="What was delivered.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def recognise(books: Books, asked: Recognised, moment: Moment) -> Decision:
    """Recognise revenue at the point in time of a delivery."""
    position = books.ledger.positions.get(asked.contract)
    if position is not None and position.method == revenue.COST_TO_COST:
        raise RefusedError("state", f"{asked.contract!r} earns by cost. Book its cost: perilune ledger cost.")
    drafts = revenue.recognise(
        books, entity=asked.entity, party=asked.party, contract=asked.contract, amount=asked.amount,
        line=asked.line, memo=asked.memo, key=asked.key, effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return _answer(asked.contract, drafts)


class Spent(Asked):
    """A cost of a contract."""

    contract: Id = Field(description="The contract it is for.")
    amount: PositiveAmount = Field(description="How much was spent.")
    paid_from: AccountName = Field(
        description='Account it is paid from or owed on: "ispace-eu:payable:a-supplier".'
    )
    key: Key = Field(description="What its transfer is known by.")
    memo: Text = Field("", description="What for.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def cost(books: Books, asked: Spent, moment: Moment) -> Decision:
    """Book a cost of a contract, and the revenue it earns where that goes by cost."""
    drafts = revenue.cost(
        books, contract=asked.contract, amount=asked.amount, paid_from=asked.paid_from, memo=asked.memo,
        key=asked.key, effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return _answer(asked.contract, drafts)


class Estimated(Asked):
    """A new estimate of a contract's cost."""

    contract: Id = Field(description="The contract.")
    estimate: PositiveAmount = Field(description="Estimated cost at completion, in the entity's currency.")
    price: PositiveAmount | None = Field(None, description="New price, where an amendment changed it.")
    key: Key = Field(description="What the transfers that follow from it are known by.")
    memo: Text = Field("", description="Why it changed.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def estimate(books: Books, asked: Estimated, moment: Moment) -> Decision:
    """Record a new estimate at completion; revenue and the provision for a loss catch up at once."""
    drafts = revenue.estimate(
        books, contract=asked.contract, estimate=asked.estimate, price=asked.price, memo=asked.memo,
        key=asked.key, effective=day_of(asked.effective, moment),
    )  # fmt: skip
    return _answer(asked.contract, drafts)


def _answer(contract: str, drafts: tuple[Draft, ...]) -> Decision:
    earned = [draft.data["booked"] for draft in drafts if draft.kind == "revenue.recognised"]
    provided = [draft.data["booked"] for draft in drafts if draft.kind == "revenue.provided"]
    answer = {"contract": contract, "earned": (earned or [None])[0], "provided": (provided or [None])[0]}
    return Decision(drafts, answer)


VERBS: Final = (
    Verb("ledger", "plan-revenue", Planned, plan, WRITE, "Say how a contract's revenue is recognised."),
    Verb("ledger", "recognise", Recognised, recognise, WRITE, "Recognise revenue of a delivery."),
    Verb("ledger", "cost", Spent, cost, WRITE, "Book a cost of a contract and the revenue it earns."),
    Verb("ledger", "estimate", Estimated, estimate, WRITE, "Record a new estimate at completion."),
)
