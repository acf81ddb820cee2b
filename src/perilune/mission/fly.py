"""Fly a plan: the transfer, lunar orbit, the descent, and what all of it amounts to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from perilune._version import __version__
from perilune.dynamics.propagate import propagate
from perilune.landing.planned import DescentPlan
from perilune.landing.simulate import Landing, TouchdownLimits, fly_descent
from perilune.mission.delivery import (
    Delivery,
    LandingResult,
    Leg,
    LunarOrbitResult,
    Manoeuvre,
    OrbitState,
    Outcome,
    Provenance,
    Transfer,
)
from perilune.mission.descent import (
    coast_leg,
    descent_history,
    descent_legs,
    descent_manoeuvres,
    landing_result,
    touchdown_limits,
)
from perilune.mission.flown import (
    budget_rows,
    flown_transfer,
    lunar_orbit_result,
    orbit_manoeuvres,
    pieces,
    transfer_manoeuvres,
)
from perilune.mission.log import flight_log
from perilune.mission.plan import OrbitPlan, Plan
from perilune.mission.shortened import emptied, legs_until, orbit_until, transfer_until
from perilune.mission.solution import load, save
from perilune.mission.start import orbit_flown, planned_after, planned_from_orbit
from perilune.mission.wishes import unmet
from perilune.operations.milestones import assess
from perilune.transfer.burning import osculating
from perilune.transfer.flight import solution_of
from perilune.transfer.low_energy import Design, TransferStatus, find_transfer, fly_again
from perilune.world import embedded

Progress = Callable[[str, float | None], None]

#: Spacing of states of the low lunar orbit in the delivery, s: a report draws it, a reader interpolates it.
_ORBIT_STEP_S = 300.0
_MORE_PROPELLANT = "Raise mission.wet_mass, or carry less payload."


@dataclass(frozen=True, slots=True, eq=False)
class _Descent:
    """The end of a flight: the coast before it, the landing, its legs and manoeuvres."""

    result: LandingResult
    outcome: Outcome
    reason: str = ""
    landing: Landing | None = None
    manoeuvres: tuple[Manoeuvre, ...] = ()
    legs: tuple[Leg, ...] = ()


def fly(
    plan: Plan | OrbitPlan,
    *,
    seed: int = 0,
    replan: bool = False,
    threads: int = 2,
    progress: Progress = lambda *_: None,
) -> Delivery:
    """Fly a plan and return what it delivers.

    The transfer is searched once for a plan's digest and kept; `replan` searches it again. What physics
    forbids is the delivery's outcome and reason. `seed` is for what is random; navigation is perfect, so
    nothing is yet.
    """
    if isinstance(plan, OrbitPlan):
        return _fly_from_orbit(plan, seed, progress)
    design = _design(plan, replan, threads, progress)
    if design.flight is None or design.insertion is None or design.ladder is None:
        return _grounded(plan, seed, design)
    progress("flying to the Moon", None)
    flight, insertion, ladder = design.flight, design.insertion, design.ladder
    burns = [insertion.burn, *ladder.burns]
    orbiting = orbit_flown(plan, design)
    assert orbiting is not None
    way = transfer_manoeuvres(flight)
    kept = lunar_orbit_result(plan, orbiting, design)
    wished = (*way, *orbit_manoeuvres(burns))
    legs = (*pieces(flight.arcs, design), *pieces((orbiting,), design, _ORBIT_STEP_S))
    burnt = emptied(wished, plan.lander.empty_mass_kg)
    if burnt is not None:
        return _stranded(plan, seed, flown_transfer(plan, design, burnt), kept, legs, wished)
    progress("landing", None)
    down = _land(planned_after(plan, orbiting), touchdown_limits(plan.mission))
    transfer = flown_transfer(plan, design, (*wished, *down.manoeuvres))
    return _deliver(plan, seed, down, transfer, kept, (*legs, *down.legs))


def _fly_from_orbit(plan: OrbitPlan, seed: int, progress: Progress) -> Delivery:
    """Fly deorbit to touchdown; there is no transfer, and its part of the delivery holds the burns alone."""
    progress("landing", None)
    planned = planned_from_orbit(plan)
    down = _land(planned, touchdown_limits(plan.mission))
    burns = down.manoeuvres
    transfer = Transfer(None, None, None, None, None, None, None, burns, sum(m.dv_m_s for m in burns))
    orbit = osculating(planned.start)
    first = OrbitState(
        planned.start.epoch,
        "start of the mission",
        orbit.perilune_altitude_m,
        orbit.apolune_altitude_m,
        orbit.inclination_rad,
    )
    return _deliver(plan, seed, down, transfer, LunarOrbitResult((first,), None, None, None), down.legs)


def _stranded(
    plan: Plan,
    seed: int,
    transfer: Transfer,
    kept: LunarOrbitResult,
    legs: tuple[Leg, ...],
    wished: tuple[Manoeuvre, ...],
) -> Delivery:
    """Return the delivery of a flight whose propellant ends in the last of the transfer's manoeuvres."""
    last = transfer.manoeuvres[-1]
    reason = f"The propellant ends in the manoeuvre {last.name!r}. {_MORE_PROPELLANT}"
    down = _Descent(LandingResult("no_descent"), Outcome.PROPELLANT_EXHAUSTED, reason)
    end = last.end_epoch
    return _deliver(
        plan,
        seed,
        down,
        transfer_until(transfer, end),
        orbit_until(kept, end),
        legs_until(legs, end),
        planned=Counter(burn.phase for burn in wished),
    )


