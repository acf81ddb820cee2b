"""Every check of a manifest: it holds with its margin, and breaks with one sentence."""

from __future__ import annotations

import math
from typing import Any

import pytest
from booking_books import Desk

from perilune.commerce.manifest.finding import Finding
from perilune.errors import RefusedError


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.flight()  # RESILIENCE; payloads are needed by 2026-08-18, launch on 2027-01-15
    return made


def board(desk: Desk, id: str, slot: str = "", mass_kg: float = 1.0, **asked: Any) -> None:
    desk.payload(id, mass_kg, **asked)
    desk.give("book reserve", mission="m2", payload=id, slot=slot)


def found(desk: Desk, check: str, state: str = "breaks") -> list[Finding]:
    rows: list[Finding] = desk.rows("manifest check", mission="m2")
    return [row for row in rows if row.check == check and row.state == state]


def test_an_empty_flight_breaks_nothing(desk: Desk) -> None:
    rows: list[Finding] = desk.rows("manifest check", mission="m2")
    assert {row.state for row in rows} == {"holds", "unknown"}
    assert [row.check for row in rows if row.state == "unknown"] == ["propellant"]
    assert all(row.margin is not None and row.margin >= 0.0 for row in rows if row.state == "holds")


def test_sums_have_margins_in_si(desk: Desk) -> None:
    board(desk, "probe", "T1", 4.35, power_w=2.0, volume_m3=0.01)
    (mass,) = (row for row in found(desk, "budget", "holds") if row.subject == "mass_g")
    assert (mass.value, mass.limit, mass.margin, mass.unit) == (4.35, 30.0, 25.65, "kg")
    (volume,) = (row for row in found(desk, "budget", "holds") if row.subject == "volume_ml")
    assert (volume.value, volume.limit) == (0.01, 0.2)


def test_only_one_peak_counts_beside_the_averages(desk: Desk) -> None:
    board(desk, "one", "T1", power_w=1.0, needs={"descent": {"peak_power_w": 12.0}})
    board(desk, "two", "T2", power_w=1.0, needs={"descent": {"peak_power_w": 10.0}})
    (row,) = (row for row in found(desk, "peak power", "holds") if row.subject == "descent")
    assert (row.value, row.limit) == (13.0, 15.0)  # 1 W and 1 W, and 11 W more of the first
    board(desk, "three", "T3", power_w=3.0)
    (row,) = found(desk, "peak power")
    assert row.sentence.startswith("With one at its peak, 16 W are drawn (descent), and the bus gives 15 W.")


def test_heat_is_of_a_zone(desk: Desk) -> None:
    for k in (1, 2):
        board(desk, f"hot-{k}", f"I{k}", needs={"surface": {"power_w": 8.0}})
    (row,) = found(desk, "heat")
    assert (row.subject, row.value, row.margin) == ("inside", 16.0, -1.0)
    assert row.sentence == (
        "Payloads in the thermal zone 'inside' give off 16 W, and it takes 15 W. "
        "Move one to another zone: book move."
    )


@pytest.mark.parametrize(
    ("asked", "check", "sentence"),
    [
        ({"mass_kg": 9.0}, "slot", "x weighs 9 kg; slot T1 carries 8 kg."),
        ({"envelope_m": [0.1, 0.1, 0.4]}, "slot", "x does not fit into the box of slot T1."),
        ({"volume_m3": 0.03}, "slot", "x does not fit into the box of slot T1."),
        ({"zones": ["inside"]}, "thermal zone", "x may stand in thermal zone inside, and slot T1 is top."),
        ({"slots": ["S1", "S2"]}, "slot", "x may stand in slot S1 or S2, and slot T1 is T1."),
    ],
)
def test_a_payload_has_to_fit_its_slot(desk: Desk, asked: dict[str, Any], check: str, sentence: str) -> None:
    board(desk, "x", "T1", **asked)
    (row,) = found(desk, check)
    assert row.sentence == f"{sentence} Give it another slot: book move."


def test_an_envelope_may_be_turned(desk: Desk) -> None:
    board(desk, "long", "T4", envelope_m=[0.2, 0.35, 0.3])
    assert found(desk, "slot") == []


