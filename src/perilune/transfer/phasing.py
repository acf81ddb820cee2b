"""From launch to the flyby: phasing loops, and the chain of the whole transfer.

A launch window rarely fits the one perigee that a flyby asks for. Loops about the Earth before it bridge the
time; an impulse along the motion at the last perigee sets their period. A loop that passes the Moon would be
another flyby, which nobody planned: such loops are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from perilune import constants
from perilune.transfer._kernels import LUNAR, TERRESTRIAL, many_passages, passages
from perilune.transfer.arrival import plane_direction
from perilune.transfer.chain import Chain, Condition, Quantity
from perilune.transfer.flyby_family import (
    LEAST_MOON_DISTANCE_M,
    Member,
    arrival_conditions,
    coast,
    inclination_at_moon,
)
from perilune.transfer.request import DAY_S, Array, Setting
from perilune.transfer.shooting import Linearised, cost_m_s, optimise, restore, unknown_weights

#: What stands for the nearest passage of a loop that has none, m.
_NEVER_M: Final = 1e15
_MOST_LOOPS: Final = 4
_PERIGEE_LIMIT_M: Final = 6e7
_IMPULSES_M_S: Final = np.linspace(-60.0, 60.0, 241)
#: Just before the last perigee, so that it is not found again, s.
_STEP_BACK_S: Final = 60.0
#: A price of 1 (m/s) per scale squared; the scales below say what counts as little.
_INCLINATION_SCALE_RAD: Final = math.radians(0.1)
_PAD_SCALE_RAD: Final = math.radians(0.1)
#: The pad pulls the inclination out of its range: so much more a degree outside weighs than one from the pad.
_INCLINATION_OVER_PAD: Final = 50.0
#: Prices tried on the angle to the pad: tripled until the limit is passed, then halved in between.
_TURNS: Final = 10
_LEAST_PAD_PRICE: Final = 0.01
_HIGHEST_PAD_PRICE: Final = 30.0
_PRICE_RATIO: Final = 1.15
#: Part of a tolerance that the search uses, so that finite burns stay inside it.
_INSIDE: Final = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class LoopGuess:
    """Loops that lead from launch to a member's perigee, and the impulse (m/s) there that times them."""

    member: Member
    loops: int
    impulse_m_s: float
    injection_s: float
    injection_radius_m: float
    inclination_rad: float
    pad_angle_rad: float
    moon_distance_m: float

    def price_m_s(self, perigee_radius_m: float) -> float:
        """Return an estimate of all impulses: at a far apogee 10 m/s move a perigee by 1,000 km."""
        return abs(self.impulse_m_s) + abs(self.injection_radius_m - perigee_radius_m) / 1e5


@dataclass(frozen=True, slots=True)
class Prices:
    """What soft conditions cost; zero leaves one out."""

    inclination_weight: float = 0.0
    pad_weight: float = 0.0
    flyby_weight: float = 1.0
    window_weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Phased:
    """A whole transfer, impulsive: the chain, its unknowns, and what its nodes are."""

    chain: Chain
    unknowns: Array
    linearised: Linearised
    names: tuple[str, ...]
    flyby_node: int
    loops: int
    branch: int
    prices: Prices

    @property
    def dv_m_s(self) -> float:
        """Return the sum of impulses."""
        return float(self.chain.impulse_sizes_m_s(self.unknowns).sum())

    @property
    def converged(self) -> bool:
        """Whether every arc meets the next node."""
        return self.linearised.defect < 1e-7


