"""Bookings: reserve, confirm, options, waiting, cancellation with refund."""

from __future__ import annotations

import pytest
from booking_books import Desk

from perilune.commerce.booking.capacity import left
from perilune.errors import NameNotFoundError, RefusedError


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.flight()
    return made


def test_a_reservation_holds_exactly_what_it_says(desk: Desk) -> None:
    desk.payload("probe", 4.35, power_w=2.0, needs={"surface": {"power_w": 5.0, "rate_bit_s": 9600.0}})
    answer = desk.give("book reserve", mission="m2", payload="probe", slot="T1")
    assert answer["id"] == "BK-000001"
    room = left(desk.books, "m2")
    assert (room.mass_kg, room.power_by_phase_w["surface"], room.power_by_phase_w["descent"]) == (
        25.65,
        25.0,
        4.0,
    )
    assert room.rate_by_phase_bit_s["surface"] == 300_000 - 9600
    assert room.places == 9
    assert "T1" not in room.slots
    assert room.power_w == 4.0


def test_what_is_not_there_is_refused_with_the_figure(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=29.0)
    with pytest.raises(
        RefusedError, match=r"^Mission 'm2' has 1 kg left, and 1\.001 kg is asked\. Ask for less"
    ) as told:
        desk.give("book reserve", mission="m2", party="acme", mass_kg=1.001)
    assert told.value.rule == "capacity"
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0)
    assert left(desk.books, "m2").mass_kg == 0.0


def test_a_slot_is_given_once(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, slot="T1")
    with pytest.raises(
        RefusedError, match=r"Slot 'T1' of mission 'm2' is held by BK-000001\. Free are: T2, T3"
    ):
        desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, slot="T1")
    with pytest.raises(NameNotFoundError, match=r"No slot 'T9'"):
        desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, slot="T9")


def test_a_payload_is_booked_once_and_for_its_party(desk: Desk) -> None:
    desk.payload("probe", 4.0)
    with pytest.raises(RefusedError, match=r"Payload 'probe' is of 'acme', not of 'other'"):
        desk.give("book reserve", mission="m2", payload="probe", party="other")
    with pytest.raises(RefusedError, match=r"Payload 'probe' needs 4 kg, and 3 kg is asked"):
        desk.give("book reserve", mission="m2", payload="probe", mass_kg=3.0)
    desk.give("book reserve", mission="m2", payload="probe", mass_kg=5.0)
    assert desk.books.booking.by_id["BK-000001"].amounts[0] == 5000
    with pytest.raises(RefusedError, match=r"Payload 'probe' is booked already as BK-000001"):
        desk.give("book reserve", mission="m2", payload="probe")
    with pytest.raises(RefusedError, match=r"Say what is booked: a payload, or a party and a mass"):
        desk.give("book reserve", mission="m2", party="acme")
    with pytest.raises(NameNotFoundError, match=r"No flight 'm3'"):
        desk.give("book reserve", mission="m3", party="acme", mass_kg=1.0)


def test_a_booking_is_firm_once_its_deposit_is_paid(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, deposit="100.00 USD")
    for paid in (None, "99.99 USD", "100.00 EUR"):
        with pytest.raises(
            RefusedError, match=r"is firm once its deposit of 100\.00 USD is paid, and .* was"
        ):
            desk.give("book confirm", id="BK-000001", **({} if paid is None else {"paid": paid}))
    desk.give("book confirm", id="BK-000001", paid="100.00 USD")
    assert desk.books.booking.by_id["BK-000001"].state == "confirmed"
    with pytest.raises(
        RefusedError, match=r"Booking BK-000001 is confirmed; this needs one that is reserved"
    ):
        desk.give("book confirm", id="BK-000001", paid="100.00 USD")
    with pytest.raises(NameNotFoundError, match=r"No booking 'BK-000009'"):
        desk.give("book confirm", id="BK-000009")


@pytest.mark.parametrize(
    ("day", "refund"),
    [("2025-06-01", "100.00"), ("2026-01-01", "50.00"), ("2026-08-18", "25.00"), ("2026-09-01", "0.00")],
)
def test_the_refund_falls_with_the_days_left(day: str, refund: str) -> None:
    desk = Desk("2025-01-01")
    desk.flight()  # payloads are needed by 2026-08-18
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, deposit="100.00 USD")
    desk.give("book confirm", id="BK-000001", paid="100.00 USD")
    desk.day = day
    desk.give("book cancel", id="BK-000001")
    back = desk.books.booking.by_id["BK-000001"].refund
    assert str(back) == f"{refund} USD"


