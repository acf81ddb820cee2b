"""Touchdowns on ramps: how far off the pads are, tip-over by energy, legs, belly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.landing.craft import _kernels_contact as contact
from perilune.landing.craft import table as t
from perilune.landing.craft.table import Craft
from perilune.landing.ground.table import Ground, ground
from perilune.world.terrain import Terrain
from perilune.world.tiles import Tile

from .bodies import Flight, calm, resilience

NO_TURN = np.eye(3).ravel()
#: Body +z along Moon-fixed +x, body +x towards the east (+y), +y towards the north (+z): upright at 0 N 0 E.
UPRIGHT = np.array([0.5, 0.5, 0.5, 0.5])
#: m/s, inertial, of the ground there: one turn per sidereal month.
GROUND_SPEED = np.array([0.0, 2.6616995e-6 * MOON_RADIUS_M, 0.0])


def sphere() -> Terrain:
    grid = np.zeros((4, 8))
    step = math.pi / 4.0
    return Terrain("sphere", grid, 3.0 * step / 2.0, -math.pi, -step, step)


def ramp(slope_rad: float) -> Ground:
    """Return a sphere with ground that falls towards the east by a slope around 0 N 0 E."""
    step = 20.0 / MOON_RADIUS_M
    columns = np.arange(-50, 51)
    heights = np.tile(-20.0 * columns * math.tan(slope_rad), (101, 1)).astype(np.float32)
    tile = Tile("ramp", heights, -50.0 * step, -50.0 * step, step, step)
    return ground(sphere(), tiles=[tile])


def class_lander() -> Craft:
    """Return the lander of the published tip-over figures: edge 0.92 m out, centre 1.0 m up, k^2 0.5 m^2."""
    craft = resilience()
    mass = craft.body[t.DRY_KG]
    inertia = {"ixx": 0.5 * mass, "iyy": 0.5 * mass, "izz": 0.5 * mass}
    craft = calm(craft, dry_x=0.0, dry_y=0.0, dry_z=1.0, **inertia)._replace(legs=craft.legs.copy())
    craft.legs[t.FOOT_M] = 0.92 * math.sqrt(2.0)
    return craft


def upright(craft: Craft, height_m: float = 0.0, tilt_rad: float = 0.0, **start: object) -> Flight:
    """Return a lander over 0 N 0 E whose pads' middle is at a height, tilted towards the east."""
    lean = np.array([math.cos(tilt_rad / 2.0), 0.0, math.sin(tilt_rad / 2.0), 0.0])
    attitude = product(UPRIGHT, lean)
    flight = Flight(craft, propellant_kg=(0.0, 0.0), attitude=attitude, **start)
    lean_up = np.array([math.cos(tilt_rad), math.sin(tilt_rad), 0.0])
    flight.y[:3] = np.array([MOON_RADIUS_M + height_m, 0.0, 0.0]) + craft.body[t.DRY_Z] * lean_up
    return flight