def guess_loops(setting: Setting, member: Member) -> list[LoopGuess]:
    """Return the ways to loop back from a member's perigee into the injection window."""
    perigee = member.perigee
    middle_s = 0.5 * sum(setting.window_s)
    along = perigee.state[3:] / np.linalg.norm(perigee.state[3:])
    starts = np.repeat(perigee.state[None, :], len(_IMPULSES_M_S), axis=0)
    starts[:, 3:] += _IMPULSES_M_S[:, None] * along
    # A short way back along the arc, so that the perigee itself is not met again.
    for k, start in enumerate(starts):
        starts[k] = coast(setting, perigee.time_s, perigee.time_s - _STEP_BACK_S, start)
    n = len(starts)
    events, summaries, counts = np.zeros((n, 16, 9)), np.zeros((n, 10)), np.zeros(n, dtype=np.int64)
    limits = np.array([constants.MOON_RADIUS_M, 0.0, 2e9])
    many_passages(
        perigee.time_s - _STEP_BACK_S,
        setting.launch_s - 2.5 * DAY_S,
        starts,
        0.0,
        1e-9,
        limits,
        setting.light,
        events,
        summaries,
        counts,
    )
    guesses: list[LoopGuess] = []
    tracks: dict[int, tuple[int, Array]] = {}
    for k in range(n):
        loops, nearest = 0, _NEVER_M
        for row in events[k, : counts[k]]:
            if row[0] == LUNAR:
                nearest = min(nearest, float(row[2]))
            if row[0] != TERRESTRIAL or row[2] > _PERIGEE_LIMIT_M:
                continue
            loops += 1
            if loops > _MOST_LOOPS:
                break
            facts = _injection_facts(setting, row, middle_s, nearest)
            if loops in tracks and tracks[loops][0] == k - 1:
                before = tracks[loops][1]
                if before[0] * facts[0] < 0.0 and abs(before[0] - facts[0]) < 3.0 * DAY_S:
                    guesses.append(_between(member, loops, k, before, facts, middle_s))
            tracks[loops] = (k, facts)
    return [g for g in guesses if g.moon_distance_m > LEAST_MOON_DISTANCE_M]


def _injection_facts(setting: Setting, row: Array, middle_s: float, nearest_m: float) -> Array:
    h = np.cross(row[3:6], row[6:9])
    h /= np.linalg.norm(h)
    return np.array(
        [row[1] - middle_s, row[2], math.acos(h[2]), math.asin(float(h @ setting.pad)), nearest_m]
    )


def _between(member: Member, loops: int, k: int, before: Array, after: Array, middle_s: float) -> LoopGuess:
    share = before[0] / (before[0] - after[0])
    facts = before + share * (after - before)
    impulse = _IMPULSES_M_S[k - 1] + share * (_IMPULSES_M_S[k] - _IMPULSES_M_S[k - 1])
    return LoopGuess(
        member,
        loops,
        float(impulse),
        middle_s,
        float(facts[1]),
        float(facts[2]),
        float(facts[3]),
        float(min(before[4], after[4])),
    )


def whole_chain(setting: Setting, guess: LoopGuess) -> tuple[Chain, Array, tuple[str, ...], int] | None:
    """Return the chain from injection to insertion, its first unknowns, node names and the flyby's node."""
    member, perigee = guess.member, guess.member.perigee
    along = perigee.state[3:] / np.linalg.norm(perigee.state[3:])
    impulse = guess.impulse_m_s * along
    before = perigee.state + np.concatenate([np.zeros(3), impulse])
    times = _perigee_times(setting, guess, before)
    if times is None:
        return None
    names, node_times = ["injection"], [times[0]]
    for k, (low, high) in enumerate(pairwise(times), start=1):
        names += [f"apogee {k}", f"perigee {k}"]
        node_times += [0.5 * (low + high), high]
    states, now, state = [before], perigee.time_s, before
    for time in reversed(node_times[:-1]):
        state = coast(setting, now, time, state)
        now = time
        states.append(state)
    states.reverse()
    flyby_s = float(member.times_s[0])
    middle_s = 0.5 * (perigee.time_s + flyby_s)
    names.append("approach")
    node_times.append(middle_s)
    states.append(coast(setting, perigee.time_s, middle_s, perigee.state))
    flyby_node = len(names)
    names += ["flyby", *(f"transfer {k}" for k in range(1, len(member.times_s) - 1)), "insertion"]
    all_times = np.concatenate([node_times, member.times_s])
    all_states = np.concatenate([np.array(states), member.states])
    impulse_nodes = tuple(i for i, name in enumerate(names) if name.startswith(("apogee", "perigee")))
    chain = Chain(
        setting=setting,
        model=setting.light,
        times_s=all_times,
        impulse_nodes=impulse_nodes,
        free_times=(0, flyby_node),
        conditions=(),
        mass_kg=np.full(len(all_times) - 1, setting.request.mass_kg),
    )
    impulses = np.zeros((len(impulse_nodes), 3))
    impulses[-1] = -impulse
    return chain, chain.pack(all_states, impulses), tuple(names), flyby_node


