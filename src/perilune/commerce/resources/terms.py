"""What a regolith contract goes through, as a table (award, launch, completion: NASA 2020).

The European contract had a development review with a payment of its own: `review` stands in the table, and a
contract without that payment simply never gives the order.
"""

from __future__ import annotations

from typing import Final

from perilune.commerce.contracts.machine import Machine, Row

_ENDED: Final = ("terminate", "expire", "fail")
_OPEN: Final = ("drafted", "awarded", "reviewed", "launched", "landed", "collected", "submitted")
_GUARDS: Final = {
    "terminate": ("authority.party-to-it",),
    "expire": ("time.term-over",),
    "fail": ("evidence.failed",),
}
_NEXT: Final = {"terminate": "terminated", "expire": "expired", "fail": "failed"}


def _endings() -> tuple[Row, ...]:
    """Return the ways out of every open state; only a flight or a collection can fail."""
    flown = ("awarded", "reviewed", "launched", "landed", "collected", "submitted")
    return tuple(
        Row(state, order, _GUARDS[order], _NEXT[order])
        for state in _OPEN
        for order in _ENDED
        if order != "fail" or state in flown
    )


REGOLITH: Final = Machine(
    "regolith contract",
    "drafted",
    (
        Row("drafted", "authorise", ("authority.licensed",), "drafted"),
        Row("awarded", "authorise", ("authority.licensed",), "awarded"),
        Row("reviewed", "authorise", ("authority.licensed",), "reviewed"),
        Row("drafted", "award", ("authority.buyer",), "awarded"),
        Row("awarded", "review", ("authority.buyer", "evidence.reviewed"), "reviewed"),
        Row("awarded", "launch", ("authority.licence-in-force", "evidence.launched"), "launched"),
        Row("reviewed", "launch", ("authority.licence-in-force", "evidence.launched"), "launched"),
        Row("launched", "land", ("evidence.landed",), "landed"),
        Row(
            "landed", "collect",
            ("authority.within-plan", "evidence.shown", "evidence.own", "time.on-surface"), "collected",
        ),
        Row("collected", "submit", ("authority.seller", "evidence.whole"), "submitted"),
        Row("submitted", "reject", ("authority.buyer",), "collected"),
        Row("submitted", "verify", ("authority.buyer", "evidence.enough"), "verified"),
        Row("submitted", "dispute", ("authority.party-to-it",), "disputed"),
        Row("verified", "dispute", ("authority.party-to-it",), "disputed"),
        Row("disputed", "resolve", ("authority.both",), "submitted"),
        Row("disputed", "fail", ("evidence.failed",), "failed"),
        Row("disputed", "terminate", ("authority.party-to-it",), "terminated"),
        Row("verified", "transfer", ("authority.seller", "title.free"), "transferred"),
        Row("transferred", "settle", ("balance.paid",), "settled"),
        *_endings(),
    ),
)  # fmt: skip

#: Orders that a payment may be due on.
PAYABLE: Final = ("award", "review", "launch", "land", "collect", "submit", "verify", "transfer")