def product(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    w = p[0] * q[0] - p[1:] @ q[1:]
    return np.array([w, *(p[0] * q[1:] + q[0] * p[1:] + np.cross(p[1:], q[1:]))])


def touch(flight: Flight, on: Ground) -> np.ndarray:
    out = np.zeros(contact.TOUCHDOWN_SIZE)
    contact.touchdown(flight.y, flight.craft, on, NO_TURN, out)
    return out


@pytest.mark.parametrize(
    ("slope_deg", "published_m_s"), [(0.0, 1.65), (8.0, 1.35), (12.0, 1.20), (15.0, 1.09)]
)
def test_the_published_tip_over_speeds(slope_deg: float, published_m_s: float) -> None:
    """v = I/(m h) sqrt(2 g L (1 - cos(phi - s)) m / I), computed for g = 1.62 m/s^2; ours is 1.624."""
    slope, craft = math.radians(slope_deg), class_lander()
    arm, stance = math.hypot(0.92, 1.0), math.atan2(0.92, 1.0)
    square = 0.5 + arm * arm
    closed = square * math.sqrt(2.0 * 1.62 * arm * (1.0 - math.cos(stance - slope)) / square)
    assert closed == pytest.approx(published_m_s, abs=0.006)
    flight = upright(craft, tilt_rad=slope)
    gravity = GM_MOON_M3_S2 / np.sum(flight.y[:3] ** 2)
    speed = closed * math.sqrt(gravity / 1.62)
    # Down the ramp, which the body's +x lies along.
    down = speed * np.array([-math.sin(slope), math.cos(slope), 0.0])
    flight.y[3:6] = GROUND_SPEED + down
    out = touch(flight, ramp(slope))
    assert out[contact.SLOPE] == pytest.approx(slope, abs=1e-3)
    assert out[contact.TIP_RATIO] == pytest.approx(1.0, abs=0.01)
    # Up the ramp the edge stands higher.
    flight.y[3:6] = GROUND_SPEED - down
    up = touch(flight, ramp(slope))[contact.TIP_RATIO]
    rise = (1.0 - math.cos(stance - slope)) / (1.0 - math.cos(stance + slope))
    assert up == pytest.approx(rise, abs=0.01)


def test_a_slope_steeper_than_the_stance_tips() -> None:
    assert touch(upright(class_lander(), tilt_rad=0.8), ramp(0.8))[contact.TIP_RATIO] > 1e6


@pytest.mark.parametrize("tilt_deg", [80.0, 90.0, 180.0])
def test_what_comes_down_on_its_side_tips_for_certain(tilt_deg: float) -> None:
    out = touch(upright(resilience(), tilt_rad=math.radians(tilt_deg)), ramp(0.0))
    assert np.isfinite(out).all()
    assert out[contact.TIP_RATIO] > 1e6


def test_turning_over_the_edge_tips_and_turning_back_does_not() -> None:
    ratios = []
    for rate in (0.0, 0.3, -0.3):
        flight = upright(class_lander())
        flight.y[3:6] = GROUND_SPEED + np.array([0.0, 1.0, 0.0])
        flight.y[t.Y_W + 1] = rate
        ratios.append(touch(flight, ramp(0.0))[contact.TIP_RATIO])
    assert ratios[2] < ratios[0] < ratios[1]


def test_speeds_are_over_the_turning_ground_and_tilts_from_vertical_and_slope() -> None:
    flight = upright(resilience(), tilt_rad=math.radians(3.0))
    flight.y[3:6] = -1.8, 0.3 + 2.6616995e-6 * flight.y[0], 0.4
    flight.y[t.Y_W : t.Y_MAIN] = 0.01, 0.02, -0.02
    out = touch(flight, ramp(math.radians(-5.0)))
    assert out[contact.VERTICAL] == pytest.approx(1.8, abs=1e-5)
    assert out[contact.HORIZONTAL] == pytest.approx(0.5, abs=1e-5)
    assert out[contact.RATE] == pytest.approx(0.03)
    assert out[contact.TILT] == pytest.approx(math.radians(3.0), abs=1e-5)
    assert out[contact.TILT_TO_SLOPE] == pytest.approx(math.radians(8.0), abs=1e-3)


@pytest.mark.parametrize("tilt_deg", [0.0, 5.0])
def test_the_lowest_pad_is_what_touches_first(tilt_deg: float) -> None:
    craft = resilience()
    flight = upright(craft, height_m=10.0, tilt_rad=math.radians(tilt_deg))
    lower = craft.legs[t.FOOT_M] * math.sqrt(0.5) * math.sin(math.radians(tilt_deg))
    assert contact.lowest_pad(flight.y, craft, ramp(0.0), NO_TURN) == pytest.approx(10.0 - lower, abs=1e-3)


def test_legs_are_judged_by_energy_and_by_how_many_share_it() -> None:
    craft = resilience()
    flat = upright(craft)
    flat.y[3:6] = GROUND_SPEED + np.array([-3.0, 0.0, 0.0])
    assert touch(flat, ramp(0.0))[contact.LEG_RATIO] == pytest.approx(1.0, abs=0.01)
    askew = upright(craft, tilt_rad=math.radians(10.0))
    askew.y[3:6] = flat.y[3:6]
    assert touch(askew, ramp(0.0))[contact.LEG_RATIO] == pytest.approx(2.0, rel=0.03)


def test_a_bump_under_the_belly_takes_its_clearance() -> None:
    craft = resilience()
    assert touch(upright(craft), ramp(0.0))[contact.CLEARANCE] == pytest.approx(
        craft.legs[t.BELLY_M], abs=1e-3
    )
    step = 0.5 / MOON_RADIUS_M
    heights = np.zeros((81, 81), dtype=np.float32)
    heights[40, 40] = 0.3
    bumpy = ground(sphere(), tiles=[Tile("bump", heights, -40.0 * step, -40.0 * step, step, step)])
    left = touch(upright(craft, height_m=0.3), bumpy)[contact.CLEARANCE]
    assert left == pytest.approx(craft.legs[t.BELLY_M] - 0.3, abs=1e-2)
