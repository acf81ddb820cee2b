"""A random walk over all orders: what is held is exact, nothing is given twice, the log tells the same."""

from __future__ import annotations

import datetime
from typing import Any

from booking_books import Desk
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from perilune.commerce import registry
from perilune.commerce.booking.amounts import total
from perilune.commerce.booking.state import HOLDING
from perilune.commerce.books import Books
from perilune.errors import InputError

MISSIONS = ("m2", "m4")
SLOTS = ("", "", "T1", "T2")


class Bookings(RuleBasedStateMachine):
    """Orders in any sequence; refused ones change nothing."""

    bookings: Bundle[str] = Bundle("bookings")

    @initialize()
    def opened(self) -> None:
        self.desk = Desk()
        self.desk.party("acme", "other")
        self.desk.flight("m2", places=6)
        self.desk.flight("m4", vehicle="Series 3", launch_on="2029-06-01", mass_kg=40.0)

    def _try(self, verb: str, **asked: Any) -> str:
        before = len(self.desk.events)
        try:
            answer = self.desk.give(verb, **asked)
        except InputError as refused:
            assert str(refused).endswith(".")
            assert len(self.desk.events) == before
            return str(asked.get("id", ""))
        assert len(self.desk.events) > before
        return str(answer["id"])

    @rule(
        target=bookings,
        verb=st.sampled_from(["reserve", "wait", "option"]),
        mission=st.sampled_from(MISSIONS),
        mass_g=st.integers(1, 20_000),
        slot=st.sampled_from(SLOTS),
        days=st.integers(0, 90),
    )
    def make(self, verb: str, mission: str, mass_g: int, slot: str, days: int) -> str:
        asked: dict[str, Any] = {"mission": mission, "party": "acme", "mass_kg": mass_g / 1e3, "slot": slot}
        if verb == "option":
            asked["until"] = datetime.date.fromisoformat(self.desk.day) + datetime.timedelta(days=days)
        return self._try(f"book {verb}", **asked)

    @rule(booking=bookings, verb=st.sampled_from(["confirm", "exercise"]))
    def firm(self, booking: str, verb: str) -> None:
        self._try(f"book {verb}", id=booking or "BK-000001")

    @rule(booking=consumes(bookings))
    def cancel(self, booking: str) -> None:
        self._try("book cancel", id=booking or "BK-000001")

    @rule(booking=bookings, mission=st.sampled_from(MISSIONS), slot=st.sampled_from(SLOTS))
    def rebook(self, booking: str, mission: str, slot: str) -> None:
        self._try("book rebook", id=booking or "BK-000001", mission=mission, slot=slot, consent="yes")

    @rule(booking=bookings, mass_g=st.integers(1, 20_000))
    def resize(self, booking: str, mass_g: int) -> None:
        self._try("book resize", id=booking or "BK-000001", mass_kg=mass_g / 1e3)

    @rule(booking=bookings, slot=st.sampled_from(SLOTS))
    def move(self, booking: str, slot: str) -> None:
        self._try("book move", id=booking or "BK-000001", slot=slot)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        later = datetime.date.fromisoformat(self.desk.day) + datetime.timedelta(days=days)
        self.desk.day = later.isoformat()

    @invariant()
    def sums_are_exact_and_within(self) -> None:
        bookings = self.desk.books.booking
        for mission, flight in self.desk.books.manifest.by_mission.items():
            held = [one for one in bookings.by_id.values() if one.mission == mission and one.state in HOLDING]
            used = total(one.amounts for one in held)
            assert list(used) == list(bookings.used.get(mission, used))
            assert all(0 <= part <= most for part, most in zip(used, flight.limits, strict=True))
            assert bookings.slots.get(mission, {}) == {one.slot: one.id for one in held if one.slot}
            waiting = [
                one.id for one in bookings.by_id.values() if (one.mission, one.state) == (mission, "waiting")
            ]
            assert sorted(bookings.waiting.get(mission, {})) == sorted(waiting)
            options = [
                one.id for one in bookings.by_id.values() if (one.mission, one.state) == (mission, "option")
            ]
            assert sorted(id for _, id in bookings.options.get(mission, [])) == sorted(options)
            assert bookings.options.get(mission, []) == sorted(bookings.options.get(mission, []))
            assert sorted(bookings.holding.get(mission, {})) == sorted(one.id for one in held)

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            again = Books()
            for event in self.desk.events:
                registry.apply(again, event)
            assert again == self.desk.books


Bookings.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestBookings = Bookings.TestCase
