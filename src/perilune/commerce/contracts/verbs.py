"""Orders and questions about contracts."""

from __future__ import annotations

from typing import Any, Final

from perilune.commerce.books import Books
from perilune.commerce.contracts import amending, orders, performing
from perilune.commerce.contracts import asked as ask
from perilune.commerce.contracts.applied import APPLIED
from perilune.commerce.contracts.common import contract
from perilune.commerce.contracts.views import VIEWS
from perilune.commerce.verbs import Verb

__all__ = ["APPLIED", "VERBS", "VIEWS"]


def _owner(books: Books, asked: ask.OfContract) -> str:
    return contract(books, asked.id).party


def _verb(name: str, asked: type[Any], decide: Any, summary: str, *, by_party: bool = False) -> Verb[Any]:
    owner = _owner if by_party else None
    return Verb("contract", name, asked, decide, "contract:write", summary, owner)


VERBS: Final = (
    _verb("draft", ask.Draft, orders.draft, "Draft a contract."),
    _verb("sign", ask.OfContract, orders.sign, "Sign a contract.", by_party=True),
    _verb("withdraw", ask.ForCause, orders.withdraw, "Take back an unsigned contract.", by_party=True),
    _verb("amend", ask.Amend, amending.amend, "Propose a change of a contract.", by_party=True),
    _verb("amend-agree", ask.OfAmendment, amending.agree, "Agree to a change.", by_party=True),
    _verb("amend-decline", ask.OfAmendment, amending.decline, "Decline a change.", by_party=True),
    _verb("amend-withdraw", ask.OfAmendment, amending.retract, "Take back a proposed change.", by_party=True),
    _verb("milestone-meet", ask.WithEvidence, performing.meet, "Say that a milestone is met."),
    _verb(
        "milestone-accept",
        ask.OfMilestone,
        performing.accept,
        "Accept a milestone; it is invoiced.",
        by_party=True,
    ),
    _verb("milestone-reject", ask.OfMilestone, performing.reject, "Send a milestone back.", by_party=True),
    _verb(
        "milestone-partial",
        ask.WithEvidence,
        performing.partly,
        "Accept a part of a milestone.",
        by_party=True,
    ),
    _verb("milestone-waive", ask.OfMilestone, performing.waive, "Do without a milestone.", by_party=True),
    _verb("milestone-fail", ask.WithEvidence, performing.fail, "Say that a milestone failed.", by_party=True),
    _verb("deliver", ask.Deliver, performing.deliver, "Say that something was delivered."),
    _verb("pay", ask.Pay, performing.pay, "Book money that came in."),
    _verb("claim", ask.MakeClaim, performing.claim, "Claim spending from a subsidy."),
    _verb(
        "claim-approve",
        ask.ApproveClaim,
        performing.approve,
        "Approve a claim; it is invoiced.",
        by_party=True,
    ),
    _verb("claim-reject", ask.OfClaim, performing.refuse, "Reject a claim.", by_party=True),
    _verb("suspend", ask.ForCause, orders.suspend, "Let a contract rest.", by_party=True),
    _verb("resume", ask.OfContract, orders.resume, "Let a contract go on.", by_party=True),
    _verb("terminate", ask.ForCause, orders.terminate, "End a contract for good.", by_party=True),
    _verb("refund", ask.Refund, orders.refund, "Pay back after a termination."),
    _verb("close", ask.OfContract, orders.close, "Close a contract that is done."),
)
