"""What a campaign's document holds (`--json`, `summary.json`), as JSON Schema; `document` makes it.

The names of outcomes, causes and figures are those of the code; a test holds real documents against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from perilune.campaign.summary import PERCENTS, STORY, TOLD
from perilune.landing.loop.rows import CAUSES, OUTCOMES, SETTLED

Schema = dict[str, Any]
SCHEMA_ID: Final = "urn:perilune:schema:campaign:1"


def schema() -> Schema:
    """Return the JSON Schema (2020-12) of a campaign's document."""
    head, policies = _head(), _policies()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Campaign of landings",
        "description": "What `perilune land --json` prints, SI and radians; null where there is no figure.",
        "oneOf": [
            _table("One set of faults, several policies.", head | _fault() | policies),
            _table("One set of faults, one policy.", head | _fault() | policies | _of_one_alone()),
            _table("Several sets of faults.", head | _faults()),
            _table("A sweep.", head | _sweep()),
        ],
        "$defs": {"summary": _table("How often an arm lands, what brings it down, and where.", _summary())},
    }


def _head() -> Schema:
    return {
        "mission": _text("the mission file"),
        "seed": _whole("seed of all random streams"),
        "runs": _whole("runs of each policy and fault"),
        "way": _one_of(("serial", "threads", "processes", "cluster"), "how they were flown"),
        "workers": _whole("threads, processes or workers"),
        "wall_s": _number("time taken, s"),
        "runs_per_s": _figure("runs flown now a second; null where all were kept from before"),
        "flown_runs": _whole("runs flown now"),
        "perilune": _text("version"),
    }


def _fault() -> Schema:
    return {"fault": _text("the set of faults, `none` without")}


def _policies() -> Schema:
    return {
        "policies": _map({"$ref": "#/$defs/summary"}, "each policy's summary"),
        "comparison": _list(
            _table("Two policies.", _comparison()), "every pair of policies on the same runs"
        ),
    }


def _of_one_alone() -> Schema:
    # A single policy's summary stands at the top too; of what both have, the campaign's own figures stay.
    return {key: value for key, value in _summary().items() if key not in _head()}


def _faults() -> Schema:
    return {
        "faults": _map(_table("One set of faults.", _policies()), "each set of faults"),
        "table": _table(
            "Policy against fault.",
            {
                "policies": _list({"type": "string"}, "columns"),
                "faults": _list({"type": "string"}, "rows"),
                "success_probability": _list(_list({"type": "number"}), "share of landings, a row a fault"),
            },
        ),
    }


def _sweep() -> Schema:
    grid = {
        "names": _list({"type": "string"}, "what is swept, with its unit"),
        "values": _list(_list({"type": "number"}), "the values of each"),
        "success_probability": _list(
            _list(_figure()), "share of landings at the first one's value i and the second one's value j"
        ),
        "runs": _whole("runs of each cell"),
    }
    maps = _map(_table("A success map.", grid), "each policy's map")
    return {"sweep": _map(maps, "each set of faults")}


def _summary() -> Schema:
    codes = {"type": "integer", "minimum": 0}
    causes = _counts(CAUSES, "runs that did not land, by what came first")
    percentiles = _table("Percentiles.", {f"p{percent}": _number() for percent in PERCENTS})
    return {
        "runs": _whole("runs"),
        "successes": _whole("runs that landed within the mission's [success]"),
        "success_probability": _number("their share"),
        "interval_95": _list({"type": "number"}, "its 95 % interval (Clopper and Pearson)"),
        "outcomes": _counts(OUTCOMES, "runs by how they ended"),
        "first_causes": causes,
        "failure_tree": _keyed(OUTCOMES, causes, "failed outcomes, each by what came first"),
        "outcome_runs": _keyed(OUTCOMES, _list(codes), "the first twenty runs of each outcome"),
        "settled": _counts(SETTLED, "what became of the landers whose legs were followed"),
        "percentiles": _keyed(TOLD, percentiles, "figures of the runs that landed"),
        "percentiles_all": _keyed(STORY, percentiles, "figures of all runs that have them"),
        "footprint": _table("Where the landed runs came down.", _footprint()),
        "sensitivity": _list(_table("One input.", _sensitivity()), "how success hangs on each input"),
        "drivers": _map(_list(_table("One input.", _driver())), "the inputs that a figure follows"),
        "worst": _list(_table("One run.", _run()), "the runs that ended worst"),
        "consistency": _keyed(
            ("nees", "nis"),
            _table("Of one measure.", _measure(), optional=("epochs",)),
            "whether the filter knows how wrong it is; 1 where it does",
        ),
        "rows_digest": _text("SHA-256 over the rows' bytes"),
        "wall_s": _number("its share of the time taken, s"),
        "runs_per_s": _figure("its runs flown now a second"),
        "flown_runs": _whole("runs flown now"),
        "kept_runs": _whole("runs kept from before"),
    }


