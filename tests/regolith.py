"""A regolith contract in books in memory, with everything that it stands on."""

from __future__ import annotations

from typing import Any

from perilune.commerce import registry
from perilune.commerce.books import Books
from perilune.commerce.event import Event, Moment

DAY = "2026-06-01"
PLACE = {
    "latitude_rad": 1.0,
    "longitude_rad": -0.08,
    "east_variance_m2": 25.0,
    "north_variance_m2": 9.0,
    "covariance_m2": 0.0,
}


def digest(number: int) -> str:
    return f"{number:064x}"


class Desk:
    """Gives orders in the name of a party on a day, and lets their events take effect."""

    def __init__(self) -> None:
        self.books = Books()
        self.events: list[Event] = []

    def order(self, name: str, by: str = "", /, *, day: str = DAY, **asked: Any) -> dict[str, Any]:
        moment = Moment(f"{day}T12:00:00.000000Z", "tester", "", by)
        decision, events = registry.rehearse(self.books, name, asked, moment)
        self.events += events
        return dict(decision.answer)

    def rows(self, name: str, /, **asked: Any) -> list[Any]:
        view = registry.view(name)
        return list(view.rows(self.books, view.asked.model_validate(asked)))


def standing() -> Desk:
    """Parties, a mission, evidence of its launch and landing, and of another that was lost."""
    desk = Desk()
    for id_, kind in (("nasa", "agency"), ("lu", "authority"), ("museum", "customer")):
        desk.order("party add", id=id_, name=id_, country="LU" if kind == "authority" else "US", kind=kind)
    for id_ in ("ispace-eu", "ispace-jp"):
        desk.order("party add", id=id_, name=id_, country="LU", kind="entity", currency="USD")
    for mission in ("m9", "m8"):
        desk.order(
            "plan announce",
            id=mission,
            name=mission,
            launch="2026",
            vehicle="APEX 1.0",
            as_of="2025-05-09",
            source="x",
        )
    _evidence(desk, "launched", 1, milestones=[{"id": "success-2", "status": "achieved", "at": "2026-02-01"}])
    _evidence(
        desk, "landed", 2, outcome="landed",
        milestones=[{"id": "success-9", "status": "achieved", "at": "2026-05-01"}],
    )  # fmt: skip
    _evidence(
        desk, "lost", 3, outcome="crashed",
        milestones=[{"id": "success-9", "status": "failed", "at": "2026-05-01"}],
    )  # fmt: skip
    _evidence(desk, "reviewed", 4, kind="review")
    return desk


def _evidence(desk: Desk, name: str, number: int, kind: str = "statement", **found: Any) -> None:
    desk.order(
        "evidence record", id=name, mission="m9", digest=digest(number), kind=kind, what=name,
        seen_at="2026-05-01", **found,
    )  # fmt: skip


def licensed(desk: Desk, id: str = "licence", holder: str = "ispace-eu", **said: Any) -> None:
    asked = {
        "id": id, "authority": "lu", "holder": holder, "mission": "m9", "methods": ["scoop"],
        "area": {"latitude_rad": 1.0, "longitude_rad": -0.08, "radius_m": 500.0}, "plan_digest": digest(5),
        "valid_from": "2025-01-01", "valid_until": "2027-12-31", **said,
    }  # fmt: skip
    desk.order("resource licence-apply", **asked)
    desk.order("resource licence-grant", "lu", id=id)


def drafted(desk: Desk, id: str = "R1", **said: Any) -> None:
    asked = {
        "buyer": "nasa",
        "seller": "ispace-eu",
        "mission": "m9",
        "price": "5000.00 USD",
        "term": "2027-12-31",
    }
    desk.order("resource draft", day="2026-01-02", id=id, **{**asked, **said})


def sample(**said: Any) -> dict[str, Any]:
    return {
        "id": "R1", "mass_kg": 0.12, "mass_sigma_kg": 0.02, "method": "scoop",
        "collected_at": "2026-05-20T05:00Z", "imagery": [digest(10), digest(11)], "telemetry": digest(12),
        "camera_geometry": digest(13), "place": PLACE, **said,
    }  # fmt: skip


def until(desk: Desk, state: str) -> Desk:
    """Take contract R1 to a state along the way that succeeds."""
    steps: list[tuple[str, str, str, dict[str, Any]]] = [
        ("awarded", "award", "nasa", {"on": "2026-01-10"}),
        ("licensed", "authorise", "", {"licence": "licence"}),
        ("launched", "launch", "", {"evidence": "launched"}),
        ("landed", "land", "", {"evidence": "landed"}),
        ("collected", "collect", "", sample()),
        ("submitted", "submit", "", {}),
        ("verified", "verify", "nasa", {}),
        ("transferred", "transfer", "", {}),
    ]
    for reached, order, party, asked in steps:
        desk.order(f"resource {order}", party, **{"id": "R1", **asked})
        if reached == state:
            return desk
    raise ValueError(state)


def ready() -> Desk:
    """A drafted contract R1 with a licence granted."""
    desk = standing()
    licensed(desk)
    drafted(desk)
    return desk
