"""Orders and questions: one definition each, from which command line, service and documents are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Moment
from perilune.commerce.fields import Asked

A = TypeVar("A", bound=Asked)
R = TypeVar("R")

#: In `View.seen_by`: everyone of the tenant, customers too.
EVERYONE: Final = "*"


@dataclass(frozen=True, slots=True)
class Verb(Generic[A]):
    """An order: `perilune AREA NAME …`, `POST /v1/AREA/NAME`.

    `decide` is pure: it looks at the books and returns what to record, or raises `InputError` (most often
    `RefusedError`) with nothing done. `scope` is what a key must hold ("payload:write"). `owner` returns the
    party in whose name alone a party-bound key may give this order (`EVERYONE`: each in its own name, and
    `decide` looks who may); without it such keys may not at all.
    """

    area: str
    name: str
    asked: type[A]
    decide: Callable[[Books, A, Moment], Decision]
    scope: str
    summary: str
    owner: Callable[[Books, A], str] | None = None


@dataclass(frozen=True, slots=True)
class View(Generic[A, R]):
    """A question: `perilune AREA NAME …`, `GET /v1/AREA/NAME`; answered with rows, each a frozen dataclass.

    `seen_by` names the parties that may see a row (`EVERYONE` for all); keys not bound to a party see all.
    `licensed` rows are a customer's data: every read of them is written to the audit chain.
    """

    area: str
    name: str
    asked: type[A]
    rows: Callable[[Books, A], Iterable[R]]
    row: type[R]
    scope: str
    summary: str
    seen_by: Callable[[R], Sequence[str]]
    licensed: bool = False


def visible(view: View[Any, R], books: Books, asked: Asked, party: str) -> list[R]:
    """Return the rows of a view that a party may see; "" is the house and sees all."""
    rows = view.rows(books, asked)
    if not party:
        return list(rows)
    return [row for row in rows if not {party, EVERYONE}.isdisjoint(view.seen_by(row))]
