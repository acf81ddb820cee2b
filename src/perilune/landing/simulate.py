"""Flying a planned descent: deorbit, coast, braking, approach, touchdown, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from perilune.constants import MOON_RADIUS_M, MOON_SPIN_RAD_S
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.landing import _kernels as kernels
from perilune.landing import _kernels_guidance as software
from perilune.landing.deorbit import Deorbit, fly_deorbit
from perilune.landing.plan import LEAD_S
from perilune.landing.planned import DescentPlan, PlanStatus
from perilune.landing.reference import ideal_descent
from perilune.landing.surroundings import Surroundings, site_position
from perilune.landing.vehicle import LanderPropulsion
from perilune.landing.wake import first_guidance

FloatArray = NDArray[np.float64]

STEP_S = 0.1  # s, of truth and flight software
_LONGEST_S = 3000.0
_LOG_S = 1.0
_LOG_ROWS = 6000
PHASES = {
    software.COAST: "coast",
    software.BRAKING: "braking",
    software.APPROACH: "approach",
    software.TERMINAL: "terminal",
    software.LANDED: "landed",
}


class Outcome(StrEnum):
    """How a descent ended."""

    LANDED = "landed"
    HARD_LANDING = "hard_landing"
    CRASHED = "crashed"
    PROPELLANT_EXHAUSTED = "propellant_exhausted"
    NO_DESCENT = "no_descent"


@dataclass(frozen=True, slots=True)
class Truth:
    """How the flight differs from what was planned; the flight software is not told."""

    thrust_factor: float = 1.0
    isp_factor: float = 1.0
    mass_offset_kg: float = 0.0
    position_offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    velocity_offset_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class TouchdownLimits:
    """What a landing gear takes: `soft` is a landing, up to `hard` it is a hard one, beyond a crash."""

    soft_vertical_m_s: float = 2.0  # m/s, Chandrayaan-3's specification
    soft_horizontal_m_s: float = 0.5  # m/s, Chandrayaan-3's specification
    soft_tilt_rad: float = math.radians(5.0)
    hard_vertical_m_s: float = 3.0  # m/s, Chandrayaan-3's test limit
    hard_horizontal_m_s: float = 1.0  # m/s, Chandrayaan-3's test limit
    hard_tilt_rad: float = math.radians(12.0)


@dataclass(frozen=True, slots=True, eq=False)
class DescentHistory:
    """The powered descent over time; all arrays have n rows, times count from `base`.

    Heights are above the ground, `altitude_m` above the 1737.4 km sphere; speeds are over the ground,
    `descent_speed` positive downwards; `pitch_rad` is the thrust's elevation above the local horizontal.
    """

    base: Epoch
    time_s: FloatArray
    position_m: FloatArray
    velocity_m_s: FloatArray
    position_me_m: FloatArray
    height_m: FloatArray
    altitude_m: FloatArray
    downrange_m: FloatArray
    descent_speed_m_s: FloatArray
    horizontal_speed_m_s: FloatArray
    mass_kg: FloatArray
    thrust_n: FloatArray
    main_throttle: FloatArray
    assist_throttle: FloatArray
    pitch_rad: FloatArray
    dv_m_s: FloatArray
    phase: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """One phase of the powered descent: when it began, how long it took, what it cost."""

    name: str
    epoch: Epoch
    duration_s: float
    dv_m_s: float
    propellant_kg: float


@dataclass(frozen=True, slots=True, eq=False)
class Landing:
    """What came of a descent.

    `dv_m_s` is that of the powered descent from ignition to touchdown, `dv_ideal_m_s` the least that the same
    engines need from the same state; the deorbit burn is apart. Without a descent the figures are NaN.
    """

    outcome: Outcome
    reason: str
    epoch: Epoch | None = None
    latitude_rad: float = math.nan
    longitude_rad: float = math.nan
    miss_distance_m: float = math.nan
    vertical_speed_m_s: float = math.nan
    horizontal_speed_m_s: float = math.nan
    tilt_rad: float = math.nan
    mass_kg: float = math.nan
    propellant_left_kg: float = math.nan
    dv_m_s: float = math.nan
    dv_ideal_m_s: float = math.nan
    pdi_epoch: Epoch | None = None
    lowest_clearance_m: float = math.nan
    deorbit: Deorbit | None = None
    coast: Trajectory | None = None
    phases: tuple[PhaseFigures, ...] = ()
    history: DescentHistory | None = field(default=None, repr=False)


def fly_descent(
    plan: DescentPlan, truth: Truth | None = None, limits: TouchdownLimits | None = None
) -> Landing:
    """Fly a plan; the outcome is data, whatever it is. The same plan and truth give the same bits."""
    truth, limits = truth or Truth(), limits or TouchdownLimits()
    if plan.status is not PlanStatus.READY or plan.deorbit is None or plan.pdi is None:
        return Landing(Outcome.NO_DESCENT, plan.reason)
    deorbit = _leave_orbit(plan, truth)
    wake = plan.pdi.epoch + -LEAD_S
    coast = propagate(deorbit.final, wake, plan.forces, mass_kg=deorbit.final_mass_kg)
    log, status = _powered(plan, truth, coast.final, deorbit.final_mass_kg)
    if status != kernels.TOUCHED:
        return Landing(
            Outcome.CRASHED, "the descent did not reach the ground in time", deorbit=deorbit, coast=coast
        )
    return _judge(plan, truth, limits, deorbit, coast, log)


def _leave_orbit(plan: DescentPlan, truth: Truth) -> Deorbit:
    assert plan.deorbit is not None
    start = plan.start
    shifted = State(
        start.epoch,
        start.frame,
        start.position_m + np.array(truth.position_offset_m),
        start.velocity_m_s + np.array(truth.velocity_offset_m_s),
    )
    mass_kg = plan.start_mass_kg + truth.mass_offset_kg
    wait = propagate(shifted, plan.deorbit.epoch, plan.forces, mass_kg=mass_kg).final
    return fly_deorbit(
        wait,
        mass_kg,
        plan.lander,
        plan.deorbit.dv_m_s,
        plan.forces,
        thrust_factor=truth.thrust_factor,
        isp_factor=truth.isp_factor,
    )


def _powered(plan: DescentPlan, truth: Truth, state: State, mass_kg: float) -> tuple[FloatArray, int]:
    """Return the log and the kernel's status of the powered descent."""
    world = plan.world
    start_s = state.epoch - world.base
    memory, aim = first_guidance(plan, state.vector, mass_kg, start_s, site_position(plan.site, world))
    log = np.zeros((_LOG_ROWS, kernels.LOG_COLUMNS))
    status, rows = kernels.descend(
        start_s,
        np.array([*state.vector, mass_kg]),
        plan.lander.table(),
        plan.lander.table(truth.thrust_factor, truth.isp_factor),
        aim,
        memory,
        *world.arguments,
        STEP_S,
        _LONGEST_S,
        _LOG_S,
        log,
    )
    return log[:rows], int(status)


