"""Mission 2 as planned, from its file to touchdown: the search, the flight, and what is promised of both.

The transfer is searched here, since none stands in the repository; every test below looks at the one flight.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from company_block import BEGIN, House, commands
from flights import M2

from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.mission import solution
from perilune.mission.delivery import Delivery, Leg, Outcome, schema
from perilune.mission.fly import fly
from perilune.mission.load import load
from perilune.mission.plan import Plan, plan
from perilune.operations.milestones import Status
from perilune.report.folder import write
from perilune.world import ephemeris
from perilune.world.frames import MOON_ICRF

DAY_S = 86400.0


@pytest.fixture(scope="module")
def m2() -> Plan:
    return plan(load(M2))


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory):
    """A folder of kept transfers of its own, so that the search is part of the story."""
    place = tmp_path_factory.mktemp("transfers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solution, "cache_folder", lambda: place)
        yield place


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def flown(m2: Plan, folder: Path, told: list[str]) -> Delivery:
    return fly(m2, progress=lambda stage, _: told.append(stage))


def within(epoch: Epoch | None, wished: str, seconds: float) -> bool:
    assert epoch is not None
    return abs(epoch - Epoch.parse(wished)) <= seconds


def test_it_lands(flown: Delivery) -> None:
    assert flown.outcome is Outcome.LANDED, flown.reason
    assert flown.reason == ""


def test_the_launch_is_the_published_one(flown: Delivery, m2: Plan) -> None:
    injection = flown.transfer.injection
    assert injection is not None
    assert within(flown.transfer.launch_epoch, "2025-01-15T06:11:39 UTC", 0.0)
    assert 0.0 < injection.epoch - flown.transfer.launch_epoch <= 7200.0
    assert 28.5 <= math.degrees(injection.inclination_rad) <= 31.0
    assert injection.perigee_altitude_m == pytest.approx(m2.request.perigee_altitude_m, abs=1.0)
    # The plane can not hold a pad better than its inclination allows; what is left is told and kept small.
    assert math.degrees(injection.pad_plane_angle_rad) < 5.0


def test_deep_space_manoeuvres_stay_within_the_limit(flown: Delivery) -> None:
    deep = [m for m in flown.transfer.manoeuvres if m.phase == "deep_space"]
    assert deep
    assert sum(m.dv_m_s for m in deep) <= 50.0
    after = flown.transfer.dv_flyby_to_insertion_m_s
    assert after is not None
    assert after <= 5.0


def test_the_flyby_is_the_published_one(flown: Delivery) -> None:
    flyby = flown.transfer.flyby
    assert flyby is not None
    assert within(flyby.epoch, "2025-02-14T22:43:00 UTC", 300.0)
    assert abs(flyby.altitude_m - 8400e3) <= 200e3
    assert flyby.v_infinity_m_s > 0.0


def test_it_goes_as_far_as_was_told(flown: Delivery) -> None:
    farthest = flown.transfer.max_earth_distance_m
    assert farthest is not None
    assert 1.05e9 <= farthest <= 1.15e9


def test_insertion_is_the_published_one(flown: Delivery) -> None:
    insertion = flown.transfer.insertion
    assert insertion is not None
    assert within(insertion.epoch, "2025-05-06T20:41:00 UTC", 300.0)
    assert abs(insertion.perilune_altitude_m - 70e3) <= 2e3
    assert abs(insertion.apolune_altitude_m - 5800e3) <= 30e3


def moon_distance_m(leg: Leg) -> np.ndarray:
    """Distance to the Moon at each state of an Earth-centred leg."""
    moon = [ephemeris.state("moon", "earth", leg.base + float(t))[0] for t in leg.time_s]
    return np.linalg.norm(leg.position_m - np.array(moon), axis=1)


def test_no_loop_passes_the_moon_before_the_flyby(flown: Delivery) -> None:
    assert flown.transfer.flyby is not None
    before = flown.transfer.flyby.epoch + -3.0 * DAY_S
    nearest = math.inf
    for leg in flown.legs:
        early = np.array([leg.base + float(t) < before for t in leg.time_s])
        if leg.frame.centre == "earth" and early.any():
            nearest = min(nearest, float(moon_distance_m(leg)[early].min()))
    assert 5.0e7 < nearest < math.inf


def test_the_flight_comes_by_every_node_of_its_plan(flown: Delivery) -> None:
    """One forward propagation from injection on: nothing is put back on the plan in between."""
    assert flown.transfer.node_mismatch_m is not None
    assert flown.transfer.node_mismatch_m < 1.0
    assert flown.transfer.node_mismatch_m_s is not None
    assert flown.transfer.node_mismatch_m_s < 1e-3


def test_legs_join(flown: Delivery) -> None:
    """The end of each is the beginning of the next, whatever their frames."""
    assert len(flown.legs) > 10
    for one, other in pairwise(flown.legs):
        assert abs(other.start - one.end) < 1e-6, (one.name, other.name)
        end = State(one.end, one.frame, one.position_m[-1], one.velocity_m_s[-1]).to(other.frame)
        apart_m = np.linalg.norm(end.position_m - other.position_m[0])
        apart_m_s = np.linalg.norm(end.velocity_m_s - other.velocity_m_s[0])
        assert apart_m < 1e-3, (one.name, other.name)
        assert apart_m_s < 1e-6, (one.name, other.name)
    for leg in flown.legs:
        assert (np.diff(leg.time_s) > 0.0).all(), leg.name
        assert np.isfinite(leg.position_m).all()


def test_legs_never_enter_the_ground(flown: Delivery) -> None:
    for leg in flown.legs:
        if leg.frame == MOON_ICRF and leg.phase in ("capture", "lunar_orbit"):
            assert np.linalg.norm(leg.position_m, axis=1).min() > 1737.4e3 + 50e3, leg.name


def test_the_orbit_is_kept_in_its_band(flown: Delivery) -> None:
    kept = flown.lunar_orbit
    assert kept.circular_epoch is not None
    assert kept.circular_epoch - Epoch.parse("2025-05-28T08:27:00 UTC") <= 0.0
    assert kept.lowest_altitude_m is not None
    assert kept.highest_altitude_m is not None
    assert 70e3 <= kept.lowest_altitude_m <= kept.highest_altitude_m <= 125e3


def test_touchdown_is_soft_and_at_the_site(flown: Delivery, m2: Plan) -> None:
    landing = flown.landing
    assert landing.outcome == "landed"
    assert landing.epoch is not None
    assert landing.epoch - Epoch.parse("2025-06-05T19:00:00 UTC") >= 0.0
    assert landing.epoch - Epoch.parse("2025-06-05T19:30:00 UTC") <= 0.0
    assert landing.miss_distance_m is not None
    assert landing.miss_distance_m <= 100.0
    assert math.degrees(landing.latitude_rad) == pytest.approx(60.5, abs=0.004)
    assert math.degrees(landing.longitude_rad) == pytest.approx(-4.6, abs=0.007)
    assert 0.0 <= landing.vertical_speed_m_s <= 2.0
    assert landing.horizontal_speed_m_s <= 0.5
    assert math.degrees(landing.tilt_rad) <= 5.0
    assert landing.propellant_left_kg > 0.0
    assert 1.0 <= landing.dv_m_s / landing.dv_ideal_m_s <= 1.12


def test_every_milestone_has_its_evidence_from_the_flight(flown: Delivery) -> None:
    assert [m.id for m in flown.milestones] == [f"success-{k}" for k in range(1, 11)]
    for milestone in flown.milestones:
        assert milestone.status is Status.ACHIEVED, milestone.id
        assert milestone.evidence, milestone.id
        assert milestone.achieved_epoch is not None
    assert flown.missed == ()


def test_the_budget_adds_up(flown: Delivery, m2: Plan) -> None:
    """Masses fall from burn to burn by what each burnt, and by what steering used before the descent."""
    assert flown.budget[0].mass_after_kg == pytest.approx(1000.0 - flown.budget[0].propellant_kg, abs=1e-6)
    lost = 0.0
    for one, other in pairwise(flown.budget):
        gap = one.mass_after_kg - other.propellant_kg - other.mass_after_kg
        assert gap > -1e-6, other.name
        lost += max(gap, 0.0)
    assert lost < m2.attitude_propellant_kg + 1.0
    ended = flown.budget[-1].mass_after_kg - m2.lander.empty_mass_kg
    assert flown.landing.propellant_left_kg == pytest.approx(ended, abs=1e-6)
    assert flown.transfer.dv_total_m_s == pytest.approx(sum(row.dv_m_s for row in flown.budget), abs=1e-6)


def test_the_search_tells_how_far_it_is(flown: Delivery, told: list[str]) -> None:
    assert "sweeping arrivals backward" in told
    assert told[-1] == "landing"


def test_it_flies_again_without_a_search_to_the_same_bytes(flown: Delivery, m2: Plan) -> None:
    stages: list[str] = []
    again = fly(m2, progress=lambda stage, _: stages.append(stage))
    assert "sweeping arrivals backward" not in stages
    assert again.to_json() == flown.to_json()
    for one, other in zip(flown.legs, again.legs, strict=True):
        assert (one.position_m == other.position_m).all()
        assert (one.velocity_m_s == other.velocity_m_s).all()


def test_it_is_written_as_promised(flown: Delivery, tmp_path: Path) -> None:
    out = write(flown, tmp_path / "m2")
    document = json.loads((out / "delivery.json").read_text())
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert document["outcome"] == "landed"
    assert {p.name for p in out.iterdir()} == {
        "delivery.json",
        "manoeuvres.csv",
        "report.html",
        "trajectory.oem",
    }


def lacking(m2: Plan, kg: float) -> Plan:
    """The same plan with that much more of the wet mass not burnable."""
    return replace(m2, lander=replace(m2.lander, empty_mass_kg=m2.lander.empty_mass_kg + kg))


def achieved(delivery: Delivery) -> list[int]:
    return [k for k, m in enumerate(delivery.milestones, start=1) if m.status is Status.ACHIEVED]


def test_too_little_propellant_ends_the_descent(flown: Delivery, m2: Plan, tmp_path: Path) -> None:
    short = fly(lacking(m2, 100.0))
    assert short.outcome is Outcome.PROPELLANT_EXHAUSTED
    assert short.reason == (
        "The propellant ends on the way down. Raise mission.wet_mass, or carry less payload."
    )
    assert achieved(short) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert short.legs[-1].phase == "descent"
    document = json.loads((write(short, tmp_path / "short") / "delivery.json").read_text())
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert document["outcome"] == "propellant_exhausted"
    assert document["reason"] == short.reason


@pytest.mark.parametrize(
    ("lacking_kg", "burn", "reached"),
    [
        (620.0, "Deep-space manoeuvre 1", [1, 2, 3]),
        (560.0, "Lunar orbit insertion", [1, 2, 3, 4, 5]),  # the sixth waits for the orbit
        (450.0, "Lunar orbit manoeuvre 3", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_flight_ends_where_its_propellant_does(
    flown: Delivery, m2: Plan, tmp_path: Path, lacking_kg: float, burn: str, reached: list[int]
) -> None:
    """What was planned beyond is not told as flown: no flyby, no orbit, no milestone."""
    plan_ = lacking(m2, lacking_kg)
    short = fly(plan_)
    assert short.outcome is Outcome.PROPELLANT_EXHAUSTED
    assert short.reason.startswith(f"The propellant ends in the manoeuvre '{burn}")
    assert short.reason.endswith("Raise mission.wet_mass, or carry less payload.")
    assert short.budget[-1].mass_after_kg == pytest.approx(plan_.lander.empty_mass_kg, abs=1e-6)
    assert short.landing.outcome == "no_descent"
    assert achieved(short) == reached
    end = short.transfer.manoeuvres[-1].end_epoch
    assert short.legs[-1].end - end <= 1e-6
    assert (short.transfer.flyby is not None) == (5 in reached)
    assert (short.transfer.insertion is not None) == (7 in reached)
    assert bool(short.lunar_orbit.orbits) == (7 in reached)
    document = json.loads((write(short, tmp_path / "short") / "delivery.json").read_text())
    jsonschema.Draft202012Validator(schema()).validate(document)


def test_the_readmes_commands_are_given_on_this_flight(
    flown: Delivery, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a mail to the final invoice, with the transfer found above and the delivery flown above."""
    house = House(tmp_path, flown.to_json(), capsys, monkeypatch)
    said = {command: house.give(command) for command in (*BEGIN, *commands())}
    (flight,) = (answer for command, answer in said.items() if " manifest fly " in command)
    assert "lands with 4 kg of payload" in flight
    (kept,) = house.ask("perilune evidence list --mission m2")
    assert kept["outcome"] == "landed"
    invoices = house.ask("perilune ledger invoices")
    assert [one["amount"]["minor"] for one in invoices] == [180_000_000, 240_000_000, 180_000_000]
    (settled,) = (answer for command, answer in said.items() if " contract settle " in command)
    assert settled.splitlines()[-1] == "Earned as revenue: 6,000,000.00 USD of 6,000,000.00 USD."
    (balance,) = house.ask("perilune ledger contract-balances")
    assert (balance["revenue"]["minor"], balance["contract_liability"]["minor"]) == (600_000_000, 0)
