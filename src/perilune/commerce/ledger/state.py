"""The ledger as recorded.

Amounts inside are integers of minor units: a posting is `(account, minor, currency)`, debit positive. Every
record keeps when it was recorded (`at`) and from which day it counts (`effective`), so that a statement can
be drawn as of any day as it was known at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from perilune.commerce.exchange import Rate
from perilune.commerce.money import Money

#: (account, minor units, currency); debits positive, credits negative.
Leg = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money moved between accounts; `source` is the invoice or contract it belongs to ("" if by itself)."""

    key: str
    at: str
    effective: str
    memo: str
    legs: tuple[Leg, ...]
    source: str = ""
    reverses: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A transfer that is reserved and not yet settled; `until` is the last day it may be ("" for any).

    `fate` is "" while it is open, then "settled" or "voided".
    """

    transfer: Transfer
    until: str = ""
    fate: str = ""
    fate_at: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceMove:
    """What happened to an invoice: "issued", "paid", "credited", "refunded", "written off"."""

    kind: str
    amount: Money
    effective: str
    at: str
    key: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """A demand for payment; `booked` is its amount in the entity's currency at the rate of its day."""

    id: str
    entity: str
    party: str
    contract: str
    amount: Money
    booked: Money
    due: str
    memo: str
    moves: tuple[InvoiceMove, ...]


@dataclass(frozen=True, slots=True)
class PositionMove:
    """What moved a contract's position, and by how much.

    Of "billed", "credited", "recognised": `amount` in the contract's currency, `booked` in the entity's. Of
    "planned", "estimated": the price and the estimated cost at completion. Of "cost", "provided": as spent,
    and in the entity's currency.
    """

    kind: str
    amount: Money
    booked: Money
    effective: str
    at: str


@dataclass(frozen=True, slots=True)
class Position:
    """How far a contract has been billed and earned.

    In the contract's currency: `price`, `billed`, `recognised`. In the entity's: `asset` (earned and not
    billed), `liability` (billed and not earned; one of the two is nothing), `earned`, `cost`, `estimate` (of
    all cost at completion) and `provision` (for the loss that is left).
    """

    contract: str
    entity: str
    party: str
    line: str
    method: str
    price: Money
    billed: Money
    recognised: Money
    asset: Money
    liability: Money
    earned: Money
    cost: Money
    estimate: Money
    provision: Money


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """An account of the chart: its name and type."""

    name: str
    type: str


@dataclass(slots=True)
class Ledger:
    """Transfers in the order of recording, running totals, and what stands on them."""

    transfers: list[Transfer] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    pendings: dict[str, Pending] = field(default_factory=dict)
    reversed_by: dict[str, str] = field(default_factory=dict)
    # Account -> currency -> minor units, of everything posted.
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    # Account -> currency -> day -> minor units, of everything posted.
    days: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    # Account -> currency -> minor units, of what is pending.
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    # Account -> places in `transfers`, in order.
    places: dict[str, list[int]] = field(default_factory=dict)
    # Entity -> last day of its closed periods.
    closed: dict[str, str] = field(default_factory=dict)
    chart: dict[str, ChartEntry] = field(default_factory=dict)
    rates: dict[str, list[Rate]] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    # Contract -> ids of its invoices, in order.
    invoices_of: dict[str, list[str]] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    # Contract -> what moved its position, in order.
    moves: dict[str, list[PositionMove]] = field(default_factory=dict)