def test_the_centre_of_mass_moves_with_what_is_aboard(desk: Desk) -> None:
    board(desk, "heavy", "S1", 10.0)
    (row,) = (row for row in found(desk, "centre of mass", "holds") if row.subject.startswith("x"))
    assert row.value == pytest.approx(10.0 * 0.8 / 380.0)
    assert row.margin == pytest.approx(0.03 - 10.0 * 0.8 / 380.0)
    board(desk, "more", "T1", 8.0)
    board(desk, "most", "T4", 8.0)
    (row,) = found(desk, "centre of mass")
    moment_kg_m = 10.0 * 0.8 + 16.0 * 0.45
    assert row.value == pytest.approx(moment_kg_m / 396.0)
    assert row.sentence == (
        f"With everything aboard the centre of mass of 'm2' lies at x = {1e3 * moment_kg_m / 396.0:.1f} mm, "
        f"{1e3 * (moment_kg_m / 396.0 - 0.03):.1f} mm outside -30 to 30 mm. "
        f"Shift {moment_kg_m - 0.03 * 396.0:.2f} kg m to the other side: book move."
    )


def test_the_centre_of_mass_is_told_after_each_release(desk: Desk) -> None:
    sats = {"deployment": "orbit", "destination": "orbit", "kind": "satellite"}
    board(desk, "left", "S1", 10.0, **sats)
    board(desk, "right", "S2", 10.0, **sats)
    board(desk, "third", "T2", 8.0)
    board(desk, "fourth", "T3", 2.0)
    stages = [row.subject for row in found(desk, "centre of mass", "holds") if row.subject.startswith("x")]
    assert stages == ["x, with everything aboard", "x, after the release of right"]
    (row,) = found(desk, "centre of mass")
    assert row.subject == "x, after the release of left"
    assert row.value == pytest.approx(-(10.0 * 0.8 + 10.0 * 0.45) / 390.0)


def test_what_has_no_slot_leaves_the_balance_unknown(desk: Desk) -> None:
    board(desk, "probe")
    (row,) = found(desk, "centre of mass", "unknown")
    assert row.sentence == "probe has no slot yet, so the centre of mass is not known. Give one: book move."


def test_a_view_is_free_or_blocked(desk: Desk) -> None:
    across = [{"direction": [-1, 0, 0], "half_angle_rad": math.radians(10)}]
    board(desk, "camera", "T1", fields_of_view=across)
    board(desk, "box", "T2", envelope_m=[0.2, 0.2, 0.2])
    (row,) = (row for row in found(desk, "field of view") if row.subject == "camera, box")
    radius_m = 0.5 * math.sqrt(3) * 0.2
    assert row.margin == pytest.approx(-math.asin(radius_m / 0.9) - math.radians(10))
    assert row.sentence == (
        f"box on T2 stands {-math.degrees(row.margin or 0.0):.1f} deg inside the field of view of camera on "
        "T1. Move one of them: book move."
    )
    desk.give("book move", id="BK-000002", slot="T3")
    (row,) = (row for row in found(desk, "field of view", "holds") if row.subject == "camera, box")
    assert row.margin == pytest.approx(
        math.radians(45) - math.asin(radius_m / math.hypot(0.9, 0.9)) - math.radians(10)
    )


def test_nobody_looks_into_the_plume_or_a_beam(desk: Desk) -> None:
    board(desk, "camera", "S1", fields_of_view=[{"direction": [0, 0, -1], "half_angle_rad": 0.2}])
    (row,) = found(desk, "field of view")
    assert row.sentence.startswith(
        "camera looks into the plume of the engines, by 61.5 deg. Turn it, or narrow"
    )


def test_nobody_stands_in_a_keep_out(desk: Desk) -> None:
    board(desk, "lamp", "T1", keep_outs=[{"direction": [-1, 0, 0], "half_angle_rad": 0.1}])
    board(desk, "box", "T2")
    (row,) = found(desk, "keep-out")
    assert "box on T2 stands" in row.sentence
    assert "inside what lamp on T1 keeps free" in row.sentence


def test_disturbance_needs_distance(desk: Desk) -> None:
    board(desk, "radio", "T1", emc_emission=3)
    board(desk, "quiet", "T2", emc_tolerance=0)
    (row,) = (row for row in found(desk, "EMC", "holds"))
    assert (row.value, row.limit) == (pytest.approx(0.9), pytest.approx(0.9))
    desk.give("book move", id="BK-000002", slot="I1")
    (row,) = found(desk, "EMC")
    assert row.sentence == (
        "radio (emits class 3) stands 0.69 m from quiet (bears class 0), and 0.9 m are needed. "
        "Move one of them: book move."
    )


def test_dirt_stays_on_its_face(desk: Desk) -> None:
    board(desk, "duster", "T1", shedding=2)
    board(desk, "lens", "T3", dirt_tolerance=1)
    (row,) = found(desk, "contamination")
    assert row.sentence.startswith("duster sheds class 2 on the same face as lens, which bears class 1.")
    desk.give("book move", id="BK-000002", slot="S1")
    assert found(desk, "contamination") == []


def test_some_may_not_fly_together(desk: Desk) -> None:
    board(desk, "one", "T1")
    board(desk, "two", "T2", apart_from=["one"])
    (row,) = found(desk, "apart")
    assert row.sentence == "two may not fly with one. Rebook one of them: book rebook."