def test_an_option_lapses_by_itself_and_who_waits_is_served_in_order(desk: Desk) -> None:
    desk.give("book option", mission="m2", party="acme", mass_kg=30.0, until="2026-02-01")
    desk.give("book wait", mission="m2", party="first", mass_kg=20.0)
    desk.give("book wait", mission="m2", party="second", mass_kg=15.0)
    desk.give("book wait", mission="m2", party="third", mass_kg=10.0)
    desk.day = "2026-02-01"
    with pytest.raises(RefusedError, match="has 0 kg left"):
        desk.give("book reserve", mission="m2", party="late", mass_kg=1.0)
    desk.day = "2026-02-02"
    with pytest.raises(RefusedError, match=r"has 0 kg left, and 1 kg is asked"):
        desk.give("book reserve", mission="m2", party="late", mass_kg=1.0)
    answer = desk.give("book expire", mission="m2")
    assert answer == {"expired": ["BK-000001"], "served": ["BK-000002", "BK-000004"]}
    states = {booking.party: booking.state for booking in desk.books.booking.by_id.values()}
    assert states == {"acme": "expired", "first": "reserved", "second": "waiting", "third": "reserved"}
    with pytest.raises(RefusedError, match=r"No option of mission 'm2' has lapsed by 2026-02-02"):
        desk.give("book expire", mission="m2")


def test_an_option_is_exercised_until_its_last_day(desk: Desk) -> None:
    desk.give("book option", mission="m2", party="acme", mass_kg=3.0, until="2026-02-01", deposit="5 JPY")
    desk.day = "2026-02-02"
    with pytest.raises(RefusedError, match=r"Option BK-000001 lapsed after 2026-02-01"):
        desk.give("book exercise", id="BK-000001", paid="5 JPY")
    with pytest.raises(RefusedError, match=r"lapsed after 2026-02-01: nothing is left to cancel"):
        desk.give("book cancel", id="BK-000001")
    desk.day = "2026-02-01"
    desk.give("book exercise", id="BK-000001", paid="5 JPY")
    assert desk.books.booking.by_id["BK-000001"].state == "confirmed"
    desk.day = "2026-05-01"
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0)
    assert left(desk.books, "m2").mass_kg == 26.0


def test_options_have_days_that_make_sense(desk: Desk) -> None:
    with pytest.raises(RefusedError, match=r"An option until 2025-12-31 has lapsed already"):
        desk.give("book option", mission="m2", party="acme", mass_kg=3.0, until="2025-12-31")
    with pytest.raises(
        RefusedError, match=r"are needed by 2026-08-18, and the option would last until 2026-09-01"
    ):
        desk.give("book option", mission="m2", party="acme", mass_kg=3.0, until="2026-09-01")


def test_waiting_is_for_what_does_not_fit_now_but_may(desk: Desk) -> None:
    with pytest.raises(RefusedError, match=r"has room for it now\. Reserve it: book reserve"):
        desk.give("book wait", mission="m2", party="acme", mass_kg=3.0)
    with pytest.raises(RefusedError, match=r"has 30 kg in all, and 31 kg is asked\. Waiting will not help"):
        desk.give("book wait", mission="m2", party="acme", mass_kg=31.0)
    desk.give("book reserve", mission="m2", party="acme", mass_kg=30.0)
    assert desk.give("book wait", mission="m2", party="acme", mass_kg=3.0)["ahead"] == 0
    assert desk.give("book wait", mission="m2", party="acme", mass_kg=3.0)["ahead"] == 1
    desk.give("book cancel", id="BK-000002")
    assert desk.give("book cancel", id="BK-000001")["served"] == ["BK-000003"]


def test_nothing_is_booked_on_a_flight_that_has_left(desk: Desk) -> None:
    desk.flight("m4", vehicle="Series 3", launch_on="2029-06-01")
    desk.give("book reserve", mission="m4", party="acme", mass_kg=1.0)
    desk.day = "2027-01-15"
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0)
    desk.give("book reserve", mission="m2", party="acme", mass_kg=29.0)
    desk.give("book wait", mission="m2", party="acme", mass_kg=0.5)
    desk.day = "2027-01-16"
    said = r"Mission 'm2' was launched on 2027-01-15\. Take another mission\."
    for verb in ("book reserve", "book wait"):
        with pytest.raises(RefusedError, match=said):
            desk.give(verb, mission="m2", party="acme", mass_kg=1.0)
    with pytest.raises(RefusedError, match=said):
        desk.give("book rebook", id="BK-000001", mission="m2", consent="yes")
    assert desk.give("book cancel", id="BK-000002")["served"] == []
    desk.payload("probe", 1.0)
    with pytest.raises(RefusedError, match=r"Mission 'm2' was launched on 2027-01-15\. Leave it out\."):
        desk.give("manifest assign", missions=["m2"])
