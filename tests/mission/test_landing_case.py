"""From a mission to the case of its landing."""

import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from perilune.constants import MOON_RADIUS_M
from perilune.errors import InputError, NameNotFoundError
from perilune.landing.faults.rows import Fault
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load, loads
from perilune.mission.start import planned_landing

MISSIONS = Path(__file__).resolve().parents[2] / "missions"


@pytest.fixture(scope="module")
def m1():
    return landing_case(load(MISSIONS / "m1-as-flown.toml"))


def test_the_case_is_the_missions(m1):
    assert (m1.mission, m1.vehicle, m1.policy) == ("HAKUTO-R Mission 1 as flown", "RESILIENCE", "latch")
    assert [sensor.name for sensor in m1.sensors] == ["imu", "star-tracker", "laser", "velocimeter"]
    assert m1.probe_height_m == 1000.0
    assert m1.mass_kg == pytest.approx(790.0, abs=1.0)
    assert len(m1.faults) == 0


def test_a_policy_and_faults_of_ones_own_are_added():
    fault = Fault("laser", "bias", "below", 5000.0, 50.0)
    case = landing_case(load(MISSIONS / "m2-as-flown.toml"), policy="apollo", faults=[fault])
    assert case.policy == "apollo"
    assert len(case.faults) == 2
    assert case.fault_sentences[-1] == "laser: bias 50 m below 5000 m"


def test_what_is_not_there_is_told():
    mission = load(MISSIONS / "m1.toml")
    with pytest.raises(NameNotFoundError, match="No altimeter policy 'latsch'"):
        landing_case(mission, policy="latsch")
    with pytest.raises(NameNotFoundError, match="radar"):
        landing_case(mission, faults=[Fault("radar", "off")])


def test_an_inertial_unit_is_needed():
    text = (MISSIONS / "m1.toml").read_text(encoding="utf-8").replace('kind = "imu"', 'kind = "radar"')
    with pytest.raises(InputError, match="no inertial unit among the sensors"):
        landing_case(loads(text))


def test_a_transfer_that_was_not_flown_has_no_end_to_start_from(tmp_path, monkeypatch):
    monkeypatch.setattr("perilune.mission.solution.cache_folder", lambda: tmp_path)
    with pytest.raises(InputError) as raised:
        landing_case(load(MISSIONS / "m2.toml"), source="missions/m2.toml")
    assert str(raised.value) == (
        "missions/m2.toml: its transfer was not flown yet, so nobody knows where the descent begins. "
        "Fly it first: perilune fly missions/m2.toml. Or write an [orbit] in place of the launch."
    )


def test_an_orbit_beside_the_site_leaves_no_descent():
    text = (MISSIONS / "m1.toml").read_text(encoding="utf-8")
    far = text.replace('pass = "northbound"', 'pass = "northbound"\nbeside = "400 km"')
    with pytest.raises(InputError, match="there is no descent to fly"):
        landing_case(loads(far), source="far.toml")


@pytest.mark.parametrize(
    ("name", "heading_deg"), [("m1", 0.0), ("m3", 180.0), ("m4", 0.0), ("m2-as-flown", 0.0)]
)
def test_the_heading_over_the_site_is_that_of_the_orbit(name, heading_deg):
    planned = planned_landing(load(MISSIONS / f"{name}.toml"))
    off = math.degrees(planned.heading_rad) - heading_deg
    assert abs((off + 180.0) % 360.0 - 180.0) < 1.5


def test_the_ground_at_the_site_is_where_the_software_aims(m1):
    radius_m = float(np.linalg.norm(m1.site_me_m))
    assert radius_m - MOON_RADIUS_M == pytest.approx(-3139.0, abs=2.0)


def test_a_case_travels_and_flies_alike(m1):
    again = pickle.loads(pickle.dumps(m1))
    assert again.digest == m1.digest
    first, second = m1.fly(3, 1), again.fly(3, 1)
    assert first.tobytes() == second.tobytes()


def test_another_mission_has_another_digest(m1):
    other = landing_case(load(MISSIONS / "m1-as-flown.toml"), policy="reacquire")
    assert other.digest != m1.digest