def _comparison() -> Schema:
    return {
        "first": _text("a policy"),
        "second": _text("another one"),
        "both": _whole("runs that both landed"),
        "only_first": _whole("runs that only the first one landed"),
        "only_second": _whole("runs that only the second one landed"),
        "neither": _whole("runs that neither landed"),
        "p_value": _number("of McNemar's exact test"),
    }


def _footprint() -> Schema:
    ellipse = {
        "downrange_m": _number("centre"),
        "crossrange_m": _number("centre"),
        "semi_major_m": _number(),
        "semi_minor_m": _number(),
        "angle_rad": _number("of the longer axis from downrange"),
        "holds": _number("share of the landed runs inside"),
    }
    return {
        "runs": _whole("landed runs"),
        "cep_m": _figure("radius about the site that half of them fell into"),
        "radius_99_m": _figure("and that 99 % did"),
        "ellipse_99": {"anyOf": [_table("99 % prediction ellipse.", ellipse), {"type": "null"}]},
        "all_cep_m": _figure("radius that half of all runs fell into"),
    }


def _sensitivity() -> Schema:
    return {
        "input": _text("its name"),
        "shift": _number("rank-biserial correlation of its value with success"),
        "spread": _number("the same of its distance from its median"),
        "p_value": _number("the smaller one's, Mann-Whitney with Holm's correction"),
        "significant": _told({"type": "boolean"}, "whether the p value is below 1 %"),
        "fifths": _list({"type": "number"}, "share of landings in each fifth of the input"),
    }


def _driver() -> Schema:
    return {
        "input": _text("its name"),
        "rho": _number("Spearman's rank correlation"),
        "of": _one_of(("value", "distance"), "of its value, or of its distance from the median"),
        "p_value": _number("with Holm's correction"),
    }


def _run() -> Schema:
    figures = ("vertical_m_s", "horizontal_m_s", "tilt_rad", "miss_m", "propellant_kg")
    return {
        "run": _whole("its number"),
        "outcome": _one_of(OUTCOMES),
        "first_cause": _one_of(CAUSES),
        **{name: _figure() for name in figures},
        "command": _text("the command that flies it again"),
    }


def _measure() -> Schema:
    epochs = {
        "runs": _whole("runs averaged"),
        "epochs": _whole("epochs that half of them reach"),
        "inside": _figure("share of the epochs at which the average lies within its 95 % bounds"),
        "below": _figure("below them"),
        "above": _figure("above them"),
        "mean": _list(_figure(), "the average at each epoch"),
    }
    return {
        "freedom": _whole("degrees of freedom it is divided by"),
        "runs": _whole("runs that have it"),
        "mean": _number(),
        "median": _number(),
        "p2_5": _number("95 % of the runs lie between this"),
        "p97_5": _number("and this"),
        "epochs": _table("Over the descent.", epochs),
    }


def _table(text: str, properties: Mapping[str, Schema], optional: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "description": text,
        "properties": dict(properties),
        "required": [key for key in properties if key not in set(optional)],
        "additionalProperties": False,
    }


def _keyed(keys: Iterable[str], value: Schema, text: str) -> Schema:
    """Return an object with some of these keys."""
    return _map(value, text) | {"propertyNames": {"enum": list(keys)}}


def _counts(keys: Iterable[str], text: str) -> Schema:
    return _keyed(keys, _whole(), text)


def _map(value: Schema, text: str = "") -> Schema:
    return _told({"type": "object", "additionalProperties": value}, text)


def _list(value: Schema, text: str = "") -> Schema:
    return _told({"type": "array", "items": value}, text)


def _one_of(names: Iterable[str], text: str = "") -> Schema:
    return _told({"enum": list(names)}, text)


def _text(text: str = "") -> Schema:
    return _told({"type": "string"}, text)


def _whole(text: str = "") -> Schema:
    return _told({"type": "integer", "minimum": 0}, text)


def _number(text: str = "") -> Schema:
    return _told({"type": "number"}, text)


def _figure(text: str = "") -> Schema:
    """Return a number that may not be there."""
    return _told({"type": ["number", "null"]}, text)


def _told(value: Schema, text: str) -> Schema:
    return value | {"description": text} if text else value
