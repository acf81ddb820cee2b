"""Answers to questions about resources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perilune.commerce.books import Books
from perilune.commerce.ledger.invoices import open_of
from perilune.commerce.money import Money
from perilune.commerce.resources import asked as wanted
from perilune.commerce.resources import register as tree
from perilune.commerce.resources.agreements import agreement
from perilune.commerce.resources.lots import lot
from perilune.errors import InputError


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A regolith contract in a list; `invoiced` of its price."""

    id: str
    mission: str
    buyer: str
    seller: str
    price: Money
    invoiced: Money
    state: str
    licence: str
    awarded_on: str
    term: str
    lot: str
    why: str


def agreements(books: Books, asked: wanted.Listed) -> Iterable[AgreementRow]:
    """Yield the contracts."""
    for one in books.resources.agreements.values():
        if asked.mission in (None, one.mission):
            due = sum(payment.amount.minor for payment in one.payments if payment.invoice)
            yield AgreementRow(
                one.id, one.mission, one.buyer, one.seller, one.price, Money(due, one.price.currency),
                one.state, one.licence, one.awarded_on, one.term, one.lot, one.why,
            )  # fmt: skip


def sides(row: AgreementRow) -> Sequence[str]:
    """Return who sees a contract."""
    return (row.buyer, row.seller)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A part of a contract's price."""

    contract: str
    buyer: str
    due_on: str
    amount: Money
    invoice: str
    paid: bool


def payments(books: Books, asked: wanted.OnContract) -> Iterable[PaymentRow]:
    """Yield what is due on a contract."""
    one = agreement(books, asked.id)
    for payment in one.payments:
        found = books.ledger.invoices.get(payment.invoice)
        paid = found is not None and open_of(found).minor <= 0
        yield PaymentRow(one.id, one.buyer, payment.due_on, payment.amount, payment.invoice, paid)


def payers(row: PaymentRow) -> Sequence[str]:
    """Return who sees a payment."""
    return (row.buyer,)


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence, as authorities publish it: name and plan."""

    id: str
    authority: str
    holder: str
    mission: str
    methods: tuple[str, ...]
    valid_from: str
    valid_until: str
    state: str
    granted_on: str
    plan_digest: str
    law: str


def licences(books: Books, asked: wanted.Listed) -> Iterable[LicenceRow]:
    """Yield the licences."""
    for one in books.resources.licences.values():
        if asked.mission in (None, one.mission):
            yield LicenceRow(
                one.id, one.authority, one.holder, one.mission, one.methods, one.valid_from, one.valid_until,
                one.state, one.granted_on, one.plan_digest, one.law,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot; its mass in kilograms and, exactly, in milligrams."""

    id: str
    agreement: str
    owner: str
    since: str
    mass_kg: float
    mass_mg: int
    parent: str
    parts: tuple[str, ...]
    disputed_by: str


def lots(books: Books, asked: wanted.ListedLots) -> Iterable[LotRow]:
    """Yield the lots."""
    for one in books.resources.lots.values():
        if asked.owner in (None, one.owner) and not (asked.whole and one.parts):
            yield LotRow(
                one.id, one.agreement, one.owner, one.titles[-1].since, one.mass_mg / wanted.MG_PER_KG,
                one.mass_mg, one.parent, one.parts, one.disputed_by,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A title of a lot; the price is not told, it is the two sides' own."""

    lot: str
    owner: str
    since: str
    by: str
    event: int


def titles(books: Books, asked: wanted.Named) -> Iterable[TitleRow]:
    """Yield the titles of a lot, the first one first."""
    return [TitleRow(asked.id, one.owner, one.since, one.by, one.seq) for one in lot(books, asked.id).titles]


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf of the register: its text and its hash."""

    index: int
    hash: str
    leaf: str


def register(books: Books, asked: wanted.Nothing) -> Iterable[LeafRow]:  # noqa: ARG001
    """Yield the register's leaves."""
    for index, leaf in enumerate(books.resources.leaves):
        yield LeafRow(index, tree.leaf_hash(leaf.encode()).hex(), leaf)


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The register's head: so many leaves, and the root over them."""

    size: int
    root: str
    at: str


def _hashes(books: Books, size: int | None) -> list[bytes]:
    leaves = books.resources.leaves
    if size is not None and size > len(leaves):
        raise InputError(f"The register has {len(leaves)} leaves, not {size}.")
    return [tree.leaf_hash(leaf.encode()) for leaf in leaves[:size]]


def head(books: Books, asked: wanted.Nothing) -> Iterable[HeadRow]:  # noqa: ARG001
    """Yield the head."""
    return [HeadRow(len(books.resources.leaves), tree.root(_hashes(books, None)).hex(), books.at)]


@dataclass(frozen=True, slots=True)
class ProofRow:
    """What shows that a leaf stands in the register: check it with `register.included`."""

    index: int
    size: int
    root: str
    leaf: str
    path: tuple[str, ...]


def proof(books: Books, asked: wanted.Proof) -> Iterable[ProofRow]:
    """Yield the audit path of a leaf."""
    hashes = _hashes(books, asked.size)
    path = tree.inclusion(hashes, asked.index)
    leaf = books.resources.leaves[asked.index]
    told = tuple(step.hex() for step in path)
    return [ProofRow(asked.index, len(hashes), tree.root(hashes).hex(), leaf, told)]


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """What shows that the later head only added leaves: check it with `register.consistent`."""

    first: int
    first_root: str
    size: int
    root: str
    proof: tuple[str, ...]


def growth(books: Books, asked: wanted.Growth) -> Iterable[GrowthRow]:
    """Yield the consistency proof of two sizes."""
    hashes = _hashes(books, asked.size)
    steps = tuple(step.hex() for step in tree.consistency(hashes, asked.first))
    first_root = tree.root(hashes[: asked.first]).hex()
    return [GrowthRow(asked.first, first_root, len(hashes), tree.root(hashes).hex(), steps)]
