"""After the first contact: against crush work, friction's closed form, and the energy verdict on tip-over."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.landing.craft import _kernels_settle as kernels
from perilune.landing.craft import table as t
from perilune.landing.craft.table import Craft
from perilune.landing.ground.table import Ground

from .bodies import Flight, resilience
from .test_contact import GROUND_SPEED, NO_TURN, class_lander, ramp, upright

GRAVITY_M_S2 = GM_MOON_M3_S2 / MOON_RADIUS_M**2


def settle(flight: Flight, on: Ground) -> tuple[int, np.ndarray]:
    out = np.zeros(kernels.SETTLE_SIZE)
    status = kernels.settle(flight.y, flight.craft, on, NO_TURN, out)
    return status, out


def falling(craft: Craft, down_m_s: float, east_m_s: float = 0.0, tilt_rad: float = 0.0) -> Flight:
    lowest = craft.legs[t.FOOT_M] * math.cos(craft.legs[t.FIRST_RAD]) * math.sin(abs(tilt_rad))
    flight = upright(craft, height_m=lowest, tilt_rad=tilt_rad)
    flight.y[3:6] = GROUND_SPEED + np.array([-down_m_s, east_m_s, 0.0])
    return flight


@pytest.mark.parametrize("down_m_s", [1.5, 2.5, 2.9])
def test_legs_crush_until_the_energy_is_taken_up(down_m_s: float) -> None:
    craft = resilience()
    status, out = settle(falling(craft, down_m_s), ramp(0.0))
    assert status == kernels.STANDS
    mass, force = craft.body[t.DRY_KG], 4.0 * craft.legs[t.CRUSH_N]
    elastic = craft.legs[t.CRUSH_N] / craft.legs[t.STIFFNESS_N_M]
    # m v^2 / 2 + m g s = F s, more by half the elastic way where no damper helps the spring.
    least = 0.5 * mass * down_m_s**2 / (force - mass * GRAVITY_M_S2)
    most = least + 0.5 * force * elastic / (force - mass * GRAVITY_M_S2)
    assert least < out[kernels.CRUSH] * craft.legs[t.STROKE_M] < most
    assert out[kernels.WORST_TILT] < 1e-3
    assert out[kernels.SLID_M] < 1e-3


def test_a_soft_touchdown_bends_nothing_and_a_hard_one_bottoms() -> None:
    craft = resilience()
    _, soft = settle(falling(craft, 0.3), ramp(0.0))
    assert soft[kernels.CRUSH] < 0.1
    _, hard = settle(falling(craft, 4.5), ramp(0.0))
    assert hard[kernels.CRUSH] > 1.0
    assert hard[kernels.LEAST_CLEARANCE] < craft.legs[t.BELLY_M] - craft.legs[t.STROKE_M]


def test_pads_slide_as_far_as_friction_lets_them() -> None:
    """v^2 / (2 mu g), for a lander too low to tip."""
    craft = class_lander()
    craft.body[t.DRY_Z], craft.legs[t.FRICTION] = 0.3, 0.3
    status, out = settle(falling(craft, 0.05, 1.0), ramp(0.0))
    assert status == kernels.STANDS
    assert out[kernels.SLID_M] == pytest.approx(1.0 / (2.0 * 0.3 * GRAVITY_M_S2), rel=0.03)


@pytest.mark.parametrize(("slope_deg", "published_m_s"), [(0.0, 1.65), (8.0, 1.35), (12.0, 1.20)])
def test_pads_that_stick_tip_it_where_the_energy_says(slope_deg: float, published_m_s: float) -> None:
    """With friction that lets nothing slide, the tip-over speed is the published one for a caught foot.

    Legs that give way take some of the energy and lower the edge: a tenth to either side.
    """
    slope = math.radians(slope_deg)
    ends = []
    for share in (0.9, 1.1):
        craft = class_lander()
        craft.legs[t.FRICTION], craft.legs[t.CRUSH_N] = 10.0, 1e5
        flight = upright(craft, tilt_rad=slope)
        down = share * published_m_s * np.array([-math.sin(slope), math.cos(slope), 0.0])
        flight.y[3:6] = GROUND_SPEED + down
        ends.append(settle(flight, ramp(slope))[0])
    assert ends == [kernels.STANDS, kernels.TIPPED_OVER]


def test_it_stands_on_a_slope_that_friction_holds_and_slides_where_not() -> None:
    for friction, stands in ((0.5, True), (0.1, False)):
        craft = resilience()
        craft.legs[t.FRICTION] = friction
        slope = math.radians(12.0)
        flight = upright(craft, tilt_rad=slope)
        flight.y[3:6] = GROUND_SPEED
        status, out = settle(flight, ramp(slope))
        assert (status == kernels.STANDS) is stands
        assert bool(out[kernels.SLID_M] < 0.05) is stands
        assert out[kernels.END_TILT] == pytest.approx(slope, abs=0.02)


def test_a_tilted_touchdown_falls_onto_its_legs() -> None:
    status, out = settle(falling(resilience(), 1.0, tilt_rad=math.radians(8.0)), ramp(0.0))
    assert status == kernels.STANDS
    assert out[kernels.END_TILT] < math.radians(2.0)


def test_height_and_place_on_the_moon_do_not_matter() -> None:
    """The same touchdown in axes turned against the ground's: the same end."""
    craft = resilience()
    flight = falling(craft, 1.5, 0.4, tilt_rad=math.radians(3.0))
    _, straight = settle(flight, ramp(0.05))
    angle = 0.3
    c, s = math.cos(angle), math.sin(angle)
    turned = np.array([c, s, 0.0, -s, c, 0.0, 0.0, 0.0, 1.0])
    back = turned.reshape(3, 3).T
    flight.y[:3], flight.y[3:6] = back @ flight.y[:3], back @ flight.y[3:6]
    w, x, y, z = flight.y[6:10]
    ch, sh = math.cos(angle / 2.0), math.sin(angle / 2.0)
    flight.y[6:10] = [ch * w - sh * z, ch * x - sh * y, ch * y + sh * x, ch * z + sh * w]
    out = np.zeros(kernels.SETTLE_SIZE)
    kernels.settle(flight.y, craft, ramp(0.05), turned, out)
    np.testing.assert_allclose(out, straight, atol=5e-3)