def test_readiness_and_the_latest_day_have_margins_in_days(desk: Desk) -> None:
    board(desk, "ready", "T1", ready_on="2026-08-08", late_on="2027-01-25")
    (row,) = found(desk, "readiness", "holds")
    assert (row.margin, row.unit) == (10.0, "d")
    (row,) = found(desk, "latest day", "holds")
    assert row.margin == 10.0
    board(desk, "slow", "T2", ready_on="2026-08-20", late_on="2027-01-01")
    (row,) = found(desk, "readiness")
    assert row.sentence == (
        "slow is ready on 2026-08-20, 2 d after 2026-08-18, when 'm2' needs it. Rebook it: book rebook."
    )
    (row,) = found(desk, "latest day")
    assert row.sentence.startswith("slow has to be launched by 2027-01-01, 14 d before 'm2' flies.")


def test_riders_need_their_carrier(desk: Desk) -> None:
    desk.payload("rover", 5.0, kind="rover", deployment="surface")
    board(desk, "scoop", destination="rover", carrier="rover")
    (row,) = found(desk, "carrier")
    assert row.sentence == "scoop rides on rover, which is not aboard 'm2'. Book it too."
    desk.give("book reserve", mission="m2", payload="rover", slot="S1")
    assert found(desk, "carrier") == []
    rider = next(row for row in desk.rows("manifest show", mission="m2") if row.payload == "scoop")
    assert rider.slot == "S1"
    assert desk.books.booking.used["m2"][-1] == 1  # a rider takes no place on deck


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            {"deployment": "stays"},
            {"deployment": "surface"},
            "one stays aboard and is never released. Revise two.",
        ),
        (
            {"deployment": "surface"},
            {"deployment": "orbit"},
            "two is released in lunar orbit, before one on the",
        ),
        ({"deployment": "orbit"}, {"deployment": "surface"}, ""),
    ],
)
def test_releases_follow_each_other(
    desk: Desk, first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    board(desk, "one", "T1", **first)
    board(desk, "two", "T2", release_after=["one"], **second)
    assert "".join(row.sentence for row in found(desk, "release")).startswith(said)
    assert bool(found(desk, "release")) == bool(said)


def test_payloads_that_wait_for_each_other_are_told(desk: Desk) -> None:
    board(desk, "one", "T1", deployment="surface", release_after=["two"])
    board(desk, "two", "T2", deployment="surface", release_after=["one"])
    (row,) = found(desk, "release")
    assert row.sentence == "one, two wait for each other's release. Take one wait out."


def test_what_breaks_a_budget_does_not_become_firm(desk: Desk) -> None:
    board(desk, "camera", "S1", fields_of_view=[{"direction": [0, 0, -1], "half_angle_rad": 0.2}])
    with pytest.raises(RefusedError, match=r"camera looks into the plume of the engines"):
        desk.give("book confirm", id="BK-000001")
    desk.give("payload revise", id="camera", fields_of_view=[{"direction": [0, 1, 0], "half_angle_rad": 0.2}])
    desk.give("book confirm", id="BK-000001")


def test_a_flight_that_did_not_land_keeps_bookings_from_becoming_firm(desk: Desk) -> None:
    board(desk, "probe", "T1", 8.0)
    flown = {
        "mission": "m2",
        "digest": "a" * 64,
        "plan": "b" * 64,
        "outcome": "propellant_exhausted",
        "payload_mass_kg": 8.0,
        "bookings": ["BK-000001"],
        "figure": "runs out of propellant 812 m above the ground with 8 kg of payload",
    }
    with pytest.raises(
        RefusedError, match=r"Flown were 7 kg, and 8 kg are booked on 'm2'\. Fly what is booked\."
    ):
        desk.give("manifest flown", **{**flown, "payload_mass_kg": 7.0})
    with pytest.raises(RefusedError, match=r"Flown were no bookings, and on 'm2' are BK-000001"):
        desk.give("manifest flown", **{**flown, "bookings": []})
    desk.give("manifest flown", **flown)
    with pytest.raises(
        RefusedError, match=r"does not land with these payloads: runs out of propellant 812 m above"
    ):
        desk.give("book confirm", id="BK-000001")
    desk.give(
        "manifest flown", **{**flown, "outcome": "landed", "propellant_left_kg": 29.4, "digest": "c" * 64}
    )
    (row,) = found(desk, "propellant", "holds")
    assert row.margin == 29.4
    desk.give("book confirm", id="BK-000001")
    desk.give("book resize", id="BK-000001", mass_kg=9.0)
    assert found(desk, "propellant", "unknown")
