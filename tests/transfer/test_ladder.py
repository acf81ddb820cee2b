"""The ladder down, in the full model: orbit, date, phase, band, and the same flight flown in one go."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest

from perilune import constants
from perilune.dynamics.propagate import propagate
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.transfer.insertion import InsertionPlan, plan_insertion
from perilune.transfer.ladder import LadderPlan, LadderStatus, LadderWish, plan_ladder
from perilune.world.frames import Axes, rotation
from tests.transfer.arrivals import ENGINE, FORCES, MASS_KG, arrival

ARRIVAL = Epoch.utc("2025-05-06T20:41:00")
WISH = LadderWish(
    altitude_m=100e3,
    circular_by=Epoch.utc("2025-05-28T08:27:00"),
    band_m=(70e3, 125e3),
    site_latitude_rad=math.radians(60.5),
    site_longitude_rad=math.radians(-4.6),
    landing_epoch=Epoch.utc("2025-06-05T19:17:00"),
)
OTHER_ARRIVAL = Epoch.utc("2032-09-03T11:00:00")
OTHER_WISH = LadderWish(
    altitude_m=80e3,
    circular_by=Epoch.utc("2032-09-14T00:00:00"),
    band_m=(50e3, 110e3),
    site_latitude_rad=math.radians(-70.0),
    site_longitude_rad=math.radians(-92.5),
    landing_epoch=Epoch.utc("2032-09-19T06:00:00"),
    final_burn_s=None,
    floor_altitude_m=50e3,
    plane_trim_limit_m_s=10.0,
)
#: Arrival, inclination and node (degrees), wish. The Earth lifts the first one's perilune by 47 km in three
#: weeks and lowers the second one's by 58 km; the third passes its site at 7 km.
CASES = {
    "raised": (ARRIVAL, 94.0, 90.0, WISH),
    "pulled down": (ARRIVAL, 94.0, 240.0, WISH),
    "another date": (OTHER_ARRIVAL, 92.0, 300.0, OTHER_WISH),
}


@functools.cache
def inserted(name: str) -> InsertionPlan:
    epoch, inclination, node, _ = CASES[name]
    state = arrival(epoch, 73.8e3, math.radians(inclination), math.radians(node))
    return plan_insertion(state, MASS_KG, ENGINE, epoch, 70e3, 5800e3, FORCES)


@functools.cache
def planned(name: str) -> LadderPlan:
    insertion = inserted(name)
    return plan_ladder(insertion.state, insertion.mass_kg, ENGINE, CASES[name][3], FORCES)


@pytest.mark.parametrize("name", list(CASES))
def test_the_kept_orbit_is_reached_in_time_and_phase(name: str) -> None:
    plan, wish = planned(name), CASES[name][3]
    assert plan.status is LadderStatus.PLANNED
    assert [burn.name for burn in plan.burns] == ["perilune raise", "apolune lowering", "circularisation"]
    assert plan.circular_epoch is not None
    assert 0.0 <= wish.circular_by - plan.circular_epoch < 7200.0
    assert abs(plan.phase_error_s) < 3.0
    assert plan.lowest_perilune_m >= wish.floor_altitude_m
    assert wish.band_m[0] <= plan.lowest_altitude_m < plan.highest_altitude_m <= wish.band_m[1]
    assert plan.orbits[2].semi_major_axis_m == pytest.approx(
        constants.MOON_RADIUS_M + wish.altitude_m, abs=10.0
    )


@pytest.mark.parametrize("name", list(CASES))
def test_mass_follows_the_rocket_equation_through_all_burns(name: str) -> None:
    plan = planned(name)
    expected_kg = inserted(name).mass_kg * math.exp(-plan.dv_m_s / ENGINE.exhaust_speed_m_s)
    assert plan.mass_kg == pytest.approx(expected_kg, rel=1e-12)
    for before, after in zip(plan.burns, plan.burns[1:], strict=False):
        assert after.mass_before_kg == pytest.approx(before.mass_after_kg, abs=1e-9)
        assert after.start > before.end


def test_the_earth_helps_or_costs_but_little_is_lost() -> None:
    assert planned("raised").dv_m_s < planned("raised").ideal_dv_m_s + 1.0
    assert planned("pulled down").dv_m_s < planned("pulled down").ideal_dv_m_s + 9.0


@pytest.mark.parametrize("name", ["raised", "another date"])
def test_one_flight_through_all_burns_passes_over_the_site(name: str) -> None:
    plan, wish, insertion = planned(name), CASES[name][3], inserted(name)
    assert plan.overflight_epoch is not None
    assert plan.handover is not None
    flown = propagate(
        insertion.state,
        plan.overflight_epoch,
        FORCES,
        burns=[burn.burn for burn in plan.burns],
        mass_kg=insertion.mass_kg,
    )
    assert flown.final_mass_kg == pytest.approx(plan.mass_kg, abs=1e-6)
    assert plan.handover.epoch - wish.landing_epoch == pytest.approx(-9000.0)
    # The site at touchdown, seen from the orbit's frame at overflight: only cross-track is left between them.
    to_map = rotation(Axes.ICRF, Axes.MOON_ME, wish.landing_epoch)
    below = to_map @ (flown.final.position_m / np.linalg.norm(flown.final.position_m))
    site = np.array(
        [
            math.cos(wish.site_latitude_rad) * math.cos(wish.site_longitude_rad),
            math.cos(wish.site_latitude_rad) * math.sin(wish.site_longitude_rad),
            math.sin(wish.site_latitude_rad),
        ]
    )
    apart_m = constants.MOON_RADIUS_M * math.acos(min(1.0, float(below @ site)))
    assert apart_m == pytest.approx(abs(plan.cross_track_m), abs=1.5e3)
    normal = to_map @ np.cross(flown.final.position_m, flown.final.velocity_m_s)
    left_m = constants.MOON_RADIUS_M * math.asin(float(site @ normal) / float(np.linalg.norm(normal)))
    assert left_m == pytest.approx(plan.cross_track_m, abs=150.0)


def test_a_trim_brings_the_plane_over_the_site() -> None:
    insertion, trimmed = inserted("another date"), planned("another date")
    plain_wish = replace(OTHER_WISH, plane_trim_limit_m_s=0.0)
    plain = plan_ladder(insertion.state, insertion.mass_kg, ENGINE, plain_wish, FORCES)
    assert abs(plain.cross_track_m) > 3e3
    assert abs(trimmed.cross_track_m) < 200.0
    assert trimmed.dv_m_s < plain.dv_m_s + 4.0


def test_turning_the_insertion_by_the_offset_brings_the_plane_over_the_site() -> None:
    plain_wish = replace(OTHER_WISH, plane_trim_limit_m_s=0.0)
    epoch, inclination, node, _ = CASES["another date"]
    missed_m, schedule, offset_rad = [], None, 0.0
    for _ in range(2):
        state = arrival(epoch, 73.8e3, math.radians(inclination), math.radians(node) + offset_rad)
        insertion = plan_insertion(state, MASS_KG, ENGINE, epoch, 70e3, 5800e3, FORCES)
        plan = plan_ladder(insertion.state, insertion.mass_kg, ENGINE, plain_wish, FORCES, schedule=schedule)
        missed_m.append(abs(plan.cross_track_m))
        schedule, offset_rad = plan.schedule, offset_rad + plan.node_offset_rad
    assert missed_m[0] > 3e3
    assert missed_m[1] < 0.1 * missed_m[0]


def test_a_kept_schedule_is_flown_again() -> None:
    insertion, first = inserted("raised"), planned("raised")
    again = plan_ladder(insertion.state, insertion.mass_kg, ENGINE, WISH, FORCES, schedule=first.schedule)
    assert again.schedule == first.schedule
    assert [burn.dv_m_s for burn in again.burns] == [burn.dv_m_s for burn in first.burns]


def test_a_floor_out_of_reach_is_an_outcome() -> None:
    insertion = inserted("raised")
    wish = LadderWish(
        100e3, WISH.circular_by, (70e3, 125e3), 1.0, 0.0, WISH.landing_epoch, floor_altitude_m=200e3
    )
    plan = plan_ladder(insertion.state, insertion.mass_kg, ENGINE, wish, FORCES)
    assert plan.status is LadderStatus.NO_SCHEDULE
    assert plan.burns == ()
    assert plan.circular_epoch is None
    assert plan.mass_kg == insertion.mass_kg


def test_dates_out_of_order_are_refused() -> None:
    insertion = inserted("raised")
    wish = LadderWish(100e3, WISH.landing_epoch, (70e3, 125e3), 1.0, 0.0, WISH.circular_by)
    with pytest.raises(InputError) as caught:
        plan_ladder(insertion.state, insertion.mass_kg, ENGINE, wish, FORCES)
    assert str(caught.value).startswith("The orbit shall be circular by 2025-06-05T19:18:09.184")
    assert str(caught.value).endswith("Give dates in this order.")
