"""Planning a descent: which pass, when to leave the orbit, where to ignite."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M, STANDARD_GRAVITY_M_S2
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.errors import InputError
from perilune.landing.deorbit import Deorbit, fly_deorbit
from perilune.landing.guidance import (
    Gate,
    GuidanceSettings,
    aim_table,
    approach_gate,
    first_memory,
    solve_steering,
)
from perilune.landing.optimal import MinimumFuelDescent, minimum_fuel_descent
from perilune.landing.passes import angle_ahead, cross_track_m, overflights, require_moon_icrf
from perilune.landing.planned import DescentPlan, PlanStatus, heights_m, semi_major_axis_m
from perilune.landing.reference import ideal_descent
from perilune.landing.surroundings import estimate_at, site_position, surroundings
from perilune.landing.vehicle import Lander, Site
from perilune.world.terrain import Terrain

FloatArray = NDArray[np.float64]

#: The flight software is awake this long before the planned ignition, and waits this long after it.
LEAD_S = 60.0
PATIENCE_S = 120.0
_SITE_GRAVITY_M_S2 = GM_MOON_M3_S2 / MOON_RADIUS_M**2
#: A predictor that ends this near its gate (m and m/s over 1000 and 10) has solved its problem.
_SOLVED = 1e-4
#: Ignition is found when the thrust fraction is this near the planned one.
_SAME_FRACTION = 1e-4
#: The deorbit burn is shifted at most so often; steering is tried when ignition is this near perilune (s).
_SHIFTS = 12
#: Descents are planned from orbits below this.
_HIGHEST_APOLUNE_M = 500e3
_NEAR_S = 60.0


def plan_descent(
    state: State,
    mass_kg: float,
    lander: Lander,
    site: Site,
    forces: ForceModel,
    *,
    window_s: float | None = None,
    perilune_altitude_m: float = 15e3,
    settings: GuidanceSettings | None = None,
    degree: int = 60,
    terrain: Terrain | None = None,
) -> DescentPlan:
    """Plan a descent from a low orbit (Moon-centred ICRF) to a site.

    Deorbit starts within `window_s` of the state (default: one revolution), on the pass that comes nearest to
    the site; the deorbit burn puts perilune at `perilune_altitude_m` above the 1737.4 km sphere, where the
    braking burn ignites. `degree` is that of the lunar field during the powered descent, `forces` fly the
    coast.
    """
    require_moon_icrf(state)
    if not mass_kg > lander.empty_mass_kg:
        raise InputError(
            f"The lander's mass of {mass_kg} kg is not above its empty mass of {lander.empty_mass_kg} kg. "
            "Give more propellant or a lighter lander."
        )
    plan = DescentPlan(
        PlanStatus.NO_PASS,
        lander,
        site,
        settings or GuidanceSettings(),
        forces,
        degree,
        terrain or Terrain.embedded(),
        state,
        mass_kg,
    )
    low_m, high_m = heights_m(state)
    if not perilune_altitude_m < low_m <= high_m < _HIGHEST_APOLUNE_M:
        return replace(plan, status=PlanStatus.NO_LOW_ORBIT)
    period_s = 2.0 * math.pi * math.sqrt(semi_major_axis_m(state) ** 3 / GM_MOON_M3_S2)
    window_s = period_s if window_s is None else window_s
    arc = propagate(state, window_s + 1.1 * period_s, forces, mass_kg=mass_kg)
    ideal = _ideal_from_perilune(plan, perilune_altitude_m)
    if not ideal.converged:
        return replace(plan, status=PlanStatus.TOO_LITTLE_THRUST)
    plan = replace(plan, gate=_gate(plan, ideal))
    if plan.gate is None:
        return replace(plan, status=PlanStatus.TOO_LITTLE_THRUST)
    # The deorbit burn lies half a revolution before ignition, ignition the braking arc before the site.
    lead_s = period_s * (0.5 + ideal.downrange_rad / (2.0 * math.pi))
    reachable = [one for one in overflights(arc, site) if 0.0 <= one.epoch - state.epoch - lead_s <= window_s]
    if not reachable:
        return plan
    best = min(reachable, key=lambda one: abs(one.cross_track_m))
    plan = replace(plan, overflight=best)
    return _fit_deorbit(plan, arc, best.epoch - state.epoch - lead_s, perilune_altitude_m)


def _fit_deorbit(
    plan: DescentPlan, arc: Trajectory, start_s: float, perilune_altitude_m: float
) -> DescentPlan:
    """Shift the deorbit burn until ignition falls on perilune, and size it until perilune has its height."""
    dv_m_s = 0.0
    found = None
    for _ in range(_SHIFTS):
        start_s = min(max(start_s, 0.0), arc.duration_s)
        deorbit, coast, perilune_s = _to_perilune(
            plan, arc.at(arc.base + start_s), dv_m_s, perilune_altitude_m
        )
        dv_m_s = deorbit.dv_m_s
        plan = replace(plan, deorbit=deorbit)
        late_s = _too_far_s(plan, coast, deorbit.final_mass_kg, perilune_s)
        found = None
        if not math.isfinite(late_s):
            break
        if abs(late_s) < _NEAR_S:
            found = _ignition(plan, coast, deorbit.final_mass_kg, perilune_s + late_s)
            if found is None:
                break
            late_s = found[0] - perilune_s
            if abs(late_s) < 1.0:
                break
        if late_s < 0.0 and start_s == 0.0:
            return replace(plan, status=PlanStatus.NO_PASS)
        start_s += late_s
    if found is None:
        beside_m = cross_track_m(coast.at(coast.base + perilune_s), plan.site)
        return replace(plan, status=PlanStatus.NO_STEERING, cross_track_m=beside_m)
    ignition_s, memory = found
    plan = replace(
        plan,
        perilune_altitude_m=float(np.linalg.norm(coast.states([perilune_s])[0, :3])) - MOON_RADIUS_M,
        thrust_fraction=float(memory[7]),
    )
    return _ready(plan, coast.at(coast.base + ignition_s), memory)


def _ready(plan: DescentPlan, pdi: State, memory: FloatArray) -> DescentPlan:
    """Fill in what follows from the ignition: mass, touchdown, the ideal, and whether the way is free."""
    assert plan.deorbit is not None
    touchdown = pdi.epoch + (float(memory[6]) + plan.settings.after_gate_s)
    plan = replace(
        plan,
        status=PlanStatus.READY,
        pdi=pdi,
        pdi_mass_kg=plan.deorbit.final_mass_kg,
        touchdown_epoch=touchdown,
        cross_track_m=cross_track_m(pdi, plan.site, touchdown),
    )
    site_m = site_position(plan.site, plan.world)
    if memory[26] < np.linalg.norm(site_m):
        return replace(plan, status=PlanStatus.OUT_OF_REACH)
    best = ideal_descent(plan.lander, pdi, plan.pdi_mass_kg, site_m, plan.world)
    return replace(plan, dv_ideal_m_s=best.dv_m_s)


def _to_perilune(
    plan: DescentPlan, state: State, dv_m_s: float, altitude_m: float
) -> tuple[Deorbit, Trajectory, float]:
    """Return the burn that brings perilune to a height, the coast after it, and the time of perilune on it
    (s).
    """
    target = MOON_RADIUS_M + altitude_m
    r = float(np.linalg.norm(state.position_m))
    speed = float(np.linalg.norm(state.velocity_m_s))
    if dv_m_s <= 0.0:
        dv_m_s = speed - math.sqrt(2.0 * GM_MOON_M3_S2 * target / (r * (r + target)))
    slope = -4.0 * r / speed  # m of opposite radius per m/s at a near-circular orbit
    for _ in range(8):
        deorbit = fly_deorbit(state, plan.start_mass_kg, plan.lander, dv_m_s, plan.forces)
        half_s = math.pi * math.sqrt(semi_major_axis_m(deorbit.final) ** 3 / GM_MOON_M3_S2)
        coast = propagate(deorbit.final, 1.4 * half_s, plan.forces, mass_kg=deorbit.final_mass_kg)
        perilune_s = _lowest(coast, 0.5 * half_s, 1.35 * half_s)
        miss = float(np.linalg.norm(coast.states([perilune_s])[0, :3])) - target
        if abs(miss) < 1.0:
            break
        dv_m_s = max(dv_m_s - miss / slope, 0.5 * dv_m_s)
    return deorbit, coast, perilune_s


def _lowest(coast: Trajectory, low_s: float, high_s: float) -> float:
    """Return when the distance is least between two times, by golden section on a smooth valley."""
    ratio = 0.5 * (math.sqrt(5.0) - 1.0)

    def radius(t_s: float) -> float:
        return float(np.linalg.norm(coast.states([t_s])[0, :3]))

    a, b = low_s, min(high_s, coast.duration_s)
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    fc, fd = radius(c), radius(d)
    while b - a > 0.2:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - ratio * (b - a)
            fc = radius(c)
        else:
            a, c, fc = c, d, fd
            d = a + ratio * (b - a)
            fd = radius(d)
    return 0.5 * (a + b)


def _too_far_s(plan: DescentPlan, coast: Trajectory, mass_kg: float, perilune_s: float) -> float:
    """Return how much later than at perilune braking must begin, by the optimum's downrange alone (s)."""
    epoch = coast.base + perilune_s
    state = coast.at(epoch)
    world = surroundings(epoch, plan.degree, plan.terrain)
    ideal = ideal_descent(plan.lander, state, mass_kg, site_position(plan.site, world), world)
    if not ideal.converged:
        return math.inf
    share = plan.settings.ignition_fraction
    ahead_rad = angle_ahead(state, plan.site, epoch + ideal.duration_s / share)
    rate_rad_s = float(np.linalg.norm(state.velocity_m_s) / np.linalg.norm(state.position_m))
    return (ahead_rad - ideal.downrange_rad / share) / rate_rad_s