def _perigee_times(setting: Setting, guess: LoopGuess, before: Array) -> list[float] | None:
    """Return the times of injection and of all perigees after it, in order."""
    perigee = guess.member.perigee
    start_s = perigee.time_s - _STEP_BACK_S
    state = coast(setting, perigee.time_s, start_s, before)
    events, summary = np.zeros((24, 9)), np.zeros(10)
    limits = np.array([constants.MOON_RADIUS_M, 0.0, 2e9])
    end_s = setting.launch_s - 2.0 * DAY_S
    count = passages(start_s, end_s, state, 0.0, 1e-10, limits, setting.light, events, summary)
    rows = [r for r in events[:count] if r[0] == TERRESTRIAL and r[2] < _PERIGEE_LIMIT_M]
    if len(rows) < guess.loops:
        return None
    return [float(r[1]) for r in reversed(rows[: guess.loops])] + [perigee.time_s]


def conditions(
    setting: Setting,
    chain: Chain,
    flyby_node: int,
    arrival: Array,
    perigee_radius_m: float,
    prices: Prices,
    *,
    node_offset_rad: float = 0.0,
    arrival_radius_m: float | None = None,
) -> tuple[Condition, ...]:
    """Return all conditions of a whole transfer. `arrival`, relative to the Moon, sets the plane's drift."""
    request, last = setting.request, chain.nodes - 1
    hard = [
        Condition(0, "earth", Quantity.DISTANCE, perigee_radius_m, perigee_radius_m, 1e6),
        Condition(0, "earth", Quantity.RADIAL, 0.0, 0.0, 1.0),
        Condition(flyby_node, "moon", Quantity.RADIAL, 0.0, 0.0, 1.0),
        *arrival_conditions(
            last,
            plane_direction(setting, inclination_at_moon(setting, arrival), node_offset_rad),
            arrival_radius_m or setting.perilune_radius_m,
        ),
    ]
    early, late = setting.window_s
    low, high = request.inclination_rad
    inset = min(math.radians(0.1), 0.2 * (high - low))
    soft = [
        Condition(0, "earth", Quantity.TIME, early, late, 60.0, prices.window_weight),
        *_flyby_conditions(setting, flyby_node, prices.flyby_weight),
    ]
    if prices.inclination_weight > 0.0:
        scale = _INCLINATION_SCALE_RAD
        soft.append(
            Condition(
                0, "earth", Quantity.INCLINATION, low + inset, high - inset, scale, prices.inclination_weight
            )
        )
    if prices.pad_weight > 0.0:
        soft.append(
            Condition(
                0, "earth", Quantity.PLANE, 0.0, 0.0, _PAD_SCALE_RAD, prices.pad_weight, direction=setting.pad
            )
        )
    return (*hard, *soft)


def _flyby_conditions(setting: Setting, node: int, weight: float) -> list[Condition]:
    flyby = setting.request.flyby
    out = []
    if flyby.epoch is not None:
        middle, reach = flyby.epoch - setting.base, _INSIDE * flyby.epoch_tolerance_s
        out.append(Condition(node, "moon", Quantity.TIME, middle - reach, middle + reach, 10.0, weight))
    if flyby.altitude_m is not None:
        middle, reach = constants.MOON_RADIUS_M + flyby.altitude_m, _INSIDE * flyby.altitude_tolerance_m
        out.append(Condition(node, "moon", Quantity.DISTANCE, middle - reach, middle + reach, 1e4, weight))
    else:
        low = constants.MOON_RADIUS_M + 200e3
        out.append(Condition(node, "moon", Quantity.DISTANCE, low, 6e7, 1e4, weight))
    return out