def _design(plan: Plan, replan: bool, threads: int, progress: Progress) -> Design:
    kept = None if replan else load(plan)
    if kept is not None:
        progress("flying the kept transfer", None)
        again = fly_again(kept, plan.request, plan.wish, plan.means)
        if again.status is TransferStatus.FOUND:
            return again
    found = find_transfer(plan.request, plan.wish, plan.means, threads=threads, progress=progress)
    ladder = found.ladder
    if (
        found.status is not TransferStatus.FOUND
        or found.phased is None
        or found.aim is None
        or ladder is None
    ):
        return found
    assert ladder.schedule is not None
    solution = solution_of(found.phased, found.aim, ladder.schedule)
    save(plan, solution)
    # The same path as of a kept one, so that the first flight and every later one are the same to the last
    # digit.
    return fly_again(solution, plan.request, plan.wish, plan.means)


def _land(planned: DescentPlan, limits: TouchdownLimits) -> _Descent:
    if planned.deorbit is None or planned.pdi is None:
        return _Descent(LandingResult("no_descent"), Outcome.NO_DESCENT, planned.reason)
    start, mass_kg = planned.start, planned.start_mass_kg
    landing = fly_descent(planned, limits=limits)
    result = landing_result(landing)
    deorbit = landing.deorbit or planned.deorbit
    coast = propagate(start, deorbit.epoch, planned.forces, mass_kg=mass_kg)
    legs = (
        coast_leg("Last orbit before the descent", "lunar_orbit", coast, _ORBIT_STEP_S),
        *descent_legs(landing),
    )
    outcome = Outcome(landing.outcome.value) if landing.outcome.value in set(Outcome) else Outcome.CRASHED
    reason = f"The propellant ends on the way down. {_MORE_PROPELLANT}"
    if outcome is not Outcome.PROPELLANT_EXHAUSTED:
        reason = ""
    return _Descent(result, outcome, reason, landing, descent_manoeuvres(landing, mass_kg), legs)


def _grounded(plan: Plan, seed: int, design: Design) -> Delivery:
    """Return the delivery of a mission for which no way was found."""
    transfer = Transfer(plan.request.launch_epoch, None, None, None, None, None, None, (), 0.0)
    near = design.status is TransferStatus.NO_ORBIT
    outcome = Outcome.NO_LUNAR_ORBIT if near else Outcome.NO_TRANSFER
    down = _Descent(LandingResult("no_descent"), outcome, design.reason)
    return _deliver(plan, seed, down, transfer, LunarOrbitResult((), None, None, None), ())


def _deliver(
    plan: Plan | OrbitPlan,
    seed: int,
    down: _Descent,
    transfer: Transfer,
    kept: LunarOrbitResult,
    legs: tuple[Leg, ...],
    planned: Mapping[str, int] | None = None,
) -> Delivery:
    """Put the parts together. With `planned`, manoeuvres of a phase, the last one flown was not completed."""
    mission = plan.mission
    seen = transfer
    if planned is not None:
        *done, last = transfer.manoeuvres
        seen = replace(transfer, manoeuvres=(*done, replace(last, phase="unfinished")))
    log = flight_log(mission, seen, kept, down.result, planned)
    return Delivery(
        mission=mission.about.name,
        vehicle=mission.about.vehicle,
        outcome=down.outcome,
        reason=" ".join(filter(None, (down.reason, unmet(mission, transfer, kept, down.result)))),
        provenance=Provenance(__version__, plan.digest, seed, embedded.digests()),
        milestones=assess(mission.milestones, log),
        transfer=transfer,
        lunar_orbit=kept,
        landing=down.result,
        budget=budget_rows(transfer.manoeuvres),
        legs=legs,
        descent=None if down.landing is None else descent_history(down.landing),
    )
