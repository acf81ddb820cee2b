"""Planning a descent: which pass, when to leave the orbit, where to ignite."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M, STANDARD_GRAVITY_M_S2
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.landing import _kernels as kernels
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
from perilune.landing.passes import Overflight, cross_track_m, overflights, require_moon_icrf
from perilune.landing.surroundings import Surroundings, site_position, surroundings
from perilune.landing.vehicle import Lander, Site
from perilune.world.terrain import Terrain

FloatArray = NDArray[np.float64]

#: The flight software is awake this long before the planned ignition, and waits this long after it.
LEAD_S = 60.0
PATIENCE_S = 120.0
_SITE_GRAVITY_M_S2 = GM_MOON_M3_S2 / MOON_RADIUS_M**2
#: A predictor that ends this near its gate (m and m/s over 1000 and 10) has solved its problem.
_SOLVED = 1e-4


class PlanStatus(StrEnum):
    """What came of planning; anything but READY says why there is no descent."""

    READY = "ready"
    NO_PASS = "no_pass"
    TOO_LITTLE_THRUST = "too_little_thrust"
    NO_STEERING = "no_steering"


@dataclass(frozen=True, slots=True, eq=False)
class DescentPlan:
    """A descent as planned; times and states are predictions, the flight decides for itself when to ignite.

    `cross_track_m` is how far the site lies beside the plane of the descent at touchdown: guidance steers it
    out. Where `status` is not READY the predictions are those of the stage that failed, or NaN.
    """

    status: PlanStatus
    lander: Lander
    site: Site
    settings: GuidanceSettings
    forces: ForceModel
    degree: int
    terrain: Terrain
    start: State
    start_mass_kg: float
    overflight: Overflight | None = None
    deorbit: Deorbit | None = None
    gate: Gate | None = None
    pdi: State | None = None
    pdi_mass_kg: float = math.nan
    touchdown_epoch: Epoch | None = None
    perilune_altitude_m: float = math.nan
    cross_track_m: float = math.nan
    thrust_fraction: float = math.nan
    dv_ideal_m_s: float = math.nan

    @property
    def world(self) -> Surroundings:
        """Return the world around the planned ignition."""
        if self.pdi is None:
            raise InputError(f"This plan has no descent: {self.status.value}.")
        return surroundings(self.pdi.epoch, self.degree, self.terrain)


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
    period_s = 2.0 * math.pi * math.sqrt(_semi_major_axis_m(state) ** 3 / GM_MOON_M3_S2)
    window_s = period_s if window_s is None else window_s
    arc = propagate(state, window_s + 1.1 * period_s, forces)
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
    return _fit_deorbit(plan, arc, best.epoch - state.epoch - lead_s, perilune_altitude_m, ideal)


def _fit_deorbit(
    plan: DescentPlan, arc: Trajectory, start_s: float, perilune_altitude_m: float, ideal: MinimumFuelDescent
) -> DescentPlan:
    """Shift the deorbit burn until ignition falls on perilune, and size it until perilune has its height."""
    dv_m_s = 0.0
    for _ in range(8):
        start_s = min(max(start_s, 0.0), arc.duration_s)
        state = arc.at(arc.base + start_s)
        deorbit, coast, perilune_s = _to_perilune(plan, state, dv_m_s, perilune_altitude_m)
        dv_m_s = deorbit.dv_m_s
        found = _ignition(plan, coast, deorbit, perilune_s, ideal)
        if found is None:
            return replace(plan, status=PlanStatus.NO_STEERING, deorbit=deorbit)
        ignition_s, fraction, time_to_go_s = found
        late_s = ignition_s - perilune_s
        if abs(late_s) < 1.0 or (start_s + late_s < 0.0 and start_s == 0.0):
            break
        start_s += late_s
    pdi = coast.at(coast.base + ignition_s)
    settings = plan.settings
    last_s = math.log(settings.low_gate_speed_m_s / settings.touchdown_speed_m_s) * (
        settings.low_gate_height_m / (settings.low_gate_speed_m_s - settings.touchdown_speed_m_s)
    )
    touchdown = pdi.epoch + (time_to_go_s + settings.approach_duration_s + last_s)
    perilune = coast.at(coast.base + perilune_s)
    plan = replace(
        plan,
        status=PlanStatus.READY,
        deorbit=deorbit,
        pdi=pdi,
        pdi_mass_kg=deorbit.final_mass_kg,
        touchdown_epoch=touchdown,
        perilune_altitude_m=float(np.linalg.norm(perilune.position_m)) - MOON_RADIUS_M,
        cross_track_m=cross_track_m(pdi, plan.site, touchdown),
        thrust_fraction=fraction,
    )
    site_m = site_position(plan.site, plan.world)
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
        deorbit = fly_deorbit(state, plan.start_mass_kg, plan.lander, dv_m_s, plan.degree, plan.terrain)
        half_s = math.pi * math.sqrt(_semi_major_axis_m(deorbit.final) ** 3 / GM_MOON_M3_S2)
        coast = propagate(deorbit.final, 1.4 * half_s, plan.forces)
        perilune_s = _lowest(coast, 0.5 * half_s, 1.35 * half_s)
        miss = float(np.linalg.norm(coast.states([perilune_s])[0, :3])) - target
        if abs(miss) < 1.0:
            break
        dv_m_s -= miss / slope
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


def _ignition(
    plan: DescentPlan, coast: Trajectory, deorbit: Deorbit, guess_s: float, ideal: MinimumFuelDescent
) -> tuple[float, float, float] | None:
    """Return (time on the coast, thrust fraction, time to go) at which braking takes the planned share of
    thrust.
    """
    assert plan.gate is not None
    world = surroundings(coast.base + guess_s, plan.degree, plan.terrain)
    site_m = site_position(plan.site, world)
    aim = aim_table(site_m, plan.gate, plan.settings, math.inf)
    lander = plan.lander
    points: list[tuple[float, float]] = []
    t_s = guess_s
    memory = None
    for _ in range(12):
        estimate = estimate_at(coast.states([t_s])[0], deorbit.final_mass_kg, t_s - guess_s, world)
        if memory is None:
            memory = first_memory(estimate, site_m, ideal, plan.settings)
        else:
            memory[8] = estimate[8]
        if solve_steering(memory, estimate, lander, aim) > _SOLVED:
            return None
        fraction, time_to_go_s = float(memory[7]), float(memory[6])
        short = plan.settings.ignition_fraction - fraction
        if abs(short) < 1e-4:
            return t_s, fraction, time_to_go_s
        # A second of waiting costs about speed / distance of the thrust needed; then secant.
        points.append((t_s, short))
        step = short * time_to_go_s / 2.0
        if len(points) > 1 and points[-1][1] != points[-2][1]:
            (t0, f0), (t1, f1) = points[-2:]
            step = -f1 * (t1 - t0) / (f1 - f0)
        t_s = min(max(t_s + max(-200.0, min(200.0, step)), 0.0), coast.duration_s)
    return None


def estimate_at(y: FloatArray, mass_kg: float, t_s: float, world: Surroundings) -> FloatArray:
    """Return the flight software's estimate (10,) of an ICRF state `t_s` after the world's base."""
    estimate = np.empty(10)
    whole = np.array([*y, mass_kg])
    kernels.estimate_of(t_s, whole, world.me_from_icrf(t_s).ravel(), 0.0, 0.0, estimate)
    return estimate


def ideal_descent(
    lander: Lander, state: State, mass_kg: float, site_m: FloatArray, world: Surroundings
) -> MinimumFuelDescent:
    """Return the minimum-fuel descent with the same engines from the same state to the site's radius.

    The ground's own speed in the plane of motion counts; the thrust is all engines at full.
    """
    up = state.position_m / np.linalg.norm(state.position_m)
    radial = float(state.velocity_m_s @ up)
    forward = state.velocity_m_s - radial * up
    tangential = float(np.linalg.norm(forward))
    # The ground under the landing moves with the Moon's spin; its part along the track helps or hinders.
    rotation = world.me_from_icrf(0.0)
    normal = np.cross(up, forward / tangential)
    site_icrf = rotation.T @ site_m
    spin = rotation[2] * kernels.MOON_SPIN_RAD_S
    ground = np.cross(spin, site_icrf)
    along = np.cross(normal, site_icrf / np.linalg.norm(site_icrf))
    return minimum_fuel_descent(
        float(np.linalg.norm(state.position_m)),
        radial,
        tangential,
        mass_kg,
        thrust_n=lander.propulsion.thrust_n,
        isp_s=lander.propulsion.isp_s,
        final_radius_m=float(np.linalg.norm(site_m)),
        final_tangential_speed_m_s=float(ground @ along),
        gm_m3_s2=world.gm_m3_s2,
    )


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


def _semi_major_axis_m(state: State) -> float:
    r = float(np.linalg.norm(state.position_m))
    return 1.0 / (2.0 / r - float(state.velocity_m_s @ state.velocity_m_s) / GM_MOON_M3_S2)
