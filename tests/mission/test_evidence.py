"""What the books may know of a flight is read from its delivery, and tied to the file."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from agreements import standing
from flights import delivery

from perilune.commerce import registry
from perilune.errors import InputError
from perilune.mission.evidence import evidence_of, same
from perilune.mission.load import load
from perilune.mission.plan import plan

MISSION = Path(__file__).resolve().parents[2] / "missions" / "m2.toml"


def written(folder: Path, **provenance: Any) -> Path:
    flown = delivery()
    flown = replace(flown, provenance=replace(flown.provenance, **provenance))
    path = folder / "delivery.json"
    path.write_text(flown.to_json(), encoding="utf-8")
    return path


def test_a_delivery_shows_its_milestones_landing_and_figures(tmp_path: Path) -> None:
    path = written(tmp_path)
    document = json.loads(path.read_text())
    found = evidence_of(path)
    assert found["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found["kind"], found["outcome"]) == ("delivery", document["outcome"])
    assert [one["id"] for one in found["milestones"]] == [one["id"] for one in document["milestones"]]
    landing = document["landing"]
    assert found["figures"]["tilt_rad"] == math.radians(landing["tilt_deg"])
    assert found["figures"]["vertical_speed_m_s"] == landing["vertical_speed_m_s"]
    assert not any(name.endswith("_deg") for name in found["figures"])
    assert found["figures"]["mass_left_kg"] == document["budget"][-1]["mass_after_kg"]


def test_what_is_read_is_what_the_order_asks(tmp_path: Path) -> None:
    asked = registry.verb("evidence record").asked
    asked.model_validate({"mission": "m2", **evidence_of(written(tmp_path))})


def test_a_flight_decides_the_milestones_of_its_mission(tmp_path: Path) -> None:
    desk = standing()
    found = evidence_of(written(tmp_path))
    found["milestones"] = [
        one for one in found["milestones"] if one["id"] in ("success-1", "success-2", "success-9")
    ]
    desk.order("evidence record", id="flight", mission="m9", **found)
    answer = desk.order("milestone assess", mission="m9", evidence="flight")
    assert set(answer) <= {"success-1", "success-2", "success-9"}


def test_the_payload_s_mass_comes_from_the_mission_file_that_was_flown(tmp_path: Path) -> None:
    planned = plan(load(MISSION))
    path = written(tmp_path, plan_digest=planned.digest)
    assert evidence_of(path, MISSION)["figures"]["payload_mass_kg"] == planned.mission.payload_mass_kg
    other = written(tmp_path, plan_digest="0" * 64)
    with pytest.raises(
        InputError, match=r"m2\.toml is not what was flown: its plan is .*, the delivery's 000000000000"
    ):
        evidence_of(other, MISSION)


def test_a_changed_file_is_no_longer_the_evidence(tmp_path: Path) -> None:
    path = written(tmp_path)
    recorded = evidence_of(path)
    assert same(path, recorded)
    path.write_text(path.read_text().replace('"landed"', '"crashed"'), encoding="utf-8")
    assert not same(path, recorded)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is no delivery: the file: Invalid JSON"),
        ("[]", "is no delivery: the file"),
        ('{"mission": "m2"}', "is no delivery: vehicle: Field required"),
    ],
)
def test_what_is_no_delivery_says_so(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "delivery.json"
    path.write_text(text)
    with pytest.raises(InputError) as told:
        evidence_of(path)
    assert fault in str(told.value)
    assert "Give the delivery.json that perilune fly wrote." in str(told.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        evidence_of(tmp_path / "none.json")


def test_a_flight_that_never_began_shows_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    document = json.loads(path.read_text())
    document["landing"] = {"outcome": "no_transfer", "utc": None}
    document["transfer"] |= {"manoeuvres": [], "launch_utc": None}
    for one in document["milestones"]:
        one |= {"achieved_utc": None, "status": "not achieved"}
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="tells of no moment: nothing was flown"):
        evidence_of(path)
