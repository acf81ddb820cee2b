"""Find a low-energy transfer with an outbound lunar flyby, from launch to the landing orbit.

The way is that of Parker's surveys, ended by multiple shooting in the full model: arrivals are swept
backward, arcs that come from near the Moon are pulled to the flyby, their families followed to members that a
launch can reach, phasing loops lead back to the launch, the impulses are minimised, and then become burns.
Nothing of a solution stands in here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from perilune import constants
from perilune.dynamics.forces import ForceModel
from perilune.transfer.burning import Engine
from perilune.transfer.flight import (
    Solution,
    TransferFlight,
    fly_forward,
    phased_of,
    with_finite_burns,
    with_full_forces,
    without_small_impulses,
)
from perilune.transfer.flyby_family import Member, launchable_members, reach_flyby
from perilune.transfer.insertion import InsertionPlan, InsertionStatus, plan_insertion
from perilune.transfer.ladder import LadderPlan, LadderStatus, LadderWish, plan_ladder
from perilune.transfer.phasing import (
    Aim,
    LoopGuess,
    Phased,
    cost,
    guess_loops,
    improve,
    pad_angle_rad,
    solve,
    toward_the_pad,
)
from perilune.transfer.request import DAY_S, Setting, TransferRequest, set_up, transfer_forces
from perilune.transfer.schedule import Schedule
from perilune.transfer.search import Progress, Seed, Sweep, find_seeds
from perilune.world.frames import MOON_ICRF

#: Families looked at before the best of them is taken, and seeds tried for them.
_FAMILIES: Final = 8
_SEEDS: Final = 120
#: Loop guesses that are solved in full, in order of their estimated price, and at most so many of one family.
_SOLVED: Final = 10
_OF_ONE_FAMILY: Final = 2
#: Transfers carried through insertion and ladder to compare whole flights.
_CARRIED: Final = 4
#: Part of the limit on deep-space impulses that turning the plane toward the pad may use up.
_PAD_SHARE: Final = 0.96
#: What the angle between injection plane and pad is worth against propellant, m/s per rad: a launcher's
#: dogleg costs far more.
_PAD_PRICE_M_S_RAD: Final = 8.0 / math.radians(1.0)
#: What an orbit that leaves its band is put behind one that keeps it, m/s.
_BAND_PRICE_M_S: Final = 50.0
#: The plane is turned until the site lies so near to the track, m.
_CROSS_TRACK_M: Final = 30.0
_PERILUNE_M: Final = 50.0
_ROUNDS: Final = 5
#: Rounds in which the impulses are made least again; after them the aim hardly moves.
_ROUNDS_OF_IMPULSES: Final = 2
#: A burn against the velocity lowers the perilune about so far (m): the arrival is first aimed above it.
_FIRST_LIFT_M: Final = 3.7e3
#: Excess speeds at the Moon with which a transfer can come from a launch, with room for what shooting
#: changes, m/s.
_LAUNCHABLE_M_S: Final = (700.0, 1400.0)
#: Families looked at where the flyby's epoch is free: most of them have no launch at the right time.
_FREE_FAMILIES: Final = 20
#: Flyby radii tried where none is wished, m.
_FREE_RADIUS_M: Final = (4.0e6, 2.0e7)


class TransferStatus(StrEnum):
    """How the search ended; all but FOUND say how far it came."""

    FOUND = "found"
    NO_SEED = "no_seed"
    NO_FLYBY = "no_flyby"
    NO_LAUNCH = "no_launch"
    NO_PHASING = "no_phasing"
    NO_ORBIT = "no_orbit"


_REASONS: Final = {
    TransferStatus.NO_SEED: "No arc backward from this insertion comes from far out by way of the Moon. "
    "Move the insertion by some days, or allow another flyby epoch.",
    TransferStatus.NO_FLYBY: "Arcs come from near the Moon, but none can be pulled to the flyby wished. "
    "Widen or drop the flyby's epoch or altitude.",
    TransferStatus.NO_LAUNCH: "Transfers through the flyby exist, but the perigee before it is never low "
    "enough to be launched into. Move the flyby by a day, or drop its altitude.",
    TransferStatus.NO_PHASING: "No phasing loops fit the launch epoch within the limits on manoeuvres and "
    "inclination. Move the launch by some days, or raise transfer.deep_space_dv_limit.",
    TransferStatus.NO_ORBIT: "Transfers to the insertion were found, but none leads on to the landing orbit. "
    "See lunar_orbit: dates, band and altitude.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A transfer as it will be flown: its chain of burns, what it aims at, the plans that follow it."""

    status: TransferStatus
    setting: Setting
    phased: Phased | None = None
    aim: Aim | None = None
    flight: TransferFlight | None = None
    insertion: InsertionPlan | None = None
    ladder: LadderPlan | None = None
    impulsive: Phased | None = None
    tried: int = 0

    @property
    def reason(self) -> str:
        """Return, in a sentence, why there is no transfer; empty where there is one."""
        return _REASONS.get(self.status, "")

    @property
    def total_dv_m_s(self) -> float:
        """Return the sum of all burns to the landing orbit."""
        if self.flight is None or self.insertion is None or self.ladder is None or self.phased is None:
            return math.inf
        return self.phased.dv_m_s + self.insertion.burn.dv_m_s + self.ladder.dv_m_s


