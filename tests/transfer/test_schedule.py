"""Schedules: what they may cost, and what they must keep to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune import constants
from perilune.epoch import Epoch
from perilune.transfer.apsides import Apsides
from perilune.transfer.burning import Ellipse, osculating
from perilune.transfer.schedule import Task, axis_of, ideal_dv_m_s, outline_of, outlines
from tests.transfer.arrivals import ENGINE, placed

EPOCH = Epoch.utc("2025-05-06T20:41:00")
PERIOD_S = 28660.0
DAYS_21_S = 21.0 * 86400.0


def capture_orbit() -> Ellipse:
    near_m = constants.MOON_RADIUS_M + 70e3
    axis_m = constants.MOON_RADIUS_M + 0.5 * (70e3 + 5800e3)
    speed_m_s = math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / near_m - 1.0 / axis_m))
    return osculating(placed(EPOCH, near_m, speed_m_s, 1.6, 0.4, 0.3))


def survey(drift_m_s: float) -> Apsides:
    """Apsides of an orbit whose perilune drifts steadily."""
    times_s = np.arange(0.5 * PERIOD_S, DAYS_21_S, 0.5 * PERIOD_S)
    is_perilune = np.arange(len(times_s)) % 2 == 1
    heights_m = np.where(is_perilune, 70e3 + drift_m_s * times_s, 5800e3 - drift_m_s * times_s)
    return Apsides(times_s, heights_m, is_perilune)


def task(final_burn_s: float | None = 600.0, floor_m: float = 60e3) -> Task:
    return Task(925.0, ENGINE, 100e3, floor_m, DAYS_21_S - 3600.0, final_burn_s)


def test_the_ideal_is_two_impulses() -> None:
    # By hand: at 7,537.4 km from 501.60 to 504.94 m/s, then at 1,837.4 km from 2,071.42 to 1,633.50 m/s.
    ideal_m_s = ideal_dv_m_s(capture_orbit(), constants.MOON_RADIUS_M + 100e3)
    assert ideal_m_s == pytest.approx(3.34 + 437.92, abs=0.05)


def test_vis_viva_and_back() -> None:
    assert axis_of(2e6, math.sqrt(constants.GM_MOON_M3_S2 * (2.0 / 2e6 - 1.0 / 3e6))) == pytest.approx(3e6)


@pytest.mark.parametrize("drift_m", [-250e3, -50e3, 0.0, 20e3, 60e3])
@pytest.mark.parametrize("final_burn_s", [None, 400.0, 600.0])
def test_schedules_keep_above_the_floor_and_in_order(drift_m: float, final_burn_s: float | None) -> None:
    apsides = survey(drift_m / DAYS_21_S)
    found = outlines(apsides, capture_orbit(), task(final_burn_s))
    assert found
    perilune_s, heights_m = apsides.perilunes()
    apolune_s, _ = apsides.apolunes()
    for outline in found[:20]:
        schedule = outline.schedule
        raised_s = apolune_s[schedule.raise_apolune]
        assert (heights_m[perilune_s < raised_s] >= 60e3).all()
        assert raised_s < perilune_s[schedule.lower_perilune]
        between = np.count_nonzero(
            (perilune_s > raised_s) & (perilune_s < perilune_s[schedule.lower_perilune])
        )
        assert outline.perilunes_between == between
        assert outline.lower_dv_m_s > 0.0


def test_less_drift_costs_less() -> None:
    costs_m_s = [
        outlines(survey(drift_m / DAYS_21_S), capture_orbit(), task())[0].cost_m_s
        for drift_m in (-250e3, 0.0)
    ]
    assert costs_m_s[0] > costs_m_s[1] + 5.0


def test_a_free_split_never_costs_more() -> None:
    for drift_m in (-250e3, 10e3):
        free = outlines(survey(drift_m / DAYS_21_S), capture_orbit(), task(None))[0]
        bound = outlines(survey(drift_m / DAYS_21_S), capture_orbit(), task(600.0))[0]
        assert free.cost_m_s <= bound.cost_m_s + 1.0


def test_a_schedule_is_found_again() -> None:
    apsides = survey(0.01)
    first = outlines(apsides, capture_orbit(), task())[0]
    again = outline_of(
        apsides,
        capture_orbit(),
        task(),
        first.schedule.lower_perilune,
        first.schedule.revolutions,
        first.schedule.raise_apolune,
    )
    assert again == first


def test_a_floor_above_the_orbit_leaves_only_the_first_apolune() -> None:
    # Before its first perilune the orbit has none below the floor, so a raise at once saves it.
    found = outlines(survey(0.0), capture_orbit(), task(floor_m=80e3))
    assert {outline.schedule.raise_apolune for outline in found} == {0}
    assert outlines(survey(0.0), capture_orbit(), task(floor_m=150e3)) == []
