"""Changes of bookings: to another flight with consent, another size, another slot; and slips of a flight."""

from __future__ import annotations

import pytest
from booking_books import Desk

from perilune.commerce.booking.capacity import left
from perilune.errors import RefusedError


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.flight("m2")
    made.flight("m4", vehicle="Series 3", launch_on="2028-06-01")
    return made


def test_a_booking_moves_to_another_flight_only_with_consent(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=30.0, slot="T1")
    desk.give("book wait", mission="m2", party="next", mass_kg=12.0)
    with pytest.raises(
        RefusedError, match=r"is acme's, who has to consent to fly on 'm4'\. Say how it did"
    ) as told:
        desk.give("book rebook", id="BK-000001", mission="m4")
    assert told.value.rule == "authority"
    answer = desk.give("book rebook", id="BK-000001", mission="m4", consent="mail of 3 May", slot="S1")
    assert answer["served"] == ["BK-000002"]
    assert left(desk.books, "m2").mass_kg == 18.0
    assert left(desk.books, "m4").mass_kg == 70.0
    assert "T1" in left(desk.books, "m2").slots
    assert "S1" not in left(desk.books, "m4").slots
    with pytest.raises(RefusedError, match=r"has 18 kg left, and 30 kg is asked"):
        desk.give("book rebook", party_="acme", id="BK-000001", mission="m2")
    with pytest.raises(RefusedError, match=r"is on 'm4' already\. Change its slot: book move"):
        desk.give("book rebook", party_="acme", id="BK-000001", mission="m4")


def test_its_own_party_needs_no_words_of_consent(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=3.0)
    desk.give("book rebook", party_="acme", id="BK-000001", mission="m4")
    assert desk.events[-1].data["consent"] == "asked by acme"


def test_who_waits_holds_a_part_after_rebooking(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=30.0)
    desk.give("book wait", mission="m2", party="next", mass_kg=12.0)
    desk.give("book rebook", id="BK-000002", mission="m4", consent="by phone")
    assert desk.books.booking.by_id["BK-000002"].state == "reserved"
    assert desk.books.booking.waiting["m2"] == {}
    assert left(desk.books, "m4").mass_kg == 88.0


def test_an_option_that_lasts_too_long_is_exercised_first() -> None:
    desk = Desk()
    desk.flight("m2")
    desk.flight("early", launch_on="2026-09-01")
    desk.give("book option", mission="m2", party="acme", mass_kg=3.0, until="2026-06-01")
    with pytest.raises(
        RefusedError, match=r"lasts until 2026-06-01, and mission 'early' needs payloads by 2026-04-04"
    ):
        desk.give("book rebook", id="BK-000001", mission="early", consent="yes")


def test_a_booking_grows_where_there_is_room_and_shrinks_for_who_waits(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=20.0)
    desk.give("book reserve", mission="m2", party="other", mass_kg=5.0)
    with pytest.raises(RefusedError, match=r"has 25 kg left, and 26 kg is asked"):
        desk.give("book resize", id="BK-000001", mass_kg=26.0)
    desk.give("book resize", id="BK-000001", mass_kg=25.0, power_w=1.0)
    desk.give("book wait", mission="m2", party="next", mass_kg=10.0)
    with pytest.raises(RefusedError, match=r"holds that already"):
        desk.give("book resize", id="BK-000001", mass_kg=25.0)
    assert desk.give("book resize", id="BK-000001", mass_kg=15.0)["served"] == ["BK-000003"]
    assert desk.books.booking.by_id["BK-000001"].amounts[:3] == (15_000, 0, 1000)


def test_a_payload_does_not_outgrow_its_booking_nor_shrink_below_its_need(desk: Desk) -> None:
    desk.payload("probe", 4.0)
    desk.give("book reserve", mission="m2", payload="probe")
    with pytest.raises(RefusedError, match=r"would need 5 kg, and its booking BK-000001 holds 4 kg\. Resize"):
        desk.give("payload revise", id="probe", mass_kg=5.0)
    with pytest.raises(RefusedError, match=r"needs 4 kg, and 3 kg is asked"):
        desk.give("book resize", id="BK-000001", mass_kg=3.0)
    desk.give("book resize", id="BK-000001", mass_kg=5.0)
    desk.give("payload revise", id="probe", mass_kg=5.0)
    assert desk.books.payloads.by_id["probe"].revision == 2
    with pytest.raises(RefusedError, match=r"is booked as BK-000001\. Cancel that booking first"):
        desk.give("payload withdraw", id="probe")


def test_a_slot_is_changed(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, slot="T1")
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0, slot="T2")
    with pytest.raises(RefusedError, match=r"is held by BK-000002"):
        desk.give("book move", id="BK-000001", slot="T2")
    desk.give("book move", id="BK-000001", slot="T3")
    assert desk.books.booking.slots["m2"] == {"T2": "BK-000002", "T3": "BK-000001"}
    with pytest.raises(RefusedError, match=r"has slot 'T3' already"):
        desk.give("book move", id="BK-000001", slot="T3")


def test_a_slip_says_whom_to_ask_and_moves_the_day_payloads_are_needed(desk: Desk) -> None:
    desk.give("book reserve", mission="m2", party="acme", mass_kg=1.0)
    desk.give("book option", mission="m2", party="gone", mass_kg=1.0, until="2026-01-02")
    desk.day = "2026-01-03"
    answer = desk.give("book slip", mission="m2", launch_on="2027-07-15")
    assert answer["to_ask"] == ["BK-000001"]
    flight = desk.books.manifest.by_mission["m2"]
    assert (str(flight.launch_on), str(flight.needed_by)) == ("2027-07-15", "2027-02-15")
    with pytest.raises(RefusedError, match=r"flies on 2027-07-15 already"):
        desk.give("book slip", mission="m2", launch_on="2027-07-15")
    with pytest.raises(RefusedError, match=r"No plan tells when mission 'm2' flies\. Say launch_on"):
        desk.give("book slip", mission="m2")
    with pytest.raises(RefusedError, match=r"would come after the launch on 2028-01-01"):
        desk.give("book slip", mission="m2", launch_on="2028-01-01", needed_by="2028-02-01")


def test_a_slip_follows_the_newest_plan(desk: Desk) -> None:
    desk.give("book reserve", mission="m4", party="acme", mass_kg=1.0)
    assert desk.rows("book slips") == []
    told = {"name": "Mission 4", "launch": "2029", "vehicle": "Series 3", "source": "policy briefing"}
    desk.give("plan announce", id="m4", as_of="2025-10-06", **told)
    (late,) = desk.rows("book slips")
    assert (late.booking, str(late.planned_on), late.late_day_count) == ("BK-000001", "2029-01-01", 214)
    desk.give("book slip", mission="m4")
    assert str(desk.books.manifest.by_mission["m4"].launch_on) == "2029-01-01"
    assert desk.rows("book slips") == []
