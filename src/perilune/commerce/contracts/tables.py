"""What can be done with a contract and its parts, state by state.

"Final" is what no order leads out of: a contract that was withdrawn, closed or terminated, a milestone that
was accepted, paid in part, waived or failed, a claim or an amendment that was decided.
"""

from __future__ import annotations

from typing import Final

from perilune.commerce.contracts.machine import Machine, Row

#: "perform" stands for every order on the contract's milestones, claims and deliverables.
CONTRACT: Final = Machine(
    "contract",
    "drafted",
    (
        Row("drafted", "sign-house", ("authority.house", "time.valid"), "offered"),
        Row("drafted", "sign-party", ("authority.party", "time.valid"), "ordered"),
        Row("offered", "sign-party", ("authority.party", "time.valid"), "active"),
        Row("ordered", "sign-house", ("authority.house", "time.valid"), "active"),
        Row("drafted", "withdraw", ("authority.house",), "withdrawn"),
        Row("offered", "withdraw", ("authority.either",), "withdrawn"),
        Row("ordered", "withdraw", ("authority.either",), "withdrawn"),
        Row("active", "perform", ("time.after-signing",), "active"),
        Row("active", "amend", ("authority.either",), "active"),
        Row("active", "suspend", ("authority.either",), "suspended"),
        Row("active", "terminate", ("authority.either", "time.after-signing"), "terminated"),
        Row("active", "close", ("authority.house", "state.nothing-open", "balance.settled"), "closed"),
        Row("suspended", "amend", ("authority.either",), "suspended"),
        Row("suspended", "resume", ("authority.suspender",), "active"),
        Row("suspended", "terminate", ("authority.either", "time.after-signing"), "terminated"),
        Row("terminated", "refund", ("authority.house", "balance.refund-due"), "terminated"),
    ),
)

_PARTIAL: Final = (
    "authority.party", "balance.partial-terms", "evidence.given", "evidence.shows-part", "time.reached",
)  # fmt: skip

MILESTONE: Final = Machine(
    "contract milestone",
    "open",
    (
        Row("open", "meet", ("authority.house", "evidence.given", "evidence.shows", "time.reached"), "met"),
        Row("met", "accept", ("authority.party", "evidence.stands"), "accepted"),
        Row("met", "reject", ("authority.party",), "open"),
        Row("open", "partial", _PARTIAL, "partial"),
        Row("met", "partial", _PARTIAL, "partial"),
        Row("open", "waive", ("authority.party",), "waived"),
        Row("open", "fail", ("authority.either", "evidence.shows-failure"), "failed"),
    ),
)

_APPROVE: Final = ("authority.party", "evidence.given", "evidence.inspects", "balance.within-price")

CLAIM: Final = Machine(
    "claim",
    "claimed",
    (
        Row("claimed", "approve", _APPROVE, "approved"),
        Row("claimed", "reject", ("authority.party",), "rejected"),
    ),
)  # fmt: skip

AMENDMENT: Final = Machine(
    "amendment",
    "proposed",
    (
        Row("proposed", "agree", ("authority.other", "state.settled-kept"), "agreed"),
        Row("proposed", "decline", ("authority.other",), "declined"),
        Row("proposed", "withdraw", ("authority.proposer",), "withdrawn"),
    ),
)
