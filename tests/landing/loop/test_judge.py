"""How a flight is judged: outcome and first cause from its figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.landing.craft import _kernels_settle
from perilune.landing.loop import layout as at
from perilune.landing.loop import rows
from perilune.landing.loop.judge import Limits, first_cause, outcome_of, survivable

SOFT = {
    at.VERTICAL: 1.0, at.HORIZONTAL: 0.1, at.TILT: 0.01, at.RATE: 0.001, at.SLOPE_RAD: 0.02, at.TIP: 0.1,
    at.LEG: 0.3, at.DOWNRANGE: 30.0, at.CROSSRANGE: 40.0, at.END: 700.0, at.ACQUIRED_S: 400.0,
}  # fmt: skip


def figures(**changes):
    out = np.full(at.FIGURES, np.nan)
    for place, value in SOFT.items():
        out[place] = value
    for name, value in changes.items():
        out[getattr(at, name)] = value
    return out


@pytest.mark.parametrize(
    ("changes", "outcome", "cause"),
    [
        ({}, "landed", "none"),
        ({"VERTICAL": 2.5}, "hard_landing", "touchdown speed"),
        ({"HORIZONTAL": 0.7}, "hard_landing", "sideways speed"),
        ({"TILT": math.radians(6.0)}, "hard_landing", "tilt"),
        ({"RATE": math.radians(3.0)}, "hard_landing", "tilt"),
        ({"VERTICAL": 20.0}, "crashed", "touchdown speed"),
        ({"TIP": 1.2}, "tipped_over", "slope"),
        ({"VERTICAL": 100.0, "DRY_S": 650.0}, "propellant_exhausted", "propellant"),
        (
            {"VERTICAL": 100.0, "DRY_S": 650.0, "ISOLATED_S": 480.0},
            "propellant_exhausted",
            "altimeter isolated",
        ),
        ({"VERTICAL": 40.0, "LATE_S": 600.0, "REJECTING_S": 610.0}, "crashed", "too late to stop"),
        ({"VERTICAL": 40.0, "UNIT_S": 100.0, "TUMBLE_S": 120.0}, "crashed", "inertial unit"),
        ({"DRY_S": 699.0}, "landed", "none"),
        ({"VERTICAL": 5.0, "ENGINE_S": 640.0, "LATE_S": 650.0}, "crashed", "engine"),
        ({"SETTLED": 0.0}, "landed", "none"),
        ({"SETTLED": 1.0}, "tipped_over", "slope"),
        ({"SETTLED": 2.0}, "landed", "none"),
        ({"VERTICAL": 2.5, "SETTLED": 1.0}, "tipped_over", "touchdown speed"),
    ],
)
def test_outcome_and_first_cause(changes, outcome, cause):
    made = figures(**changes)
    code = outcome_of(at.TOUCHED, made, Limits())
    assert rows.OUTCOMES[code] == outcome
    assert rows.CAUSES[first_cause(code, made, Limits())[0]] == cause


def test_a_flight_that_never_comes_down_is_lost():
    assert rows.OUTCOMES[outcome_of(at.TIME_OUT, figures(), Limits())] == "lost"


def test_a_flight_that_never_heard_an_altimeter_says_so():
    made = figures(VERTICAL=50.0, ACQUIRED_S=math.nan)
    code = outcome_of(at.TOUCHED, made, Limits())
    assert rows.CAUSES[first_cause(code, made, Limits())[0]] == "no altimeter"


def test_a_landing_too_far_off_is_none_where_the_site_counts():
    made = figures()
    limits = Limits(miss_m=49.0)
    code = outcome_of(at.TOUCHED, made, limits)
    assert rows.OUTCOMES[code] == "hard_landing"
    assert rows.CAUSES[first_cause(code, made, limits)[0]] == "fell short of the site"


@pytest.mark.parametrize(
    ("changes", "survives"),
    [({}, True), ({"VERTICAL": 2.5}, True), ({"VERTICAL": 20.0}, False), ({"TILT": 1.0}, False)],
)
def test_only_what_is_no_crash_is_followed_on_the_ground(changes, survives):
    assert survivable(figures(**changes), Limits()) is survives


def test_names_and_codes_go_together():
    assert rows.SETTLED[_kernels_settle.STANDS] == "stands"
    assert rows.SETTLED[_kernels_settle.TIPPED_OVER] == "tipped_over"
    assert rows.SETTLED[_kernels_settle.MOVING] == "moving"
    assert len(rows.CAUSES) == rows.MISSED + 1
    assert len(rows.OUTCOMES) == rows.LOST + 1
