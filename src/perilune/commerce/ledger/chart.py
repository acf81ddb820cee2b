"""The chart of accounts: which accounts there may be, and of what type they are.

An account is named ENTITY:NAME or ENTITY:NAME:DETAIL; the entity is an own legal entity, the name stands in
the chart, and the detail is a party, a contract or a line of business.
"""

from __future__ import annotations

import re
from typing import Final

from perilune.commerce.books import Books
from perilune.commerce.parties.lookup import entity
from perilune.errors import InputError, NameNotFoundError

ASSET: Final = "asset"
LIABILITY: Final = "liability"
EQUITY: Final = "equity"
REVENUE: Final = "revenue"
EXPENSE: Final = "expense"
TYPES: Final = (ASSET, LIABILITY, EQUITY, REVENUE, EXPENSE)

#: Name -> type, of the accounts every entity has.
CHART: Final = {
    "cash": ASSET, "receivable": ASSET, "contract-asset": ASSET, "due-from": ASSET, "prepayment": ASSET,
    "inventory": ASSET, "fixed-asset": ASSET, "tax-receivable": ASSET,
    "payable": LIABILITY, "contract-liability": LIABILITY, "due-to": LIABILITY, "deposit": LIABILITY,
    "refund-liability": LIABILITY, "provision": LIABILITY, "loan": LIABILITY, "accrual": LIABILITY,
    "tax-payable": LIABILITY,
    "share-capital": EQUITY, "retained-earnings": EQUITY, "exchange": EQUITY,
    "revenue": REVENUE, "grant": REVENUE, "other-income": REVENUE, "insurance-income": REVENUE,
    "intercompany-revenue": REVENUE, "fx-gain": REVENUE,
    "cost-of-revenue": EXPENSE, "expense": EXPENSE, "onerous-loss": EXPENSE, "bad-debt": EXPENSE,
    "penalty": EXPENSE, "depreciation": EXPENSE, "interest": EXPENSE, "tax": EXPENSE,
    "intercompany-cost": EXPENSE, "fx-loss": EXPENSE,
}  # fmt: skip

#: Types whose accounts grow by debits; the others grow by credits.
DEBIT_TYPES: Final = frozenset({ASSET, EXPENSE})

#: Accounts that are a right to, or a duty of, a number of units of money: valued anew when rates change.
MONETARY: Final = frozenset(
    {"cash", "receivable", "due-from", "tax-receivable", "payable", "due-to", "deposit", "refund-liability",
     "loan", "accrual", "tax-payable"}
)  # fmt: skip

#: Accounts that follow from invoices, contracts and exchange; nobody posts on them by hand.
CONTROLLED: Final = frozenset(
    {"receivable", "contract-asset", "contract-liability", "provision", "exchange", "fx-gain", "fx-loss"}
)

_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
_ACCOUNT: Final = re.compile(rf"({_PART}):([a-z][a-z0-9-]{{0,40}}):?({_PART})?", re.ASCII)
_LONGEST_SHOWN: Final = 80


def account(entity_id: str, name: str, detail: str = "") -> str:
    """Return the account's full name.

    >>> account("ispace-eu", "receivable", "nasa")
    'ispace-eu:receivable:nasa'
    """
    return f"{entity_id}:{name}:{detail}" if detail else f"{entity_id}:{name}"


def parted(name: str) -> tuple[str, str, str]:
    """Return entity, name in the chart, and detail of an account ("" if none).

    >>> parted("ispace-jp:cash")
    ('ispace-jp', 'cash', '')
    """
    entity_id, chart_name, *rest = name.split(":", 2)
    return entity_id, chart_name, rest[0] if rest else ""


def type_of(books: Books, name: str) -> str:
    """Return the type of an account that has passed `checked`."""
    chart_name = parted(name)[1]
    return CHART[chart_name] if chart_name in CHART else books.ledger.chart[chart_name].type


def checked(books: Books, name: str) -> str:
    """Return an account's name if there may be such an account; raises `InputError` with the cure."""
    if name in books.ledger.totals:
        return name
    if not _ACCOUNT.fullmatch(name) or name.endswith(":"):
        raise InputError(
            f"{name[:_LONGEST_SHOWN]!r} is not an account. Write ENTITY:NAME or ENTITY:NAME:DETAIL, "
            'as "ispace-jp:cash" or "ispace-jp:receivable:nasa".'
        )
    entity_id, chart_name, _ = parted(name)
    entity(books, entity_id)
    if chart_name not in CHART and chart_name not in books.ledger.chart:
        raise NameNotFoundError("account", chart_name, [*CHART, *books.ledger.chart])
    return name
