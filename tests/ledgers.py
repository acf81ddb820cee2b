"""Books in memory, kept by orders as the store would give them."""

from __future__ import annotations

from typing import Any

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Event, Moment
from perilune.commerce.fields import Asked


class Clerk:
    """Takes orders one by one; every event goes through the registry, as from a log."""

    def __init__(self) -> None:
        self.books = Books()
        self.events: list[Event] = []

    def do(self, order: str, on: str = "2026-01-01", **asked: Any) -> Any:
        return self.decide(order, on, asked).answer

    def decide(self, order: str, on: str, asked: dict[str, Any]) -> Decision:
        at = on if "T" in on else f"{on}T12:00:00.000000Z"
        moment = Moment(max(at, self.books.at), "controller")
        decision, events = registry.rehearse(self.books, order, asked, moment)
        self.events += events
        return decision

    def rows(self, question: str, **asked: Any) -> list[Any]:
        view = registry.view(question)
        read: Asked = view.asked.model_validate(asked)
        return list(view.rows(self.books, read))

    def balance(self, account: str, currency: str) -> int:
        return self.books.ledger.totals.get(account, {}).get(currency, 0)


def clerk() -> Clerk:
    """Return a clerk with the three entities, an agency, a customer and a licensing state."""
    one = Clerk()
    for id_, country, currency in (("jp", "JP", "JPY"), ("eu", "LU", "EUR"), ("us", "US", "USD")):
        one.do(
            "party add",
            "2020-01-01",
            id=id_,
            name=f"Entity {id_}",
            country=country,
            kind="entity",
            currency=currency,
        )
    one.do("party add", "2020-01-01", id="nasa", name="NASA", country="US", kind="agency")
    one.do("party add", "2020-01-01", id="acme", name="Acme", country="DE", kind="customer")
    one.do("party add", "2020-01-01", id="lsa", name="Licensing state", country="LU", kind="authority")
    return one
