"""Crafts from thrust sums, height and width: what is known is kept, the rest plausible, mistakes told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.errors import InputError
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import resting_properties
from perilune.landing.craft.shape import GEOMETRIES, Geometry, craft_of, first_state, rcs_propellant_kg
from perilune.landing.vehicle import Lander, LanderPropulsion

from .bodies import RESILIENCE, resilience

THROTTLED = LanderPropulsion(6000.0, 320.0, 0.4, 2400.0, 290.0, 0.0)
LANDERS = {
    "RESILIENCE": RESILIENCE,
    "APEX 1.0": Lander("APEX 1.0", THROTTLED, 2055.0),
    "Series 3": Lander("Series 3", THROTTLED, 1315.0),
}


@pytest.mark.parametrize("name", GEOMETRIES)
def test_the_sums_are_the_landers(name: str) -> None:
    lander, engines = LANDERS[name], craft_of(LANDERS[name], GEOMETRIES[name]).engines
    for kind, thrust_n, flow_kg_s in (
        (t.MAIN, lander.propulsion.main_thrust_n, lander.propulsion.main_flow_kg_s),
        (t.ASSIST, lander.propulsion.assist_thrust_n, lander.propulsion.assist_flow_kg_s),
    ):
        rows = engines[engines[:, t.KIND] == kind]
        assert rows[:, t.THRUST_N].sum() == pytest.approx(thrust_n)
        assert rows[:, t.FLOW_KG_S].sum() == pytest.approx(flow_kg_s)
        # Along +z, and without torque when all burn alike.
        np.testing.assert_array_equal(rows[:, t.DX : t.DZ + 1], np.tile([0.0, 0.0, 1.0], (len(rows), 1)))
        np.testing.assert_allclose(rows[:, t.X : t.Y + 1].sum(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_attitude_thrusters_push_every_way_and_cancel_together(name: str) -> None:
    craft = craft_of(LANDERS[name], GEOMETRIES[name])
    rows = craft.engines[craft.engines[:, t.KIND] == t.RCS]
    forces = rows[:, t.DX : t.DZ + 1]
    np.testing.assert_allclose(np.linalg.norm(forces, axis=1), 1.0)
    torques = np.cross(rows[:, t.X : t.Z + 1] - craft.body[t.DRY_X : t.DRY_Z + 1], forces)
    np.testing.assert_allclose(torques.sum(axis=0), 0.0, atol=1e-12)
    for axis in range(3):
        assert torques[:, axis].min() < -0.2
        assert torques[:, axis].max() > 0.2


@pytest.mark.parametrize("name", GEOMETRIES)
def test_tanks_fit_and_the_centre_of_mass_stays_within_the_body(name: str) -> None:
    lander, geometry = LANDERS[name], GEOMETRIES[name]
    craft = craft_of(lander, geometry)
    for tank in craft.tanks:
        assert tank[t.RING_M] + tank[t.RADIUS_M] < 0.5 * geometry.width_m
        assert tank[t.RADIUS_M] < tank[t.TANK_Z] < geometry.height_m - tank[t.RADIUS_M]
    props = np.zeros(10)
    for main_kg in (0.0, 0.5 * lander.empty_mass_kg, 1.6 * lander.empty_mass_kg):
        resting_properties(main_kg, 5.0, craft, props)
        assert props[0] == pytest.approx(lander.empty_mass_kg + main_kg + 5.0)
        assert 0.3 * geometry.height_m < props[3] < 0.5 * geometry.height_m
        # A body of positive mass: each moment is less than the sum of the others.
        assert 2.0 * props[4:7].max() < props[4:7].sum()


def test_resilience_is_as_its_class_is_assumed() -> None:
    """Edge 0.92 m out, centre 1.0 m up, k^2 about 0.5 m^2: the figures of the tip-over table."""
    craft = resilience()
    assert craft.legs[t.FOOT_M] * math.cos(math.pi / 4.0) == pytest.approx(0.92, abs=0.005)
    assert craft.body[t.DRY_Z] == pytest.approx(1.0, abs=0.005)
    assert craft.body[t.IXX] / craft.body[t.DRY_KG] == pytest.approx(0.5, abs=0.02)
    assert rcs_propellant_kg(RESILIENCE, GEOMETRIES["RESILIENCE"]) == 7.5


def test_without_assist_engines_the_main_engine_is_gimballed() -> None:
    alone = Lander("alone", LanderPropulsion(6000.0, 320.0, 0.1), 1000.0)
    assert craft_of(alone, Geometry(3.0, 3.0)).engines[0, t.GIMBAL_RAD] > 0.0
    assert craft_of(RESILIENCE, Geometry(3.0, 3.0)).engines[0, t.GIMBAL_RAD] == 0.0
    assert craft_of(RESILIENCE, Geometry(3.0, 3.0, gimbal_rad=0.05)).engines[0, t.GIMBAL_RAD] == 0.05


def test_what_is_given_is_taken() -> None:
    geometry = Geometry(
        2.0, 2.0, assist_engines=4, rcs_thrusters=16, rcs_thrust_n=4.0, rcs_propellant_kg=3.0,
        main_capacity_kg=500.0, legs=3, inertia=(90.0, 95.0, 99.0), dry_centre_m=(0.01, 0.0, 0.8),
    )  # fmt: skip
    craft = craft_of(RESILIENCE, geometry)
    assert len(craft.engines) == 21
    assert craft.engines[-1, t.THRUST_N] == 4.0
    assert rcs_propellant_kg(RESILIENCE, geometry) == 3.0
    assert craft.tanks[:2, t.CAPACITY_KG].sum() * 0.95 == pytest.approx(500.0)
    assert craft.legs[t.LEGS] == 3.0
    assert craft.body[t.IXX : t.IZZ + 1].tolist() == [90.0, 95.0, 99.0]
    assert craft.body[t.DRY_X : t.DRY_Z + 1].tolist() == [0.01, 0.0, 0.8]


def test_mistakes_are_told() -> None:
    with pytest.raises(InputError, match=r"height and a width above 0 m: 0\.0 m and 2\.6 m"):
        Geometry(0.0, 2.6)
    with pytest.raises(InputError, match="10 attitude thrusters: they stand in pairs at 4, 6 or 8 corners"):
        Geometry(2.3, 2.6, rcs_thrusters=10)
    with pytest.raises(InputError, match="stands on 3 legs or more, not on 2"):
        Geometry(2.3, 2.6, legs=2)


def test_a_first_state_holds_what_it_is_given() -> None:
    craft = resilience()
    y = first_state(
        craft, np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]), np.array([2.0, 0.0, 0.0, 0.0]),
        np.array([7.0, 8.0, 9.0]), (10.0, 11.0),
    )  # fmt: skip
    assert y[: t.Y_SLOSH].tolist() == [1, 2, 3, 4, 5, 6, 1, 0, 0, 0, 7, 8, 9, 10, 11]
    assert len(y) == t.state_size(craft) == 27
