"""What was flown, as the delivery tells it: legs, manoeuvres, passages, orbits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from perilune.constants import EARTH_EQUATORIAL_RADIUS_M, GM_EARTH_M3_S2, GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.dynamics.trajectory import Leg as FlownLeg
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.mission.delivery import (
    Array,
    BudgetRow,
    Flyby,
    Injection,
    InsertionResult,
    Leg,
    LunarOrbitResult,
    Manoeuvre,
    OrbitState,
    Transfer,
)
from perilune.mission.plan import Plan
from perilune.transfer.burning import FiniteBurn, osculating
from perilune.transfer.flight import TransferFlight
from perilune.transfer.low_energy import Design
from perilune.transfer.phasing import pad_angle_rad
from perilune.world import ephemeris

#: Spacing of states on burns and in deep space, s.
_BURN_STEP_S = 20.0
_DEEP_STEP_S = 7200.0
_ALTITUDE_STEP_S = 60.0
#: Differences of masses below this are rounding, kg.
_ROUNDING_KG = 1e-6


def transfer_manoeuvres(flight: TransferFlight) -> tuple[Manoeuvre, ...]:
    """Return the burns between injection and approach."""
    out = []
    for k, (name, burn, mass_kg) in enumerate(flight.burns, start=1):
        spent = burn.flow_kg_s * burn.duration_s
        dv = burn.thrust_n / burn.flow_kg_s * -math.log1p(-spent / mass_kg)
        out.append(
            Manoeuvre(
                f"Deep-space manoeuvre {k} ({name})",
                "deep_space",
                burn.start,
                dv,
                burn.duration_s,
                spent,
                mass_kg,
                burn.thrust_n,
                burn.isp_s,
                "fixed in inertial space",
            )
        )
    return tuple(out)


def orbit_manoeuvres(burns: Sequence[FiniteBurn]) -> tuple[Manoeuvre, ...]:
    """Return insertion and ladder as manoeuvres."""
    return tuple(
        Manoeuvre(
            "Lunar orbit insertion" if k == 0 else f"Lunar orbit manoeuvre {k} ({burn.name})",
            "insertion" if k == 0 else "lunar_orbit",
            burn.start,
            burn.dv_m_s,
            burn.duration_s,
            burn.propellant_kg,
            burn.mass_before_kg,
            burn.engine.thrust_n,
            burn.engine.isp_s,
            burn.pointing,
        )
        for k, burn in enumerate(burns)
    )


def budget_rows(manoeuvres: Sequence[Manoeuvre]) -> tuple[BudgetRow, ...]:
    """Return the budget in order of time; what was lost between two manoeuvres went into attitude control."""
    rows: list[BudgetRow] = []
    for burn in manoeuvres:
        lost_kg = rows[-1].mass_after_kg - burn.mass_before_kg if rows else 0.0
        if lost_kg > _ROUNDING_KG:
            rows.append(BudgetRow("Attitude control", "attitude", 0.0, lost_kg, burn.mass_before_kg))
        after_kg = burn.mass_before_kg - burn.propellant_kg
        rows.append(BudgetRow(burn.name, burn.phase, burn.dv_m_s, burn.propellant_kg, after_kg))
    return tuple(rows)


def flown_transfer(plan: Plan, design: Design, manoeuvres: tuple[Manoeuvre, ...]) -> Transfer:
    """Return the transfer's figures, from the arcs as they were flown."""
    flight, insertion, phased = design.flight, design.insertion, design.phased
    assert flight is not None
    assert insertion is not None
    assert phased is not None
    passage = _flyby(design)
    far_m, far_epoch = _farthest(flight.arcs[phased.flyby_node :])
    after = [m for m in manoeuvres if m.phase == "deep_space" and m.start_epoch > passage.epoch]
    return Transfer(
        launch_epoch=plan.request.launch_epoch,
        injection=_injection(design),
        flyby=passage,
        max_earth_distance_m=far_m,
        max_earth_distance_epoch=far_epoch,
        dv_flyby_to_insertion_m_s=sum((m.dv_m_s for m in after), 0.0),
        insertion=InsertionResult(
            insertion.burn.centre,
            insertion.burn.dv_m_s,
            insertion.burn.duration_s,
            insertion.orbit.perilune_altitude_m,
            insertion.orbit.apolune_altitude_m,
        ),
        manoeuvres=manoeuvres,
        dv_total_m_s=sum(m.dv_m_s for m in manoeuvres),
        node_mismatch_m=flight.mismatch_m,
        node_mismatch_m_s=flight.mismatch_m_s,
    )


def _injection(design: Design) -> Injection:
    assert design.flight is not None
    assert design.phased is not None
    state = design.flight.arcs[0].initial
    r, v = state.position_m, state.velocity_m_s
    h = np.cross(r, v)
    return Injection(
        epoch=state.epoch,
        perigee_altitude_m=float(np.linalg.norm(r)) - EARTH_EQUATORIAL_RADIUS_M,
        inclination_rad=math.acos(float(h[2]) / float(np.linalg.norm(h))),
        c3_m2_s2=float(v @ v) - 2.0 * GM_EARTH_M3_S2 / float(np.linalg.norm(r)),
        pad_plane_angle_rad=abs(pad_angle_rad(design.setting, design.phased)),
    )


