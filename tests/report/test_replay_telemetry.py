import json
from dataclasses import replace

import numpy as np
import pytest
from replays import replay

from perilune.exchange.packet_reader import Database
from perilune.report.replay_telemetry import EVENTS, FILES, parts, write_telemetry


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("telemetry")
    assert [path.name for path in write_telemetry(replay(), folder)] == list(FILES)
    return folder


@pytest.fixture(scope="module")
def found(folder):
    database = Database((folder / "descent.xml").read_text(encoding="utf-8"))
    return database.read((folder / "descent.bin").read_bytes())


def test_the_estimate_comes_back_from_the_two_files_alone(found):
    states, nav = replay().states, found["navigation"]
    assert np.array_equal(nav["navigation_position_x_m"], states["position_x_m"])
    assert np.array_equal(nav["navigation_height_m"], states["height_m"].astype(np.float32))
    assert np.allclose(np.diff(nav["Time"]), 0.1, atol=1e-6)
    assert found["guidance"]["guidance_phase"][-1] == "terminal"


def test_every_reading_comes_back_with_its_verdict(found):
    mine = replay().sensor(0)
    lrf = found["sensor_lrf"]
    assert np.array_equal(lrf["sensor_lrf_value"], mine["value"])
    assert np.array_equal(
        lrf["sensor_lrf_verdict"], np.array(replay().facts.verdicts)[mine["verdict"].astype(int)]
    )
    last = {name: column[-1] for name, column in found["detection"].items()}
    assert last["detection_lrf_rejected"] == np.sum(np.isin(mine["verdict"], (2.0, 3.0)))
    assert last["detection_lrf_accepted"] == np.sum(mine["verdict"] == 1.0)


def test_truth_is_not_sent(folder):
    assert "true_" not in (folder / "descent.xml").read_text(encoding="utf-8")
    for part in parts(replay()):
        assert not any(name.startswith("true") for name in part.values)


def test_events_tell_the_story_without_truth(found):
    codes = found["event"]["event_code"].tolist()
    for first, then in (("sensor first valid", "rejections began"), ("rejections began", "sensor isolated"),
                        ("sensor isolated", "estimate at the ground")):  # fmt: skip
        assert codes.index(first) < codes.index(then)
    assert codes[-1] == EVENTS[-1]
    isolated = codes.index("sensor isolated")
    assert found["event"]["event_sensor"][isolated] == "lrf"


def test_open_mct_has_each_point(folder):
    told = json.loads((folder / "openmct.json").read_text())
    points = json.loads((folder / "openmct-history.json").read_text())
    keys = {point["key"] for point in told["measurements"]}
    assert keys == set(points)
    assert len(points["navigation.height_m"]) == 781


def test_thinned_telemetry_keeps_each_reading():
    thin = {part.kind.name: part for part in parts(replay(), every=10)}
    assert len(thin["navigation"].time_s) == 781
    assert len(thin["sensor_lrf"].time_s) == len(replay().sensor(0)["t_s"])


def test_two_sensors_of_one_name_are_told_apart():
    sensors = (("lrf", "laser"), *replay().facts.sensors[1:3], ("lrf", "radar"))
    twice = replace(replay(), facts=replace(replay().facts, sensors=sensors))
    names = [part.kind.name for part in parts(twice)]
    assert "sensor_lrf_1" in names
    assert "sensor_lrf_4" in names


def test_the_database_of_a_landing_keeps_to_the_schema(folder):
    validation = pytest.importorskip(
        "space_packet_parser.xtce.validation", reason="space_packet_parser is not installed"
    )
    found = validation.validate_xtce(folder / "descent.xml", level="all")
    assert found.valid, found.errors