def _ignition(
    plan: DescentPlan, coast: Trajectory, mass_kg: float, guess_s: float
) -> tuple[float, FloatArray] | None:
    """Return when on the coast braking takes the planned share of thrust (s), and the guidance's memory."""
    assert plan.gate is not None
    world = surroundings(coast.base + guess_s, plan.degree, plan.terrain)
    site_m = site_position(plan.site, world)
    aim = aim_table(site_m, plan.gate, plan.settings, math.inf)
    t_s = guess_s
    estimate = estimate_at(coast.states([t_s])[0], mass_kg, 0.0, world)
    ideal = ideal_descent(plan.lander, coast.at(world.base), mass_kg, site_m, world)
    if not ideal.converged:
        return None
    memory = first_memory(estimate, site_m, ideal, plan.settings)
    points: list[tuple[float, float]] = []
    for _ in range(12):
        estimate = estimate_at(coast.states([t_s])[0], mass_kg, t_s - guess_s, world)
        if solve_steering(memory, estimate, plan.lander, aim) > _SOLVED:
            return None
        short = plan.settings.ignition_fraction - float(memory[7])
        if abs(short) < _SAME_FRACTION:
            return t_s, memory
        points.append((t_s, short))
        t_s += max(-200.0, min(200.0, _wait(points, float(memory[6]))))
        t_s = min(max(t_s, 0.0), coast.duration_s)
    return None


