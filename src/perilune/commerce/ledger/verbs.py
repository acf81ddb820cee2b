"""Orders about transfers, accounts, periods and rates; and all orders and questions of the ledger."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Moment
from perilune.commerce.fields import Asked, Day, Id, Text
from perilune.commerce.ledger import applied, currency, invoice_verbs, postings, revenue_verbs, views
from perilune.commerce.ledger.chart import CHART, CONTROLLED, parted
from perilune.commerce.ledger.fields import WRITE, AccountName, Key, day_of
from perilune.commerce.ledger.postings import Posting
from perilune.commerce.money import Amount
from perilune.commerce.parties.lookup import entity
from perilune.commerce.verbs import Verb
from perilune.errors import InputError, RefusedError


class Line(Asked):
    """An amount on an account."""

    account: AccountName = Field(description='ENTITY:NAME or ENTITY:NAME:DETAIL, as "ispace-jp:cash".')
    amount: Amount = Field(description="Debit positive, credit negative.")


class Moved(Asked):
    """One transfer."""

    key: Key = Field(description="What the transfer is known by; one key moves money once.")
    postings: list[Line] = Field(min_length=2, max_length=postings.MOST_POSTINGS, description="Its postings.")
    memo: Text = Field("", description="What it is for.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )
    pending: bool = Field(False, description="Reserve the money only, until it is settled or voided.")
    until: Day | None = Field(None, description="Last day on which a pending transfer can be settled.")


class Transferred(Asked):
    """Transfers that belong together: all are posted, or none."""

    transfers: list[Moved] = Field(min_length=1, max_length=100, description="The transfers.")


def move(books: Books, asked: Transferred, moment: Moment) -> Decision:
    """Post transfers, or reserve them; those already posted under their key are not posted again."""
    drafts: list[Draft] = []
    for one in asked.transfers:
        lines = [Posting(_by_hand(line.account), line.amount) for line in one.postings]
        effective = day_of(one.effective, moment)
        if one.until and not one.pending:
            raise InputError(
                f"Transfer {one.key!r} has a last day, which only a pending one may have. Leave it out."
            )
        if postings.same(books, one.key, lines, effective=effective, pending=one.pending):
            continue
        if one.pending:
            until = one.until.isoformat() if one.until else ""
            drafts.append(
                postings.pending(
                    books, one.key, lines, memo=one.memo, effective=effective, until=until, before=drafts
                )
            )
        else:
            drafts.append(
                postings.transfer(books, one.key, lines, memo=one.memo, effective=effective, before=drafts)
            )
    keys = [one.key for one in asked.transfers]
    return Decision(tuple(drafts), {"keys": keys, "posted": len(drafts)})


def _by_hand(name: str) -> str:
    """Refuse an account that invoices, revenue and rates keep: by hand it would part from them."""
    if name.count(":") and parted(name)[1] in CONTROLLED:
        raise RefusedError(
            "authority",
            f"{name[:80]} follows from invoices, revenue and exchange. Use their orders: invoice-issue, "
            "recognise, exchange, revalue.",
        )
    return name


class Ended(Asked):
    """A pending transfer to settle or void."""

    key: Key = Field(description="The pending transfer's key.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def settle(books: Books, asked: Ended, moment: Moment) -> Decision:
    """Post a pending transfer."""
    return Decision(
        (postings.settled(books, asked.key, effective=day_of(asked.effective, moment)),), {"key": asked.key}
    )


def void(books: Books, asked: Ended, moment: Moment) -> Decision:
    """Give up a pending transfer."""
    return Decision(
        (postings.voided(books, asked.key, effective=day_of(asked.effective, moment)),), {"key": asked.key}
    )


class Reversed(Asked):
    """A transfer to take back."""

    of: Key = Field(description="Key of the transfer to take back.")
    key: Key = Field(description="Key of the transfer that takes it back.")
    memo: Text = Field("", description="Why.")
    effective: Day | None = Field(
        None, description="Day from which it counts; the day of recording if left out."
    )


def reverse(books: Books, asked: Reversed, moment: Moment) -> Decision:
    """Take a transfer back by posting its opposite."""
    effective = day_of(asked.effective, moment)
    draft = postings.reversed(books, asked.key, asked.of, memo=asked.memo, effective=effective)
    return Decision((draft,), {"key": asked.key, "reverses": asked.of})


class AccountAdded(Asked):
    """An account for the chart."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z](?:[a-z0-9-]{0,39}[a-z0-9])?$")] = Field(
        description="Its name, the same for every entity."
    )
    type: Literal["asset", "liability", "equity", "revenue", "expense"] = Field(description="What it is.")


