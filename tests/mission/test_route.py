"""The route check says before the flight what happened on it."""

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from perilune.cli.main import cli
from perilune.mission.load import load, loads
from perilune.mission.route import route_of
from perilune.report.route import render_route, text, to_document

MISSIONS = Path(__file__).resolve().parents[2] / "missions"


@pytest.fixture(scope="module")
def m1():
    found = route_of(load(MISSIONS / "m1-as-flown.toml"))
    assert not isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def m2():
    found = route_of(load(MISSIONS / "m2-as-flown.toml"))
    assert not isinstance(found, str)
    return found


def test_mission_1s_rim_is_the_largest_step_and_trips_the_latching_gate(m1):
    rim = m1.steps[0]
    # The profile of GLD100 along 44.4 deg E falls by 3,190 m within 10 km, 65 km before the site.
    assert rim.step.rise_m == pytest.approx(-3190.0, abs=40.0)
    assert rim.step.before_m == pytest.approx(65e3, abs=1.5e3)
    assert rim.altimeters == ("laser",)
    by_policy = {one.policy: one for one in rim.verdicts}
    assert by_policy["latch"].trips
    assert by_policy["latch"].then == "the altimeter is off for good after 10 rejects"
    assert not by_policy["reacquire"].trips
    assert not by_policy["apollo"].trips


def test_the_sweep_knows_the_way_with_the_rim_and_milder_ones(m1):
    atlas, *backups = m1.sweeps
    assert len(backups) == 3
    north = abs(atlas.rise_m[0])
    assert north > 3000.0
    assert min(abs(atlas.rise_m)) < 0.5 * north
    assert min(abs(one.rise_m).min() for one in backups) < 100.0


def test_mission_2_was_not_recoverable_at_its_first_valid_range(m2):
    told = m2.told[0]
    assert (told.height_m, told.descent_m_s) == (893.0, 66.0)
    assert told.net_m_s2 == pytest.approx(1.85, abs=0.005)
    assert told.needed_m == pytest.approx(1178.0, abs=1.0)
    assert not told.recoverable
    assert "893 m at 66 m/s: not recoverable (needs 1,178 m at the 1.85 m/s^2 flown" in text(m2)


def test_the_declared_error_gives_the_speed_that_was_told(m2):
    low, high = m2.late
    assert 1700.0 <= low.error_m < high.error_m <= 2000.0
    # Told: 66 m/s at 893 m.
    assert low.descent_m_s - 4.0 < 66.0 < high.descent_m_s + 6.0
    assert not low.recoverable
    assert not high.recoverable


def test_a_range_finder_heard_in_time_leaves_a_stop():
    heard = (MISSIONS / "m2-as-flown.toml").read_text(encoding="utf-8").replace('"893 m"   ', '"3 km"    ')
    found = route_of(loads(heard), headings=1)
    assert not isinstance(found, str)
    assert all(late.recoverable for late in found.late)


def test_a_mission_from_the_earth_is_checked_with_a_polar_orbit():
    found = route_of(load(MISSIONS / "m2.toml"), headings=4)
    assert not isinstance(found, str)
    assert found.note.startswith("The plane of the orbit is found with the transfer; here it is polar")
    assert 700.0 < found.means.ignition_mass_kg < 850.0


def test_both_missions_that_failed_are_no_go_for_what_brought_them_down(m1, m2):
    against = [(item.name, item.why) for item in m1.check_list if not item.go]
    assert [name for name, _ in against] == ["ground under the track"]
    assert "64 km before the site, trips the gate of latch: the altimeter is off for good" in against[0][1]
    against = [(item.name, item.why) for item in m2.check_list if not item.go]
    assert [name for name, _ in against] == ["first range in time"]
    assert against[0][1].startswith("laser ranges from 893 m, needed from 1")
    assert "Before the descent: NO-GO\n" in text(m1)
    assert "  NO-GO  first range in time: laser ranges from 893 m" in text(m2)
    assert "<b>NO-GO</b>" in render_route(m2)


def test_a_lander_commanded_right_is_go_and_one_that_is_not_is_told_all():
    m3 = (MISSIONS / "m3.toml").read_text(encoding="utf-8")
    found = route_of(loads(m3), headings=1)
    assert not isinstance(found, str)
    assert to_document(found)["go"] is True
    assert "Before the descent: go\n" in text(found)
    unready = """
[[fault]]
unit = "laser"
kind = "no-return"
[[fault]]
unit = "software"
kind = "wrong-site-north"
size = "5 km"
"""
    told = route_of(loads(m3 + unready), headings=1)
    assert not isinstance(told, str)
    assert "Before the descent: NO-GO, 2 items" in text(told)
    against = [entry["name"] for entry in to_document(told)["check_list"] if not entry["go"]]
    assert against == ["laser works", "site as planned"]


def test_the_document_is_json_without_a_number_that_is_none(m1):
    document = json.loads(json.dumps(to_document(m1), allow_nan=False))
    assert document["steps"][0]["gates"]["latch"]["trips"] is True
    assert len(document["headings"][0]["heading_deg"]) == 36
    assert document["means"]["thrust_n"] == 1625.0


def test_the_page_shows_track_headings_and_deadline(m1):
    shown = render_route(m1)
    for title in ("Ground and lander", "Headings and backup sites", "Height over descent speed"):
        assert title in shown
    assert "3.2 km drop 64 km before the site" in shown


def test_the_command_prints_the_check_and_names_what_can_not_be_checked(tmp_path):
    done = CliRunner().invoke(
        cli, ["route", str(MISSIONS / "m4.toml"), "--headings", "2", "--html", str(tmp_path / "r.html")]
    )
    assert done.exit_code == 0, done.output
    assert "Altimeter deadline" in done.output
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert math.isfinite(len(done.output))
