"""A mission flown again with payloads: it lands with less left, or the payload is refused with the figure."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np
import pytest
from booking_books import Desk

from perilune.errors import InputError, MissionFileError, NameNotFoundError, RefusedError
from perilune.mission import payload_flight, solution
from perilune.mission.load import from_tables, load, parse_toml
from perilune.mission.payload_books import flown_order, payloads_booked
from perilune.mission.payload_flight import Aboard, PayloadFlight, fly_added, fly_with, with_payloads
from perilune.mission.plan import Plan, plan
from perilune.transfer.flight import Solution
from perilune.transfer.phasing import Aim
from perilune.transfer.schedule import Schedule

MISSIONS = Path(__file__).resolve().parents[2] / "missions"
M2 = MISSIONS / "m2.toml"
M2_LANDING = MISSIONS / "m2-as-flown.toml"
M3 = MISSIONS / "m3.toml"
BOOKED = (Aboard("Rover", 6.0), Aboard("Customers", 24.0))


@functools.cache
def flown(path: Path, *payloads: Aboard) -> PayloadFlight:
    """Return a flight that several tests look at."""
    return fly_with(path, payloads)


def test_a_kilogram_of_payload_is_one_of_propellant_less() -> None:
    light = flown(M3, Aboard("CP-12", 200.0))
    full = flown(M3, Aboard("CP-12", 200.0), Aboard("Others", 100.0))
    assert light.landed
    assert full.landed
    assert full.payload_mass_kg == 300.0
    assert light.propellant_left_kg is not None
    assert full.propellant_left_kg is not None
    # The mass at the start is the same and so is the flight; what is left is what payload does not take.
    assert light.propellant_left_kg - full.propellant_left_kg == pytest.approx(100.0, abs=1e-6)
    assert (
        full.figure == f"lands with 300 kg of payload and {full.propellant_left_kg:.1f} kg of propellant left"
    )
    assert light.dv_left_m_s is not None
    assert full.dv_left_m_s is not None
    assert light.dv_left_m_s > full.dv_left_m_s > 0.0
    assert full.dv_m_s == pytest.approx(light.dv_m_s, rel=1e-9)


def test_a_flight_has_a_digest_that_is_its_deliverys() -> None:
    one, again = flown(M2_LANDING, *BOOKED), fly_with(M2_LANDING, BOOKED)
    assert one.digest == again.digest == hashlib.sha256(one.delivery.to_json().encode()).hexdigest()
    other = flown(M2_LANDING, BOOKED[0])
    assert other.digest != one.digest
    assert other.delivery.provenance.plan_digest != one.delivery.provenance.plan_digest


def test_the_files_own_payloads_fly_as_the_file_itself() -> None:
    own = plan(load(M2_LANDING))
    changed = plan(
        from_tables(with_payloads(parse_toml(M2_LANDING.read_text(), "m2"), [Aboard("All", 30.0)]))
    )
    assert changed.lander == own.lander


def test_a_payload_that_breaks_the_landing_is_refused_with_the_figures() -> None:
    with pytest.raises(RefusedError) as told:
        fly_added(M2_LANDING, BOOKED, Aboard("Big", 20.0))
    assert told.value.rule == "capacity"
    without, broken = flown(M2_LANDING, *BOOKED), flown(M2_LANDING, *BOOKED, Aboard("Big", 20.0))
    assert str(told.value) == (
        f"Big of 20 kg cannot fly on HAKUTO-R Mission 2 as flown: without it the lander {without.figure}; "
        f"with it the lander {broken.figure}. Leave it behind, or lighten others."
    )
    history = broken.delivery.descent
    assert history is not None
    height_m = float(broken.figure.split("propellant ")[1].split(" m ")[0])
    # The engines give nothing below that height, and the lander still has some way to fall.
    below = history.altitude_m < height_m - 1.0
    assert 0.0 < height_m < 2000.0
    assert not history.throttle[below].any()
    assert fly_added(M2_LANDING, BOOKED[:1], Aboard("Small", 1.0)).landed


def test_what_leaves_in_lunar_orbit_does_not_land() -> None:
    raw = parse_toml(M3.read_text(), "m3")
    changed = with_payloads(raw, [Aboard("CP-12", 95.0), Aboard("Relay", 65.0, leaves_in_orbit=True)])
    assert [entry["name"] for entry in changed["payload"]] == ["CP-12"]
    assert changed["vehicle"]["payload_mass"] == "160.0 kg"
    with_relay = flown(M3, Aboard("CP-12", 200.0), Aboard("Relay", 65.0, leaves_in_orbit=True))
    assert (with_relay.payload_mass_kg, with_relay.released_mass_kg) == (265.0, 65.0)
    assert with_relay.landed
    assert with_relay.propellant_left_kg == flown(M3, Aboard("CP-12", 200.0)).propellant_left_kg


def test_the_transfer_found_for_a_file_serves_other_payloads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(solution, "cache_folder", lambda: tmp_path)
    own = plan(load(M2))
    other = plan(from_tables(with_payloads(parse_toml(M2.read_text(), "m2"), [Aboard("All", 65.0)])))
    assert isinstance(own, Plan)
    assert isinstance(other, Plan)
    assert own.digest != other.digest
    assert (own.request, own.wish, own.means) == (other.request, other.wish, other.means)
    payload_flight._keep_transfer(own, other)
    assert solution.load(other) is None  # nothing was found for either yet
    found = Solution(
        times_s=np.array([-9.6e6, 0.0]),
        unknowns=np.array([0.1, 1.0 / 3.0]),
        impulse_nodes=(1,),
        free_times=(0,),
        names=("injection", "insertion"),
        flyby_node=1,
        loops=2,
        branch=1,
        aim=Aim(1.811e6, 0.0123),
        schedule=Schedule(3, 11, 28),
    )
    solution.save(own, found)
    payload_flight._keep_transfer(own, other)
    passed_on = solution.load(other)
    assert passed_on is not None
    assert passed_on.unknowns.tolist() == found.unknowns.tolist()
    assert (passed_on.aim, passed_on.schedule) == (found.aim, found.schedule)


@pytest.mark.parametrize("mass_kg", [0.0, -1.0, float("nan"), 1e9])
def test_no_mass_is_told(mass_kg: float) -> None:
    with pytest.raises(InputError, match=r"Odd: .* kg is no mass\. Give one above 0 kg\."):
        fly_with(M3, [Aboard("Odd", mass_kg)])


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(MissionFileError, match=r"Did you mean"):
        fly_with(MISSIONS / "m33.toml", [])


def test_what_is_booked_is_flown_and_recorded() -> None:
    desk = Desk("2023-05-01")
    desk.flight("m2", launch_on="2025-01-15")
    desk.payload("rover", 5.0, party="ispace-eu", kind="rover", deployment="surface")
    desk.payload("probe", 24.0, slots=["S2"])
    desk.give("book reserve", mission="m2", payload="rover", slot="S1")
    desk.give("book reserve", mission="m2", payload="probe", mass_kg=25.0)
    aboard = payloads_booked(desk.books, "m2")
    assert aboard == [Aboard("Rover", 5.0, "ispace-eu"), Aboard("Probe", 25.0, "acme")]
    flight = fly_with(M2_LANDING, aboard)
    desk.give("manifest flown", **flown_order(desk.books, "m2", flight))
    (record,) = desk.books.manifest.by_mission["m2"].flown
    assert (record.outcome, record.payload_mass_g, record.digest) == ("landed", 30_000, flight.digest)
    assert record.propellant_left_kg == flight.propellant_left_kg
    (row,) = (row for row in desk.rows("manifest check", mission="m2") if row.check == "propellant")
    assert (row.state, row.margin) == ("holds", flight.propellant_left_kg)
    with pytest.raises(NameNotFoundError, match=r"No flight 'm3'"):
        payloads_booked(desk.books, "m3")


@pytest.mark.slow
def test_mission_two_lands_with_its_payloads_and_not_with_35_kg_more() -> None:
    """The transfer is found once (minutes) and kept; after that each flight takes seconds."""
    without = flown(M2, *BOOKED)
    assert without.landed
    assert without.propellant_left_kg == pytest.approx(30.0, abs=2.0)
    with pytest.raises(
        RefusedError, match=r"with it the lander runs out of propellant \d+ m above the ground"
    ):
        fly_added(M2, BOOKED, Aboard("More", 35.0))


@pytest.mark.slow
def test_a_satellite_released_in_lunar_orbit_lightens_the_descent() -> None:
    landing = [Aboard("All", 25.0)]
    satellite = Aboard("Satellite", 5.0, leaves_in_orbit=True)
    with_it, without = fly_with(M2, [*landing, satellite]), fly_with(M2, landing)
    assert with_it.landed
    assert with_it.propellant_left_kg is not None
    assert without.propellant_left_kg is not None
    # Five kilograms less to land, and five kilograms of propellant less to do it with: at most 5 kg worse.
    assert without.propellant_left_kg - 5.0 < with_it.propellant_left_kg < without.propellant_left_kg
