"""Missions that start in lunar orbit: read, checked, flown to the ground with perfect navigation."""

import datetime
import math
from pathlib import Path

import numpy as np
import pytest

from perilune.errors import MissionFileError
from perilune.landing.guidance import GuidanceSettings
from perilune.landing.simulate import TouchdownLimits
from perilune.mission.delivery import Outcome
from perilune.mission.descent import guidance_settings, touchdown_limits
from perilune.mission.fly import fly
from perilune.mission.load import load, loads
from perilune.mission.plan import OrbitPlan, plan
from perilune.mission.schema import OrbitMission
from perilune.mission.start import orbit_state, planned_from_orbit
from perilune.report.folder import contents
from perilune.report.text import summary
from perilune.world.orientation import moon_me_from_icrf

MISSIONS = Path(__file__).resolve().parents[2] / "missions"
M1 = MISSIONS / "m1.toml"
TEXT = M1.read_text(encoding="utf-8")


def faults_of(*pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(MissionFileError) as raised:
        loads(text, "m.toml")
    return raised.value.faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ("[orbit]", "[launch]\n[orbit]"),
            "launch: a mission that starts in [orbit] has none. Take out one of the two.",
        ),
        (
            ('pass = "northbound"', 'pass = "northbound"\nazimuth = "10 deg"'),
            "orbit.azimuth: 10.00 deg and pass = 'northbound' both say where the orbit goes. "
            "Take out one of the two.",
        ),
        (
            ("2023-04-25T15:00:00 UTC", "2023-04-25T16:00:00 UTC"),
            "orbit.epoch: 40 min before landing.epoch is too late: half a revolution and the braking take "
            "68 min. Start earlier.",
        ),
        (
            ("2023-04-25T15:00:00 UTC", "2023-04-25T17:00:00 UTC"),
            "landing.epoch: 2023-04-25T16:40:00Z is not after orbit.epoch, 2023-04-25T17:00:00Z.",
        ),
        (
            ('mass = "795 kg"', 'mass = "600 kg"'),
            "orbit.mass: 600 kg leaves 225 kg of propellant above the 375 kg that land. The descent takes at "
            "least 1680 m/s: 640 kg without any loss. Load more, or carry less.",
        ),
        (
            ('mass = "795 kg"', 'mass = "1200 kg"'),
            "orbit.mass: 1200 kg is more than mission.wet_mass, 1000 kg at launch. Take less.",
        ),
        (
            ('perilune_altitude = "100 km"', 'perilune_altitude = "12 km"'),
            "orbit.perilune_altitude: 12 km is not above guidance.perilune_altitude, 15 km, where braking "
            "begins. Choose a higher orbit.",
        ),
        (
            ('apolune_altitude = "100 km"', 'apolune_altitude = "90 km"'),
            "orbit.perilune_altitude: 100 km is above orbit.apolune_altitude, 90 km. Swap them.",
        ),
        (
            ('apolune_altitude = "100 km"', 'apolune_altitude = "900 km"'),
            "orbit.apolune_altitude: 900 km is too high to land from. Choose at most 500 km.",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(change, fault):
    assert any(said.startswith(fault) for said in faults_of(change)), faults_of(change)


def test_a_file_with_neither_launch_nor_orbit_is_told_what_it_lacks():
    start, end = TEXT.index("[orbit]"), TEXT.index("[landing]")
    with pytest.raises(MissionFileError) as raised:
        loads(TEXT[:start] + TEXT[end:], "m.toml")
    assert [fault.split(":")[0] for fault in raised.value.faults] == ["launch", "insertion", "lunar_orbit"]


def test_the_defaults_of_the_file_are_those_of_guidance_and_judge():
    mission = load(MISSIONS / "m2.toml")
    assert guidance_settings(mission) == GuidanceSettings()
    assert touchdown_limits(mission) == TouchdownLimits()


@pytest.fixture(scope="module")
def m1():
    ready = plan(load(M1))
    assert isinstance(ready, OrbitPlan)
    return ready


def test_the_orbit_passes_over_the_site_as_it_stands_at_touchdown(m1):
    planned = planned_from_orbit(m1)
    assert planned.touchdown_epoch is not None
    assert abs(planned.touchdown_epoch - m1.mission.landing.epoch) < 10.0
    assert abs(planned.cross_track_m) < 500.0
    assert planned.start.epoch == m1.mission.orbit.epoch


@pytest.mark.parametrize(
    ("line", "inclination_deg"), [('pass = "southbound"', 90.0), ('azimuth = "-30 deg"', None)]
)
def test_the_heading_is_the_one_asked_for(line, inclination_deg):
    mission = loads(TEXT.replace('pass = "northbound"', line))
    assert isinstance(mission, OrbitMission)
    ready = plan(mission)
    state = orbit_state(ready, mission.orbit.epoch + 1.0)
    normal = math.acos(_normal_z(state))
    if inclination_deg is None:
        # Spherical triangle: cos i = cos(latitude) sin(azimuth).
        expected = math.acos(math.cos(math.radians(47.5)) * math.sin(math.radians(-30.0)))
        assert normal == pytest.approx(expected, abs=1e-3)
    else:
        assert normal == pytest.approx(math.radians(inclination_deg), abs=1e-3)


def _normal_z(state):
    normal = np.cross(state.position_m, state.velocity_m_s)
    return float(moon_me_from_icrf(state.epoch)[2] @ normal / np.linalg.norm(normal))


@pytest.fixture(scope="module")
def flown(m1):
    return fly(m1)


def test_mission_1_as_planned_lands_when_it_was_planned(flown, m1):
    assert flown.outcome is Outcome.LANDED
    assert flown.reason == ""
    assert flown.landing.miss_distance_m < 1.0
    assert abs(flown.landing.epoch - m1.mission.landing.epoch) < 30.0
    assert flown.missed == ()
    assert flown.transfer.launch_epoch is None
    assert flown.transfer.manoeuvres[0].name == "Deorbit"


def test_the_report_of_a_flight_from_orbit_says_where_it_began(flown):
    written = contents(flown, datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC))
    assert '"launch_utc": null' in written["delivery.json"]
    assert "from lunar orbit 2023-04-25 15:00:00 UTC" in written["report.html"]
    assert "Start       2023-04-25 15:00:00 UTC in lunar orbit" in summary(flown)


@pytest.mark.parametrize("name", ["m1-as-flown", "m2-as-flown", "m3", "m4"])
def test_the_other_missions_land_with_perfect_navigation(name):
    flown = fly(plan(load(MISSIONS / f"{name}.toml")))
    assert flown.outcome is Outcome.LANDED, flown.reason
    assert flown.missed == ()
    assert flown.landing.propellant_left_kg > 5.0
