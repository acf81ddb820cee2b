"""Crafts for tests, and the sums over body and liquid that laws speak of."""

from __future__ import annotations

import numpy as np

from perilune.landing.craft import table as t
from perilune.landing.craft._kernels import advance
from perilune.landing.craft._kernels_body import body_properties
from perilune.landing.craft.shape import GEOMETRIES, craft_of, first_state
from perilune.landing.craft.table import Craft
from perilune.landing.vehicle import Lander, LanderPropulsion

RESILIENCE = Lander("RESILIENCE", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0, 0.0), 375.0)


def resilience() -> Craft:
    return craft_of(RESILIENCE, GEOMETRIES["RESILIENCE"])


def calm(craft: Craft, *, damping: float = 0.0, **body: float) -> Craft:
    """Return a craft whose liquid has another damping, with other body numbers by their name in `table`."""
    changed = craft._replace(tanks=craft.tanks.copy(), body=craft.body.copy())
    changed.tanks[:, t.DAMPING] = damping
    for name, value in body.items():
        changed.body[getattr(t, name.upper())] = value
    return changed


class Flight:
    """A craft under way: `y` and all that `advance` wants."""

    def __init__(self, craft: Craft, **start: object) -> None:
        zero = np.zeros(3)
        self.craft, n = craft, len(craft.engines)
        self.y = first_state(
            craft,
            np.asarray(start.get("position_m", zero)),
            np.asarray(start.get("velocity_m_s", zero)),
            np.asarray(start.get("attitude", [1.0, 0.0, 0.0, 0.0])),
            np.asarray(start.get("rate_rad_s", zero)),
            start.get("propellant_kg", (400.0, 7.5)),  # type: ignore[arg-type]
        )
        self.levels, self.valves = np.zeros((n, 3)), np.zeros((n, 3))
        self.health = np.tile([1.0, 0.0, 0.0], (n, 1))
        self.sensed, self.work, self.gravity = np.zeros(6), np.zeros(t.work_size(craft)), np.zeros(3)
        self.steps = 0

    def step(self, count: int = 1, dt_s: float = 0.02) -> None:
        for _ in range(count):
            advance(
                self.y, self.craft, self.levels, self.valves, self.steps % 5, self.health, self.gravity, dt_s,
                self.sensed, self.work,
            )  # fmt: skip
            self.steps += 1

    def masses(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return masses, places and velocities (inertial axes) of the body's centre and each swaying part."""
        y, work = self.y, np.zeros(t.work_size(self.craft))
        body_properties(y[t.Y_MAIN], y[t.Y_RCS], self.craft, work)
        turn, rate = matrix(y[t.Y_Q : t.Y_W]), y[t.Y_W : t.Y_MAIN]
        masses, places, velocities = [work[0]], [y[:3]], [y[3:6]]
        for k in range(len(self.craft.tanks)):
            row, at = 24 + 24 * k, t.Y_SLOSH + 4 * k
            place = work[row + 1 : row + 4] + np.array([y[at], y[at + 1], 0.0])
            speed = np.cross(rate, place) + np.array([y[at + 2], y[at + 3], 0.0])
            masses.append(work[row])
            places.append(y[:3] + turn @ place)
            velocities.append(y[3:6] + turn @ speed)
        return np.array(masses), np.array(places), np.array(velocities)

    def inertia(self) -> np.ndarray:
        """Return the inertia (3, 3) of the body about its centre, body axes."""
        work = np.zeros(t.work_size(self.craft))
        body_properties(self.y[t.Y_MAIN], self.y[t.Y_RCS], self.craft, work)
        xx, yy, zz, xy, xz, yz = work[4:10]
        return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])

    def momenta(self) -> tuple[np.ndarray, np.ndarray]:
        """Return momentum (kg m/s) and angular momentum (kg m^2/s) about the origin, inertial axes."""
        masses, places, velocities = self.masses()
        spin = matrix(self.y[t.Y_Q : t.Y_W]) @ self.inertia() @ self.y[t.Y_W : t.Y_MAIN]
        return masses @ velocities, spin + np.sum(masses[:, None] * np.cross(places, velocities), axis=0)

    def energy(self) -> float:
        """Return the kinetic energy and that in the springs of the liquid at its least settling (J)."""
        masses, _, velocities = self.masses()
        rate = self.y[t.Y_W : t.Y_MAIN]
        kinetic = 0.5 * np.sum(masses * np.sum(velocities**2, axis=1)) + 0.5 * rate @ self.inertia() @ rate
        work = np.zeros(t.work_size(self.craft))
        body_properties(self.y[t.Y_MAIN], self.y[t.Y_RCS], self.craft, work)
        spring = 0.0
        for k in range(len(self.craft.tanks)):
            row, at = 24 + 24 * k, t.Y_SLOSH + 4 * k
            stiffness = work[row] * self.craft.body[t.SETTLING] * work[row + 17]
            spring += 0.5 * stiffness * (self.y[at] ** 2 + self.y[at + 1] ** 2)
        return float(kinetic + spring)


def matrix(q: np.ndarray) -> np.ndarray:
    """Return the rotation (3, 3) of a quaternion, scalar first."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