def _judge(
    plan: DescentPlan,
    truth: Truth,
    limits: TouchdownLimits,
    deorbit: Deorbit,
    coast: Trajectory,
    log: FloatArray,
) -> Landing:
    world = plan.world
    site_m = site_position(plan.site, world)
    history = _history(plan.lander.propulsion, truth, world, site_m, log)
    ignition = int(np.argmax(log[:, kernels.PHASE] >= software.BRAKING))
    pdi = State(
        world.base + float(log[ignition, kernels.T]),
        plan.start.frame,
        history.position_m[ignition],
        history.velocity_m_s[ignition],
    )
    best = ideal_descent(plan.lander, pdi, float(history.mass_kg[ignition]), site_m, world)
    place = history.position_me_m[-1]
    tilt_rad = 0.5 * math.pi - float(history.pitch_rad[-1])
    left_kg = float(history.mass_kg[-1]) - plan.lander.empty_mass_kg
    vertical, horizontal = float(history.descent_speed_m_s[-1]), float(history.horizontal_speed_m_s[-1])
    outcome, reason = _outcome(limits, vertical, horizontal, tilt_rad, left_kg)
    return Landing(
        outcome=outcome,
        reason=reason,
        epoch=world.base + float(log[-1, kernels.T]),
        latitude_rad=math.asin(place[2] / float(np.linalg.norm(place))),
        longitude_rad=math.atan2(place[1], place[0]),
        miss_distance_m=_ground_distance_m(place, site_m),
        vertical_speed_m_s=vertical,
        horizontal_speed_m_s=horizontal,
        tilt_rad=tilt_rad,
        mass_kg=float(history.mass_kg[-1]),
        propellant_left_kg=max(left_kg, 0.0),
        dv_m_s=float(history.dv_m_s[-1]),
        dv_ideal_m_s=best.dv_m_s,
        pdi_epoch=pdi.epoch,
        lowest_clearance_m=_lowest_clearance(history),
        deorbit=deorbit,
        coast=coast,
        phases=_phases(world, log),
        history=history,
    )