@dataclass(frozen=True, slots=True)
class Means:
    """What flies: engine, and the forces about the Moon."""

    engine: Engine
    moon_forces: ForceModel


def find_transfer(
    request: TransferRequest,
    wish: LadderWish,
    means: Means,
    *,
    sweep: Sweep | None = None,
    threads: int = 2,
    progress: Progress = lambda *_: None,
) -> Design:
    """Search the transfer. Raises `EpochError` outside the ephemeris; all other failure is the status."""
    # Small dense systems: more threads of the linear algebra only wait for each other (measured: 37 s against
    # 2 s).
    with threadpool_limits(1, user_api="blas"):
        return _find(set_up(request), wish, means, sweep, threads, progress)


def _find(
    setting: Setting, wish: LadderWish, means: Means, sweep: Sweep | None, threads: int, progress: Progress
) -> Design:
    seeds = find_seeds(setting, sweep, threads=threads, progress=progress)
    if not seeds:
        return Design(TransferStatus.NO_SEED, setting)
    families = _families(setting, seeds, progress)
    if not families:
        return Design(TransferStatus.NO_FLYBY, setting)
    guesses = _guesses(setting, families, progress)
    if guesses is None:
        return Design(TransferStatus.NO_LAUNCH, setting)
    solved = []
    for k, guess in enumerate(guesses):
        progress("closing phasing loops", k / len(guesses))
        phased = solve(setting, guess)
        if (
            phased is not None
            and phased.converged
            and phased.dv_m_s <= setting.request.deep_space_dv_limit_m_s
        ):
            solved.append(phased)
    if not solved:
        return Design(TransferStatus.NO_PHASING, setting, tried=len(guesses))
    solved.sort(key=lambda p: cost(p) + _pad_price(setting, p))
    best = Design(TransferStatus.NO_ORBIT, setting, tried=len(solved))
    carried = solved[:_CARRIED]
    for k, phased in enumerate(carried):
        progress("carrying transfers into lunar orbit", k / len(carried))
        design = carry_through(setting, phased, wish, means, rounds=2)
        if design.status is TransferStatus.FOUND and _price(design) < _price(best):
            best = replace(design, tried=len(solved))
    if best.impulsive is None:
        return best
    progress("turning the injection plane toward the pad", None)
    limit = max(_PAD_SHARE * setting.request.deep_space_dv_limit_m_s, best.impulsive.dv_m_s)
    turned = toward_the_pad(setting, best.impulsive, limit, best.aim)
    final = carry_through(setting, turned, wish, means, aim=best.aim, rounds=_ROUNDS)
    return replace(final, tried=len(solved)) if final.status is TransferStatus.FOUND else best


