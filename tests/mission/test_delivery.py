import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from flights import crashed, delivery

from perilune.mission.delivery import LandingResult, Outcome, schema

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "schema" / "delivery.schema.json"

# The keys other people's programs rely on.
PROMISED = {
    "": {"mission", "outcome", "provenance", "milestones", "transfer", "landing"},
    "provenance": {"version", "plan_digest", "seed", "data"},
    "transfer": {
        "launch_utc",
        "flyby",
        "max_earth_distance_m",
        "max_earth_distance_utc",
        "dv_flyby_to_insertion_m_s",
        "insertion",
        "manoeuvres",
        "dv_total_m_s",
    },
    "transfer.flyby": {"utc", "altitude_m", "v_infinity_m_s"},
    "transfer.insertion": {"utc", "dv_m_s", "duration_s", "perilune_altitude_m", "apolune_altitude_m"},
    "transfer.manoeuvres.0": {"name", "start_utc", "dv_m_s", "duration_s", "propellant_kg"},
    "milestones.0": {"id", "name", "status", "achieved_utc", "public_utc"},
    "landing": {
        "outcome",
        "utc",
        "latitude_deg",
        "longitude_deg",
        "miss_distance_m",
        "vertical_speed_m_s",
        "horizontal_speed_m_s",
        "tilt_deg",
        "propellant_left_kg",
        "dv_m_s",
        "dv_ideal_m_s",
    },
}


@pytest.mark.parametrize("place", PROMISED)
def test_the_promised_keys_are_there(place):
    table = json.loads(delivery().to_json())
    for part in filter(None, place.split(".")):
        table = table[int(part) if part.isdigit() else part]
    assert set(table) >= PROMISED[place]


def test_values_are_those_of_the_delivery():
    document = delivery().to_document()
    assert document["outcome"] == "landed"
    assert document["transfer"]["flyby"]["utc"] == "2025-02-14T22:44:10.000Z"
    assert document["landing"]["latitude_deg"] == pytest.approx(60.50002, abs=1e-12)
    assert document["milestones"][0]["public_utc"] == "2025-01-11T15:00:00.000Z"
    assert document["milestones"][9]["public_utc"] is None


@pytest.mark.parametrize(
    "flown", [delivery(), crashed(), replace(delivery(), landing=LandingResult("not_flown"))]
)
def test_every_delivery_fits_the_schema(flown):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(flown.to_json()), schema(), jsonschema.Draft202012Validator)


def test_the_schema_is_strict():
    document = json.loads(delivery().to_json())
    document["landing"]["colour"] = "grey"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.validate(document, schema())


def test_the_committed_schema_is_the_generated_one():
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == schema()


def test_not_a_number_becomes_null_or_our_bug():
    landing = replace(delivery().landing, miss_distance_m=math.nan)
    assert replace(delivery(), landing=landing).to_document()["landing"]["miss_distance_m"] is None
    broken = replace(delivery(), transfer=replace(delivery().transfer, dv_total_m_s=math.inf))
    with pytest.raises(ArithmeticError, match=r"Transfer\.dv_total_m_s is inf"):
        broken.to_json()


def test_the_trajectory_stays_out_of_the_document():
    assert not {"legs", "descent"} & set(delivery().to_document())
    assert len(delivery().to_json()) < 50_000


def test_outcomes_are_plain_words():
    assert all(outcome.value == outcome.name.lower() for outcome in Outcome)