def _outcome(
    limits: TouchdownLimits, vertical_m_s: float, horizontal_m_s: float, tilt_rad: float, left_kg: float
) -> tuple[Outcome, str]:
    figures = (
        f"{vertical_m_s:.2f} m/s down, {horizontal_m_s:.2f} m/s sideways, "
        f"{math.degrees(tilt_rad):.1f} degrees of tilt"
    )
    if (
        vertical_m_s <= limits.soft_vertical_m_s
        and horizontal_m_s <= limits.soft_horizontal_m_s
        and tilt_rad <= limits.soft_tilt_rad
    ):
        return Outcome.LANDED, figures
    if left_kg <= 1e-6:
        return Outcome.PROPELLANT_EXHAUSTED, figures
    if (
        vertical_m_s <= limits.hard_vertical_m_s
        and horizontal_m_s <= limits.hard_horizontal_m_s
        and tilt_rad <= limits.hard_tilt_rad
    ):
        return Outcome.HARD_LANDING, figures
    return Outcome.CRASHED, figures


def _history(
    engine: LanderPropulsion, truth: Truth, world: Surroundings, site_m: FloatArray, log: FloatArray
) -> DescentHistory:
    """Turn the kernel's log into what a report wants: ground-relative speeds, pitch, thrust."""
    time_s = log[:, kernels.T].copy()
    position = log[:, kernels.X : kernels.X + 3].copy()
    velocity = log[:, kernels.VX : kernels.VX + 3].copy()
    turns = np.array([world.me_from_icrf(float(t)) for t in time_s])
    place = np.einsum("nij,nj->ni", turns, position)
    moving = np.einsum("nij,nj->ni", turns, velocity)
    moving -= np.cross([0.0, 0.0, MOON_SPIN_RAD_S], place)
    thrust_axis = np.einsum("nij,nj->ni", turns, log[:, kernels.DX : kernels.DX + 3])
    radius = np.linalg.norm(place, axis=1)
    up = place / radius[:, None]
    climb = np.einsum("ni,ni->n", moving, up)
    sine = np.clip(np.einsum("ni,ni->n", thrust_axis, up), -1.0, 1.0)
    main, assist = log[:, kernels.MAIN].copy(), log[:, kernels.ASSIST].copy()
    return DescentHistory(
        base=world.base,
        time_s=time_s,
        position_m=position,
        velocity_m_s=velocity,
        position_me_m=place,
        height_m=log[:, kernels.HEIGHT].copy(),
        altitude_m=radius - MOON_RADIUS_M,
        downrange_m=np.array([_ground_distance_m(p, site_m) for p in place]),
        descent_speed_m_s=-climb,
        horizontal_speed_m_s=np.linalg.norm(moving - climb[:, None] * up, axis=1),
        mass_kg=log[:, kernels.MASS].copy(),
        thrust_n=truth.thrust_factor * (main * engine.main_thrust_n + assist * engine.assist_thrust_n),
        main_throttle=main,
        assist_throttle=assist,
        pitch_rad=np.arcsin(sine),
        dv_m_s=log[:, kernels.DV].copy(),
        phase=tuple(PHASES[int(p)] for p in log[:, kernels.PHASE]),
    )


def _phases(world: Surroundings, log: FloatArray) -> tuple[PhaseFigures, ...]:
    figures = []
    last = len(log) - 1
    for number in (software.BRAKING, software.APPROACH, software.TERMINAL):
        rows = np.flatnonzero(log[:, kernels.PHASE] == number)
        if not len(rows):
            continue
        first, end = int(rows[0]), min(int(rows[-1]) + 1, last)
        figures.append(
            PhaseFigures(
                PHASES[number],
                world.base + float(log[first, kernels.T]),
                float(log[end, kernels.T] - log[first, kernels.T]),
                float(log[end, kernels.DV] - log[first, kernels.DV]),
                float(log[first, kernels.MASS] - log[end, kernels.MASS]),
            )
        )
    return tuple(figures)


def _ground_distance_m(place_m: FloatArray, site_m: FloatArray) -> float:
    """Return the distance along the ground between two places, at the site's radius (m)."""
    angle = math.atan2(float(np.linalg.norm(np.cross(place_m, site_m))), float(place_m @ site_m))
    return angle * float(np.linalg.norm(site_m))


def _lowest_clearance(history: DescentHistory) -> float:
    """Return the least height over the ground while still more than 5 km away from the landing (m)."""
    far = history.downrange_m > 5000.0
    return float(history.height_m[far].min()) if far.any() else math.nan
