"""Books with payloads, flights and bookings are written to a snapshot and read back the same."""

from __future__ import annotations

from booking_books import Desk
from pydantic import TypeAdapter

from perilune.commerce.books import Books


def test_a_snapshot_brings_everything_back() -> None:
    desk = Desk()
    desk.flight("m2")
    desk.flight("m4", vehicle="Series 3", launch_on="2029-06-01", refunds=[{"days": 30, "share_bp": 5000}])
    desk.payload("camera", 2.0, ready_on="2026-02-01", envelope_m=[0.1, 0.1, 0.2],
                 fields_of_view=[{"direction": [0, 1, 0], "half_angle_rad": 0.2}])  # fmt: skip
    desk.give("book reserve", mission="m2", payload="camera", slot="T1", deposit="10.00 EUR")
    desk.give("book option", mission="m4", party="acme", mass_kg=100.0, until="2026-05-01")
    desk.give("book wait", mission="m4", party="next", mass_kg=5.0)
    desk.payload("probe", 1.0)
    desk.payload("huge", 90.0)
    desk.give("manifest assign")
    kept = TypeAdapter(Books)
    again = kept.validate_json(kept.dump_json(desk.books))
    assert again == desk.books
    assert list(again.booking.waiting["m4"]) == list(desk.books.booking.waiting["m4"])
    desk.books = again
    desk.day = "2026-05-02"
    assert desk.give("book expire", mission="m4")["served"]