def solve(setting: Setting, guess: LoopGuess) -> Phased | None:
    """Turn a guess into a whole transfer: first feasible, then least in impulses and within inclinations."""
    built = whole_chain(setting, guess)
    if built is None:
        return None
    chain, z, names, flyby_node = built
    target = constants.EARTH_EQUATORIAL_RADIUS_M + setting.request.perigee_altitude_m
    start = float(np.linalg.norm(chain.unpack(z)[1][0, :3]))
    weights = unknown_weights(chain)
    here = None
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        radius = start + (target - start) * share
        arrival = _arrival(setting, chain, z)
        chain = chain.with_conditions(conditions(setting, chain, flyby_node, arrival, radius, Prices()))
        z, here = restore(chain, z, weights=weights)
        if not here.defect < 1e-7:
            return None
    assert here is not None
    phased = Phased(chain, z, here, names, flyby_node, guess.loops, guess.member.branch, Prices())
    return improve(setting, phased, Prices(inclination_weight=1.0, pad_weight=0.003))


def _arrival(setting: Setting, chain: Chain, z: Array) -> Array:
    out: Array = chain.unpack(z)[1][-1] - setting.moon(float(chain.times_s[-1]))
    return out


@dataclass(frozen=True, slots=True)
class Aim:
    """What insertion asks of the arrival: radius of the unburnt perilune, drift of the node beyond J2.

    A radius of None is that of the orbit itself.
    """

    arrival_radius_m: float | None = None
    node_offset_rad: float = 0.0


def improve(setting: Setting, phased: Phased, prices: Prices, aim: Aim | None = None) -> Phased:
    """Minimise the impulses under these prices, from where the transfer stands."""
    chain, z = phased.chain, phased.unknowns
    radius = constants.EARTH_EQUATORIAL_RADIUS_M + setting.request.perigee_altitude_m
    aimed = aim or Aim()
    chain = chain.with_conditions(
        conditions(
            setting,
            chain,
            phased.flyby_node,
            _arrival(setting, chain, z),
            radius,
            prices,
            node_offset_rad=aimed.node_offset_rad,
            arrival_radius_m=aimed.arrival_radius_m,
        )
    )
    z, here = optimise(chain, z, weights=unknown_weights(chain))
    return replace(phased, chain=chain, unknowns=z, linearised=here, prices=prices)


def toward_the_pad(setting: Setting, phased: Phased, limit_m_s: float, aim: Aim | None = None) -> Phased:
    """Turn the injection plane toward the launch pad as far as the limit on impulses allows."""
    best, low, high = phased, phased.prices.pad_weight, math.inf
    for _ in range(_TURNS):
        price = max(3.0 * low, _LEAST_PAD_PRICE) if math.isinf(high) else math.sqrt(low * high)
        if price > _HIGHEST_PAD_PRICE or high / price < _PRICE_RATIO:
            break
        trial = improve(setting, best, Prices(_INCLINATION_OVER_PAD * max(0.1, price), price), aim)
        if trial.converged and trial.dv_m_s <= limit_m_s:
            best, low = trial, price
        else:
            high = price
    return best


def pad_angle_rad(setting: Setting, phased: Phased) -> float:
    """Return the angle between the injection plane and the pad at launch, signed."""
    state = phased.chain.unpack(phased.unknowns)[1][0]
    h = np.cross(state[:3], state[3:])
    return math.asin(float(h @ setting.pad) / float(np.linalg.norm(h)))


def cost(phased: Phased) -> float:
    """Return the impulses and prices that were minimised, m/s."""
    return cost_m_s(phased.chain, phased.unknowns, phased.linearised)
