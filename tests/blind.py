"""Descents whose estimate errs, for tests of the guidance alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from _kernels_blind import descend_blind
from descents import m2_plan
from numpy.typing import NDArray

from perilune.dynamics.propagate import propagate
from perilune.landing.plan import LEAD_S
from perilune.landing.planned import DescentPlan
from perilune.landing.simulate import Truth, _leave_orbit
from perilune.landing.surroundings import site_position
from perilune.landing.wake import first_guidance

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Blind:
    """A descent flown with a wrong estimate: its log (see the kernel), and where it came down."""

    log: FloatArray
    memory: FloatArray
    plan: DescentPlan
    answer: int

    @property
    def vertical_m_s(self) -> float:
        return float(self.log[-1, 5])

    @property
    def horizontal_m_s(self) -> float:
        return float(self.log[-1, 6])

    @property
    def left_kg(self) -> float:
        return float(self.log[-1, 7]) - self.plan.lander.empty_mass_kg

    @property
    def miss_m(self) -> float:
        site = site_position(self.plan.site, self.plan.world)
        return float(np.linalg.norm(self.log[-1, 9:12] - site))

    @property
    def east_north_m(self) -> tuple[float, float]:
        """Where it came down, from the site."""
        site = site_position(self.plan.site, self.plan.world)
        up = site / np.linalg.norm(site)
        east = np.array([-up[1], up[0], 0.0]) / math.hypot(up[0], up[1])
        off = self.log[-1, 9:12] - site
        return float(off @ east), float(off @ np.cross(up, east))

    @property
    def soft(self) -> bool:
        return self.vertical_m_s <= 2.0 and self.horizontal_m_s <= 0.5 and self.left_kg > 0.0


def fly_blind(
    plan: DescentPlan | None = None,
    *,
    too_high_m: float = 0.0,
    until_s: float = math.inf,
    until_height_m: float = -math.inf,
    noise: FloatArray | None = None,
    divert: tuple[float, float, float] = (-1.0, 0.0, 0.0),
    **settings: object,
) -> Blind:
    """Fly a plan (Mission 2's) with an estimate that is too high until a time after ignition or a height.

    `divert` = height to ask at, east, north (m).
    """
    advice = np.array([*divert, -1.0])
    plan = plan or m2_plan()
    plan = replace(plan, settings=replace(plan.settings, **settings))  # type: ignore[arg-type]
    assert plan.pdi is not None
    world = plan.world
    deorbit = _leave_orbit(plan, Truth())
    state = propagate(
        deorbit.final, plan.pdi.epoch + -LEAD_S, plan.forces, mass_kg=deorbit.final_mass_kg
    ).final
    start_s = state.epoch - world.base
    memory, aim = first_guidance(
        plan, state.vector, deorbit.final_mass_kg, start_s, site_position(plan.site, world)
    )
    log = np.zeros((25_000, 12))
    rows = descend_blind(
        start_s,
        np.array([*state.vector, deorbit.final_mass_kg]),
        plan.lander.table(),
        aim,
        memory,
        *world.arguments,
        too_high_m,
        until_s,
        until_height_m,
        np.zeros((1, 6)) if noise is None else noise,
        advice,
        log,
    )
    return Blind(log[:rows], memory, plan, int(advice[3]))
