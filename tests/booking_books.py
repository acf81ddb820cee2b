"""Books without a store for tests of bookings and manifests: orders are decided and applied in memory."""

from __future__ import annotations

from typing import Any

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Event, Moment


class Desk:
    """Gives orders to books in memory."""

    def __init__(self, day: str = "2026-01-01") -> None:
        self.books = Books()
        self.day = day
        self.events: list[Event] = []

    def give(self, verb_: str, party_: str = "", **asked: Any) -> dict[str, Any]:
        """Decide and apply an order, its party known before; return its answer."""
        if verb_ != "party add":
            self.party(*(name for name in (party_, asked.get("party", "")) if name))
        moment = Moment(f"{self.day}T12:00:00.000000Z", "anna", "", party_)
        decision, events = registry.rehearse(self.books, verb_, asked, moment)
        self.events += events
        return dict(decision.answer)

    def rows(self, view_: str, **asked: Any) -> list[Any]:
        """Return the rows that answer a question."""
        view = registry.view(view_)
        return list(view.rows(self.books, view.asked.model_validate(asked)))

    def flight(self, mission: str = "m2", **asked: Any) -> None:
        """Open a flight of RESILIENCE."""
        said = {"vehicle": "RESILIENCE", "launch_on": "2027-01-15", **asked}
        self.give("manifest open", mission=mission, **said)

    def party(self, *names: str) -> None:
        """Know these parties."""
        for name in names:
            if name not in self.books.parties.by_id:
                self.give("party add", id=name, name=name, country="JP", kind="customer")

    def payload(self, id: str, mass_kg: float = 1.0, party: str = "acme", **asked: Any) -> None:
        """Take a payload into the catalogue."""
        self.give("payload add", id=id, name=id.title(), party=party, mass_kg=mass_kg, **asked)