def add_account(books: Books, asked: AccountAdded, moment: Moment) -> Decision:  # noqa: ARG001
    """Take an account into the chart."""
    if asked.name in CHART or asked.name in books.ledger.chart:
        raise RefusedError("state", f"There is an account {asked.name!r} already. Choose another name.")
    return Decision((Draft("ledger.account-added", asked.model_dump(mode="json")),), {"name": asked.name})


class Closed(Asked):
    """A period to close."""

    entity: Id = Field(description="The own legal entity.")
    through: Day = Field(description="Last day of the period.")


def close(books: Books, asked: Closed, moment: Moment) -> Decision:
    """Close an entity's books until a day: nothing effective on or before it can be posted any more."""
    entity(books, asked.entity)
    through, until = asked.through.isoformat(), books.ledger.closed.get(asked.entity, "")
    if through <= until:
        raise RefusedError("time", f"The books of {asked.entity} are closed until {until} already.")
    if through > moment.day:
        raise RefusedError(
            "time", f"{through} has not passed on {moment.day}. Close a period when it is over."
        )
    waiting = sorted(
        key
        for key, one in books.ledger.pendings.items()
        if not one.fate and one.transfer.effective <= through and _touches(one.transfer.legs, asked.entity)
    )
    if waiting:
        raise RefusedError(
            "state",
            f"{len(waiting)} transfers of the period are pending ({waiting[0]!r}). Settle or void them.",
        )
    return Decision(
        (Draft("ledger.closed", asked.model_dump(mode="json"), through),), {"closed_through": through}
    )


def _touches(legs: tuple[tuple[str, int, str], ...], entity_id: str) -> bool:
    return any(name.startswith(entity_id + ":") for name, _, _ in legs)


VERBS: Final = (
    Verb("ledger", "transfer", Transferred, move, WRITE, "Post transfers, all or none; or reserve them."),
    Verb("ledger", "settle", Ended, settle, WRITE, "Post a pending transfer."),
    Verb("ledger", "void", Ended, void, WRITE, "Give up a pending transfer."),
    Verb("ledger", "reverse", Reversed, reverse, WRITE, "Take a transfer back by its opposite."),
    Verb("ledger", "add-account", AccountAdded, add_account, WRITE, "Take an account into the chart."),
    Verb("ledger", "close", Closed, close, WRITE, "Close an entity's books until a day."),
    *currency.VERBS,
    *invoice_verbs.VERBS,
    *revenue_verbs.VERBS,
)

VIEWS: Final = views.VIEWS

APPLIED: Final = {
    "ledger.posted": applied.posted,
    "ledger.reversed": applied.posted,
    "ledger.pended": applied.pended,
    "ledger.settled": applied.settled,
    "ledger.voided": applied.voided,
    "ledger.account-added": applied.account_added,
    "ledger.closed": applied.closed,
    "ledger.rated": applied.rated,
    "invoice.issued": applied.invoiced,
    "invoice.paid": applied.invoice_moved,
    "invoice.credited": applied.invoice_moved,
    "invoice.refunded": applied.invoice_moved,
    "invoice.written-off": applied.invoice_moved,
    "revenue.planned": applied.earned,
    "revenue.recognised": applied.earned,
    "revenue.cost-added": applied.earned,
    "revenue.estimated": applied.earned,
    "revenue.provided": applied.earned,
}
