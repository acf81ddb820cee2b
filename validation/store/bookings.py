"""The orders of the store's figures: bookings, and linked transfers of which a half would show."""

from __future__ import annotations

from collections import Counter

from perilune.archive.company import Company, Order
from perilune.commerce.books import Books
from perilune.commerce.ledger.audit import balanced

EVENTS = 3  # that one order records


def entity() -> Order:
    """Return the order that makes the entity whose money moves."""
    asked = {"id": "ispace-jp", "name": "ispace", "country": "JP", "kind": "entity", "currency": "JPY"}
    return Order("party add", asked, "figures", request="entity")


def flight() -> list[Order]:
    """Return the orders that open a flight with room for any number of small bookings of a customer."""
    customer = {"id": "acme", "name": "Acme", "country": "JP", "kind": "customer"}
    asked = {"mission": "m3", "vehicle": "APEX 1.0", "launch_on": "2030-01-01", "places": 100_000}
    return [
        Order("party add", customer, "figures", request="customer"),
        Order("manifest open", asked, "figures", request="flight"),
    ]


def booking(name: str) -> Order:
    """Return the order, of its own name, that books a gram on the flight."""
    asked = {"mission": "m3", "party": "acme", "mass_kg": 0.001, "places": 0}
    return Order("book reserve", asked, "figures", request=name)


def transfers(name: str, at: str = "") -> Order:
    """Return an order of its own name that moves money three times."""
    moved = [
        {
            "key": f"{name}-{part}",
            "postings": [
                {"account": "ispace-jp:cash", "amount": {"minor": 100 + part, "currency": "JPY"}},
                {"account": "ispace-jp:share-capital", "amount": {"minor": -100 - part, "currency": "JPY"}},
            ],
        }
        for part in range(EVENTS)
    ]
    return Order("ledger transfer", {"transfers": moved}, "figures", request=name, at=at)


def faults(books: Books) -> list[str]:
    """Return what does not hold in the ledger, and every order of which only a part is there."""
    parts = Counter(transfer.key.rpartition("-")[0] for transfer in books.ledger.transfers)
    torn = [f"only {count} of order {name}" for name, count in parts.items() if count != EVENTS]
    return [*balanced(books), *torn]


def begun(company: Company) -> Company:
    """Return the company once its entity is in the books."""
    company.execute(entity())
    return company
