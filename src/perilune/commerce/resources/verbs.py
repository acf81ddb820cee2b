"""Orders and questions about resources."""

from __future__ import annotations

from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.resources import agreements, licences, lots, paying, rows
from perilune.commerce.resources import asked as wanted
from perilune.commerce.verbs import EVERYONE, Verb, View

_WRITE: Final = "resource:write"
_READ: Final = "resource:read"


def _holder_of_licence(books: Books, asked: Any) -> str:
    return licences.licence(books, asked.id).authority


def _owner_of_lot(books: Books, asked: Any) -> str:
    return lots.lot(books, asked.id).owner


def _anyone(books: Books, asked: Any) -> str:  # noqa: ARG001
    """Let every party give an order in its own name; the order itself looks who may."""
    return EVERYONE


def _order(name: str, asked: Any, decide: Any, summary: str, owner: Any = None) -> Verb[Any]:
    return Verb("resource", name, asked, decide, _WRITE, summary, owner)


_BUYER: Final = agreements.buyer_of

VERBS: Final = (
    _order("licence-apply", wanted.Apply, licences.apply_for, "Apply for a licence with the mission's plan."),
    _order(
        "licence-grant",
        wanted.Named,
        licences.grant,
        "Grant a licence, as its authority.",
        _holder_of_licence,
    ),
    _order(
        "licence-refuse",
        wanted.Named,
        licences.refuse,
        "Refuse a licence, as its authority.",
        _holder_of_licence,
    ),
    _order(
        "licence-revoke",
        wanted.Named,
        licences.revoke,
        "Revoke a licence, as its authority.",
        _holder_of_licence,
    ),
    _order("licence-assign", wanted.Assign, licences.assign, "Assign a licence: refused, it is personal."),
    _order("draft", wanted.DraftAsked, agreements.draft, "Draft a regolith contract."),
    _order("authorise", wanted.Authorise, agreements.authorise, "Attach the licence a contract stands on."),
    _order("award", wanted.OnContract, agreements.award, "Award a contract, as its buyer.", _BUYER),
    _order("review", wanted.Shown, agreements.review, "Pass the development review, as the buyer.", _BUYER),
    _order("launch", wanted.Shown, agreements.launch, "Record the launch by its evidence."),
    _order("land", wanted.Shown, agreements.land, "Record the landing by its evidence."),
    _order("collect", wanted.Collect, agreements.collect, "Record a sample and open its lot."),
    _order("submit", wanted.OnContract, agreements.submit, "Hand the buyer what shows the sample."),
    _order("reject", wanted.Why, agreements.reject, "Ask for more evidence, as the buyer.", _BUYER),
    _order("verify", wanted.OnContract, agreements.verify, "Accept the evidence, as the buyer.", _BUYER),
    _order("dispute", wanted.Why, agreements.dispute, "Dispute what was delivered.", _BUYER),
    _order("resolve", wanted.Resolve, agreements.resolve, "End a dispute both sides have settled."),
    _order("transfer", wanted.OnContract, agreements.transfer, "Pass the title to the buyer, in place."),
    _order("pay", wanted.Pay, paying.pay, "Book money that came in."),
    _order("settle", wanted.OnContract, agreements.settle, "Close a contract that is paid in full."),
    _order("fail", wanted.Failed, agreements.fail, "Record that a contract was not fulfilled."),
    _order("expire", wanted.OnContract, agreements.expire, "Let a contract end with its term."),
    _order("terminate", wanted.Why, agreements.terminate, "Terminate a contract.", _BUYER),
    _order("split", wanted.Split, lots.split, "Divide a lot.", _owner_of_lot),
    _order("sell", wanted.Sell, lots.sell, "Sell a lot on; the title passes in place.", _owner_of_lot),
    _order("claim", wanted.Dispute, lots.claim, "Dispute the title of a lot.", _anyone),
    _order("lift", wanted.Lift, lots.lift, "End a dispute about a lot.", _anyone),
)


def _everyone(row: Any) -> tuple[str, ...]:  # noqa: ARG001
    return (EVERYONE,)


def _question(
    name: str, asked: Any, found: Any, row: Any, summary: str, seen_by: Any = None
) -> View[Any, Any]:
    """Return a question; what not everyone sees is a buyer's data, and its reads are audited."""
    whose = seen_by or _everyone
    return View("resource", name, asked, found, row, _READ, summary, whose, licensed=seen_by is not None)


VIEWS: Final = (
    _question("list", wanted.Listed, rows.agreements, rows.AgreementRow, "List the contracts.", rows.sides),
    _question(
        "payments",
        wanted.OnContract,
        rows.payments,
        rows.PaymentRow,
        "What is due on a contract.",
        rows.payers,
    ),
    _question("licences", wanted.Listed, rows.licences, rows.LicenceRow, "List the licences."),
    _question("lots", wanted.ListedLots, rows.lots, rows.LotRow, "List the lots and who owns them."),
    _question(
        "titles", wanted.Named, rows.titles, rows.TitleRow, "Every title of a lot, with what it stands on."
    ),
    _question("register", wanted.Nothing, rows.register, rows.LeafRow, "The register's leaves."),
    _question("head", wanted.Nothing, rows.head, rows.HeadRow, "Size and root of the register."),
    _question("proof", wanted.Proof, rows.proof, rows.ProofRow, "Prove that a leaf stands in the register."),
    _question("growth", wanted.Growth, rows.growth, rows.GrowthRow, "Prove that the register only grew."),
)
APPLIED: Final = {**licences.APPLIED, **agreements.APPLIED, **lots.APPLIED}
