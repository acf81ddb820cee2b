"""One run's truth and its first estimate, from the case and the values drawn for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from perilune.constants import GM_MOON_M3_S2
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels_body import point_state
from perilune.landing.craft.shape import first_state
from perilune.landing.craft.table import Craft
from perilune.landing.software._kernels_filter import turn_attitude
from perilune.landing.software.table import NAV_SIZE
from perilune.maths.arrays import FloatArray

if TYPE_CHECKING:
    from perilune.landing.loop.case import Case


def true_craft(case: Case, by_name: dict[str, float]) -> tuple[Craft, FloatArray]:
    """Return the craft that flies in a run, and the truth's first state."""
    craft = disturbed(case, by_name)
    along, cross, up = case.track
    position = case.start[:3] + (
        by_name["delivery_along"] * along + by_name["delivery_cross"] * cross + by_name["delivery_up"] * up
    )
    velocity = case.start[3:] + (
        by_name["delivery_speed_along"] * along
        + by_name["delivery_speed_cross"] * cross
        + by_name["delivery_speed_up"] * up
    )
    wet_kg = case.mass_kg * (1.0 + by_name["mass"])
    main_kg = (wet_kg - case.lander.empty_mass_kg - case.rcs_kg) * (1.0 - case.first.underfill)
    y = first_state(craft, position, velocity, case.attitude, np.zeros(3), (max(main_kg, 0.0), case.rcs_kg))
    for k in range(len(craft.tanks)):
        if craft.tanks[k, t.SWAYS] > 0.0:
            y[t.Y_SLOSH + 4 * k] = by_name["slosh_x"] + case.first.slosh_m
            y[t.Y_SLOSH + 4 * k + 1] = by_name["slosh_y"]
    return craft, y


def disturbed(case: Case, by_name: dict[str, float]) -> Craft:
    """Return the case's craft with this run's thrust, specific impulse, alignment and centre of mass."""
    engines, body = case.craft.engines.copy(), case.craft.body.copy()
    flow = 1.0 / (1.0 + by_name["specific_impulse"])
    for kind, name in ((t.MAIN, "main_thrust"), (t.ASSIST, "assist_thrust"), (t.RCS, "rcs_thrust")):
        of_kind = engines[:, t.KIND] == kind
        engines[of_kind, t.THRUST_N] *= 1.0 + by_name[name]
        engines[of_kind, t.FLOW_KG_S] *= (1.0 + by_name[name]) * flow
    main = engines[:, t.KIND] == t.MAIN
    engines[main, t.DX : t.DZ + 1] = _turned(
        engines[main, t.DX : t.DZ + 1], by_name["misalignment_x"], by_name["misalignment_y"]
    )
    body[t.DRY_X] += by_name["centre_of_mass_x"]
    body[t.DRY_Y] += by_name["centre_of_mass_y"]
    return case.craft._replace(engines=engines, body=body)


def _turned(directions: FloatArray, about_x_rad: float, about_y_rad: float) -> FloatArray:
    """Return directions (n, 3) turned by two small angles."""
    turned = directions + np.cross(np.array([about_x_rad, about_y_rad, 0.0]), directions)
    result: FloatArray = turned / np.linalg.norm(turned, axis=1)[:, None]
    return result


def first_estimate(
    case: Case, y: FloatArray, craft: Craft, by_name: dict[str, float]
) -> tuple[FloatArray, FloatArray]:
    """Return the filter's first state (33,) and covariance (32, 32); it carries the inertial unit's place."""
    along, cross, up = case.track
    spot = np.empty(6)
    unit = case.craft.body[t.IMU_X : t.IMU_Z + 1]
    point_state(y, craft, *unit, spot)
    nav = np.zeros(NAV_SIZE)
    nav[:3] = spot[:3] + (
        by_name["knowledge_along"] * along
        + by_name["knowledge_cross"] * cross
        + (by_name["knowledge_up"] + by_name["altitude_error"] / _growth(case)) * up
    )
    nav[3:6] = spot[3:] + (
        by_name["knowledge_speed_along"] * along
        + by_name["knowledge_speed_cross"] * cross
        + by_name["knowledge_speed_up"] * up
    )
    nav[6:10] = y[t.Y_Q : t.Y_W]
    turn_attitude(nav, *(by_name[f"knowledge_attitude_{axis}"] for axis in "xyz"))
    return nav, case.covariance.copy()


def _growth(case: Case) -> float:
    """Return how much an error of altitude grows from the start to the planned end of the descent.

    Gravity computed at a wrong radius drives it on: 2 GM / r^3 of the error (the unstable vertical channel of
    inertial navigation).
    """
    rate = math.sqrt(2.0 * GM_MOON_M3_S2 / float(np.linalg.norm(case.start[:3])) ** 3)
    return math.cosh(rate * (float(case.memory[6]) - case.start_s))


def first_covariance(case_track: FloatArray, sizes: dict[str, float], sigmas: FloatArray) -> FloatArray:
    """Return the covariance (32, 32) that the sizes of the knowledge errors make; the rest from `sigmas`."""
    covariance = np.diag(sigmas**2)
    for first, names in (
        (0, ("knowledge_along", "knowledge_cross", "knowledge_up")),
        (3, ("knowledge_speed_along", "knowledge_speed_cross", "knowledge_speed_up")),
    ):
        sigma = np.array([sizes[name] for name in names])
        block = case_track.T @ np.diag(sigma**2) @ case_track
        covariance[first : first + 3, first : first + 3] = block
    for k, axis in enumerate("xyz"):
        covariance[6 + k, 6 + k] = max(sizes[f"knowledge_attitude_{axis}"], 1e-6) ** 2
    return covariance


def attitude_towards(axis: FloatArray, body_y: FloatArray) -> FloatArray:
    """Return the quaternion (4,) body -> inertial with +z along `axis` and +y nearest to `body_y`."""
    z = axis / np.linalg.norm(axis)
    y = body_y - body_y @ z * z
    y /= np.linalg.norm(y)
    x = np.cross(y, z)
    m = np.column_stack([x, y, z])
    trace = float(np.trace(m))
    if trace > 0.0:
        s = 2.0 * math.sqrt(1.0 + trace)
        q = np.array([0.25 * s, (m[2, 1] - m[1, 2]) / s, (m[0, 2] - m[2, 0]) / s, (m[1, 0] - m[0, 1]) / s])
    else:
        i = int(np.argmax(np.diag(m)))
        j, k = (i + 1) % 3, (i + 2) % 3
        s = 2.0 * math.sqrt(1.0 + m[i, i] - m[j, j] - m[k, k])
        q = np.empty(4)
        q[0] = (m[k, j] - m[j, k]) / s
        q[1 + i] = 0.25 * s
        q[1 + j] = (m[j, i] + m[i, j]) / s
        q[1 + k] = (m[k, i] + m[i, k]) / s
    unit: FloatArray = q / np.linalg.norm(q)
    return unit