def _wait(points: list[tuple[float, float]], time_to_go_s: float) -> float:
    """Return how much longer to wait (s): waiting brings the site nearer, and asks for more thrust."""
    t1, short = points[-1]
    if len(points) == 1 or points[-2][1] == short:
        return 0.5 * short * time_to_go_s
    t0, before = points[-2]
    return -short * (t1 - t0) / (short - before)


def _ideal_from_perilune(plan: DescentPlan, altitude_m: float) -> MinimumFuelDescent:
    r = float(np.linalg.norm(plan.start.position_m))
    low = MOON_RADIUS_M + altitude_m
    speed = math.sqrt(2.0 * GM_MOON_M3_S2 * r / (low * (low + r)))
    return minimum_fuel_descent(
        low,
        0.0,
        speed,
        plan.start_mass_kg,
        thrust_n=plan.lander.propulsion.thrust_n,
        isp_s=plan.lander.propulsion.isp_s,
        final_radius_m=MOON_RADIUS_M,
    )


def _gate(plan: DescentPlan, ideal: MinimumFuelDescent) -> Gate | None:
    exhaust = plan.lander.propulsion.isp_s * STANDARD_GRAVITY_M_S2
    mass_kg = plan.start_mass_kg * math.exp(-0.95 * ideal.dv_m_s / exhaust)
    return approach_gate(plan.lander, mass_kg, _SITE_GRAVITY_M_S2, plan.settings)
