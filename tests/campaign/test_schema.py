"""The schema of a campaign's document: real documents of every shape fit it, and nothing else does."""

import json
from pathlib import Path

import jsonschema
import pytest
from toy_case import ToyCase

from perilune.campaign.case import Arm
from perilune.campaign.document import document, summaries
from perilune.campaign.run import fly_campaign
from perilune.campaign.schema import schema
from perilune.campaign.ways import Serial

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "schema" / "campaign.schema.json"
LATCH, APOLLO = Arm(ToyCase(limit=0.8), "latch"), Arm(ToyCase(limit=1.5), "apollo")
SHAPES = {
    "one policy": (LATCH,),
    "several policies": (LATCH, APOLLO),
    "several faults": (LATCH, Arm(ToyCase(limit=0.4), "latch", "altimeter-stuck")),
    "a sweep": tuple(Arm(ToyCase(limit=x), "latch", point=(("gate", x),)) for x in (0.5, 1.0)),
    "none landed": (Arm(ToyCase(limit=0.0), "latch"),),
    "all landed": (Arm(ToyCase(limit=99.0), "latch"),),
}


def told(arms, runs=120):
    campaign = fly_campaign(arms, seed=2, runs=runs, way=Serial())
    found = summaries(campaign, lambda arm: f"perilune land m.toml --policy {arm.policy}")
    return json.loads(json.dumps(document(campaign, found, mission="m.toml", way="serial", workers=1)))


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_document_fits_and_says_which_shape_it_is(validator, shape):
    validator.validate(told(SHAPES[shape]))


def test_a_single_run_fits(validator):
    validator.validate(told((LATCH,), runs=1))


def test_a_key_too_many_or_too_few_does_not(validator):
    good = told((LATCH, APOLLO))
    assert not validator.is_valid(good | {"colour": "red"})
    assert not validator.is_valid({key: value for key, value in good.items() if key != "seed"})
    del good["policies"]["latch"]["settled"]
    assert not validator.is_valid(good)


def test_the_committed_schema_is_this_one():
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == schema()