def _price(design: Design) -> float:
    if design.phased is None:
        return math.inf
    left = design.ladder is not None and design.ladder.status is LadderStatus.BAND_LEFT
    pad = _pad_price(design.setting, design.phased)
    return design.total_dv_m_s + pad + (_BAND_PRICE_M_S if left else 0.0)


def _pad_price(setting: Setting, phased: Phased) -> float:
    return _PAD_PRICE_M_S_RAD * abs(pad_angle_rad(setting, phased))


def _families(
    setting: Setting, seeds: list[Seed], progress: Progress
) -> list[tuple[int, np.ndarray, np.ndarray]]:
    found: list[tuple[int, np.ndarray, np.ndarray]] = []
    candidates = list(_spread(setting, seeds))[:_SEEDS]
    enough = _FAMILIES if setting.request.flyby.epoch is not None else _FREE_FAMILIES
    for k, (seed, flyby_s, radius_m) in enumerate(candidates):
        progress("pulling arcs to the flyby", k / len(candidates))
        reached = reach_flyby(setting, seed, flyby_s, radius_m)
        if reached is None or any(_same(reached[1][-1], other[2][-1]) for other in found):
            continue
        found.append((seed.branch, *reached))
        if len(found) >= enough:
            break
    return found


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrivals are of one family: within 20 km and 20 m/s, as families lie far apart."""
    return bool(np.linalg.norm(one[:3] - other[:3]) < 2e4 and np.linalg.norm(one[3:] - other[3:]) < 20.0)


def _spread(setting: Setting, seeds: list[Seed]) -> Iterator[tuple[Seed, float, float]]:
    """Yield seeds with the flyby they are pulled to; where its epoch is free, one a day and branch first.

    An orbit launched from the Earth meets the Moon at 0.83 km/s or more (its angular momentum is small, the
    Moon's is not): what is much slower or faster there has no launch before it.
    """
    flyby = setting.request.flyby
    wished_m = None if flyby.altitude_m is None else constants.MOON_RADIUS_M + flyby.altitude_m
    low, high = _FREE_RADIUS_M
    launchable = [s for s in seeds if _LAUNCHABLE_M_S[0] < s.v_infinity_m_s < _LAUNCHABLE_M_S[1]]
    if flyby.epoch is not None:
        for seed in launchable:
            yield seed, flyby.epoch - setting.base, wished_m or min(max(seed.passage_m, low), high)
        return
    groups: dict[tuple[int, int], list[Seed]] = {}
    for seed in launchable:
        groups.setdefault((seed.branch, round(seed.passage_s / DAY_S)), []).append(seed)
    for group in groups.values():
        group.sort(key=lambda s: s.passage_m)
    fullest = sorted(groups.values(), key=len, reverse=True)
    for rank in range(max(map(len, fullest), default=0)):
        for group in fullest:
            if rank < len(group):
                seed = group[rank]
                yield seed, seed.passage_s, wished_m or min(max(seed.passage_m, low), high)


def _guesses(
    setting: Setting, families: list[tuple[int, np.ndarray, np.ndarray]], progress: Progress
) -> list[LoopGuess] | None:
    """Return the loop guesses to solve, cheapest first; None where no family can be launched into."""
    perigee_m = constants.EARTH_EQUATORIAL_RADIUS_M + setting.request.perigee_altitude_m
    launchable, chosen = 0, []

    def price(guess: LoopGuess) -> float:
        return guess.price_m_s(perigee_m) + _inclination_price(setting, guess)

    for k, (branch, times, states) in enumerate(families):
        progress("following families to the launch", k / len(families))
        members: list[Member] = launchable_members(setting, branch, times, states)
        launchable += len(members)
        guesses = [guess for member in members for guess in guess_loops(setting, member)]
        guesses.sort(key=price)
        # Neighbours on one family close to the same transfer: one of each number of loops is enough.
        first: dict[int, LoopGuess] = {}
        for guess in guesses:
            first.setdefault(guess.loops, guess)
        chosen += list(first.values())[:_OF_ONE_FAMILY]
    if not launchable:
        return None
    chosen.sort(key=price)
    return chosen[:_SOLVED]


def _inclination_price(setting: Setting, guess: LoopGuess) -> float:
    """Return roughly what it costs (m/s) to bring the inclination into range and the plane to the pad."""
    low, high = setting.request.inclination_rad
    outside = max(low - guess.inclination_rad, guess.inclination_rad - high, 0.0)
    return math.degrees(outside) * 3.0 + abs(math.degrees(guess.pad_angle_rad)) * 2.0


def fly_again(solution: Solution, request: TransferRequest, wish: LadderWish, means: Means) -> Design:
    """Fly a kept transfer: burns, insertion and ladder are solved again, nothing is searched."""
    with threadpool_limits(1, user_api="blas"):
        setting = set_up(request)
        forces = transfer_forces(request)
        burning = phased_of(setting, solution, means.engine, forces)
        burning = with_finite_burns(setting, burning, means.engine, forces, solution.aim)
        return _to_the_orbit(setting, burning, solution.aim, wish, means, solution.schedule)


def carry_through(
    setting: Setting, phased: Phased, wish: LadderWish, means: Means, *, rounds: int, aim: Aim | None = None
) -> Design:
    """Solve a transfer with burns in the full model; turn the arrival until the ladder ends over the site.

    The impulsive transfer is made least again under the full model and each new aim; then come burns.
    """
    forces = transfer_forces(setting.request)
    aim = aim or Aim(setting.perilune_radius_m + _FIRST_LIFT_M)
    impulsive = with_full_forces(setting, phased, setting.request.mass_kg)
    design, burning, schedule = Design(TransferStatus.NO_ORBIT, setting), impulsive, None
    for k in range(rounds):
        if k < _ROUNDS_OF_IMPULSES:
            impulsive = improve(setting, impulsive, phased.prices, aim)
            if not impulsive.converged:
                return design
            burning = without_small_impulses(setting, impulsive, aim)
        burning = with_finite_burns(setting, burning, means.engine, forces, aim)
        trial = _to_the_orbit(setting, burning, aim, wish, means, schedule)
        insertion, ladder = trial.insertion, trial.ladder
        if insertion is None or ladder is None or ladder.schedule is None:
            return design
        schedule = ladder.schedule
        design = replace(trial, impulsive=impulsive)
        lift = insertion.arrival_altitude_for_exact_m - insertion.arrival_altitude_m
        if abs(ladder.cross_track_m) < _CROSS_TRACK_M and abs(lift) < _PERILUNE_M:
            break
        aim = Aim(
            constants.MOON_RADIUS_M + insertion.arrival_altitude_for_exact_m,
            aim.node_offset_rad - ladder.node_offset_rad,
        )
    return design


def _to_the_orbit(
    setting: Setting, burning: Phased, aim: Aim, wish: LadderWish, means: Means, schedule: Schedule | None
) -> Design:
    """Fly a transfer with burns, then plan its insertion and ladder from where it arrives."""
    request = setting.request
    design = Design(TransferStatus.NO_ORBIT, setting, burning, aim)
    if not burning.linearised.defect < 1e-6:
        return design
    flight = fly_forward(setting, burning, transfer_forces(request))
    insertion = plan_insertion(
        flight.approach.to(MOON_ICRF),
        flight.mass_kg,
        means.engine,
        request.insertion_epoch,
        request.perilune_altitude_m,
        request.apolune_altitude_m,
        means.moon_forces,
    )
    if insertion.status is InsertionStatus.NO_SOLUTION:
        return replace(design, flight=flight)
    ladder = plan_ladder(
        insertion.state, insertion.mass_kg, means.engine, wish, means.moon_forces, schedule=schedule
    )
    kept = bool(ladder.burns) and ladder.status in (LadderStatus.PLANNED, LadderStatus.BAND_LEFT)
    status = TransferStatus.FOUND if kept else TransferStatus.NO_ORBIT
    return Design(status, setting, burning, aim, flight, insertion, ladder if ladder.burns else None)