def _flyby(design: Design) -> Flyby:
    assert design.flight is not None
    assert design.phased is not None
    state = design.flight.arcs[design.phased.flyby_node].initial
    place, motion = ephemeris.state("moon", "earth", state.epoch)
    r, v = state.position_m - place, state.velocity_m_s - motion
    distance = float(np.linalg.norm(r))
    excess = float(v @ v) - 2.0 * GM_MOON_M3_S2 / distance
    return Flyby(state.epoch, distance - MOON_RADIUS_M, math.copysign(math.sqrt(abs(excess)), excess))


def _farthest(arcs: Sequence[Trajectory]) -> tuple[float, Epoch]:
    """Return the largest distance from the Earth (m) and its epoch: dense samples, then a parabola's top."""
    best, when = 0.0, arcs[0].base
    for arc in arcs:
        time_s = np.linspace(0.0, arc.duration_s, max(3, int(arc.duration_s / 3600.0)))
        distance = np.linalg.norm(arc.states(time_s)[:, :3], axis=1)
        k = int(distance.argmax())
        top_s, top_m = float(time_s[k]), float(distance[k])
        if 0 < k < len(time_s) - 1:
            before, here, after = (float(d) for d in distance[k - 1 : k + 2])
            top_s += 0.5 * (before - after) / (before - 2.0 * here + after) * float(time_s[1] - time_s[0])
            top_m = float(np.linalg.norm(arc.states(np.array([top_s]))[0, :3]))
        if top_m > best:
            best, when = top_m, arc.base + top_s
    return best, when


def lunar_orbit_result(plan: Plan, orbiting: Trajectory, design: Design) -> LunarOrbitResult:
    """Return the orbit after each burn, and the altitudes of the kept one as it was flown."""
    insertion, ladder = design.insertion, design.ladder
    assert insertion is not None
    assert ladder is not None
    burns = [insertion.burn, *ladder.burns]
    notes = ("capture ellipse", *(f"after {burn.name}" for burn in ladder.burns))
    orbits = []
    for burn, note in zip(burns, notes, strict=True):
        if burn.end < orbiting.base + orbiting.duration_s:
            orbit = osculating(orbiting.at(burn.end))
            orbits.append(
                OrbitState(
                    burn.end, note, orbit.perilune_altitude_m, orbit.apolune_altitude_m, orbit.inclination_rad
                )
            )
    circular = ladder.circular_epoch
    low, high = None, None
    if circular is not None:
        time_s = np.arange(circular - orbiting.base, orbiting.duration_s, _ALTITUDE_STEP_S)
        altitude = np.linalg.norm(orbiting.states(time_s)[:, :3], axis=1) - MOON_RADIUS_M
        low, high = float(altitude.min()), float(altitude.max())
    return LunarOrbitResult(tuple(orbits), circular, low, high, *plan.wish.band_m)


def pieces(arcs: Sequence[Trajectory], design: Design, orbit_step_s: float = math.inf) -> tuple[Leg, ...]:
    """Return arcs as legs of the delivery: a coast from burn to burn each, and each burn.

    Coasts are cut at the flyby, too, where the flight changes from phasing to transfer.
    """
    assert design.flight is not None
    assert design.phased is not None
    flyby = design.flight.arcs[design.phased.flyby_node].base
    circular = design.ladder.circular_epoch if design.ladder is not None else None
    groups: list[list[tuple[Trajectory, FlownLeg]]] = []
    for arc in arcs:
        for leg in arc.legs:
            if leg.end_s == leg.start_s:
                continue
            joins = (
                bool(groups)
                and not leg.burn.size
                and not groups[-1][-1][1].burn.size
                and abs(arc.base + leg.start_s - flyby) > 1.0
            )
            if joins:
                groups[-1].append((arc, leg))
            else:
                groups.append([(arc, leg)])
    return tuple(_leg(group, flyby, circular, orbit_step_s) for group in groups)


def _leg(
    group: list[tuple[Trajectory, FlownLeg]], flyby: Epoch, circular: Epoch | None, orbit_step_s: float
) -> Leg:
    arc, first = group[0]
    base = arc.base + first.start_s
    burning = bool(first.burn.size)
    times, states = [], []
    for k, (owner, leg) in enumerate(group):
        step = _BURN_STEP_S if burning else (orbit_step_s if owner.frame.centre == "moon" else _DEEP_STEP_S)
        local = _dense(leg.nodes[:, 0], step)
        if k:
            local = local[1:]
        times.append(owner.base - base + local)
        states.append(leg.states(np.ascontiguousarray(local))[0])
    time_s, vectors = np.concatenate(times), np.concatenate(states)
    phase = _phase(base, arc.frame.centre, flyby, circular)
    title = {
        "phasing": "Phasing",
        "transfer": "Transfer",
        "capture": "Capture orbit",
        "lunar_orbit": "Lunar orbit",
    }
    name = f"Burn: {first.name}" if burning else title[phase]
    return Leg(name, phase, arc.frame, base, time_s, vectors[:, :3], vectors[:, 3:])


def _phase(start: Epoch, centre: str, flyby: Epoch, circular: Epoch | None) -> str:
    if centre == "earth":
        return "phasing" if start < flyby else "transfer"
    return "lunar_orbit" if circular is not None and start + 1.0 > circular else "capture"


def _dense(nodes_s: Array, step_s: float) -> Array:
    """Return the nodes, and times between them where they are wider apart than a step."""
    if not math.isfinite(step_s):
        return nodes_s
    parts = [
        np.linspace(a, b, max(1, math.ceil((b - a) / step_s)), endpoint=False) for a, b in pairwise(nodes_s)
    ]
    return np.concatenate([*parts, nodes_s[-1:]])
