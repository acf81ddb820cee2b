"""The guidance as it wakes before the braking: where it aims, and its first steering."""

from __future__ import annotations

from perilune.landing.guidance import aim_table, first_memory, solve_steering
from perilune.landing.plan import PATIENCE_S
from perilune.landing.planned import DescentPlan
from perilune.landing.reference import ideal_descent
from perilune.landing.surroundings import FloatArray, estimate_at


def first_guidance(
    plan: DescentPlan, state: FloatArray, mass_kg: float, start_s: float, site_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the guidance's memory and its aim for a plan that is ready.

    `state` (6,) is the one believed (m, m/s, Moon-centred ICRF) `start_s` seconds after the base of the
    plan's world, `site_m` (3,) the site to fly to in mean-Earth axes.
    """
    assert plan.gate is not None
    assert plan.pdi is not None
    aim = aim_table(site_m, plan.gate, plan.settings, PATIENCE_S)
    estimate = estimate_at(state, mass_kg, start_s, plan.world)
    ideal = ideal_descent(plan.lander, plan.pdi, plan.pdi_mass_kg, site_m, plan.world)
    memory = first_memory(estimate, site_m, ideal, plan.settings)
    solve_steering(memory, estimate, plan.lander, aim)
    return memory, aim
