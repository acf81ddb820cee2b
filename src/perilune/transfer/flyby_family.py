"""The one-parameter families of transfers through a flyby, and their members that a launch can reach.

With the flyby's epoch and altitude, the perilune at insertion and the landing plane fixed, a transfer still
may turn about its outgoing asymptote. Along that turn the perigee before the flyby sweeps from far out down
to a few thousand kilometres: only a short stretch of it can be launched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from perilune import constants
from perilune.transfer._kernels import LUNAR, TERRESTRIAL, passages
from perilune.transfer.arrival import plane_direction
from perilune.transfer.chain import LENGTH_M, STATE_SCALE, Chain, Condition, Quantity
from perilune.transfer.request import DAY_S, Array, Setting
from perilune.transfer.search import Seed
from perilune.transfer.shooting import Linearised, linearise, restore, unknown_weights

#: Nodes between flyby and insertion, before insertion, s; where the arc bends most they stand closest.
_NODES_S: Final = tuple(days * DAY_S for days in (1.0, 5.0, 16.5, 33.0, 51.0, 67.0, 76.0, 90.0, 105.0, 120.0))
#: A node this near to the flyby would only repeat it, s.
_CLEARANCE_S: Final = 3.0 * DAY_S
#: Perigees above this radius can not be reached from a launch orbit by small manoeuvres, m.
HIGHEST_PERIGEE_M: Final = 16e6
#: Nearest distance to the Moon away from flyby and insertion, m: its sphere of influence is 66,000 km.
LEAST_MOON_DISTANCE_M: Final = 5.5e7
#: Between flyby and insertion a transfer may meet the Moon again, but not nearer than this, m (2,000 km above
#: ground).
LEAST_PASS_M: Final = 3.74e6
#: So long the flyby, and the insertion, last, s.
_ENCOUNTER_S: Final = 2.0 * DAY_S
#: Below this perigee (m) the family is followed in short steps (rad of turn).
_LOW_M: Final = 5e7
_LONG_STRIDE_RAD: Final = 0.12
_SHORT_STRIDE_RAD: Final = 0.05
_PERIGEE_SEARCH_S: Final = 20.0 * DAY_S
_CONVERGED: Final = 1e-7
#: Parts of the way from a seed's passage to the wished one.
_FIRST_SHARE: Final = 0.1
_LEAST_SHARE: Final = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class Perigee:
    """The perigee before a flyby: time (s), radius (m), state (6,)."""

    time_s: float
    radius_m: float
    state: Array


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A transfer from flyby to insertion, with the perigee that precedes it."""

    branch: int
    times_s: Array
    states: Array
    perigee: Perigee


def leg_chain(setting: Setting, times_s: Array, states: Array, flyby_radius_m: float) -> Chain:
    """Return the chain from flyby (node 0) to insertion (the last) with all its conditions."""
    last = len(times_s) - 1
    relative = states[-1] - setting.moon(float(times_s[-1]))
    inclination = inclination_at_moon(setting, relative)
    return Chain(
        setting=setting,
        model=setting.light,
        times_s=times_s,
        impulse_nodes=(),
        free_times=(),
        conditions=(
            Condition(0, "moon", Quantity.DISTANCE, flyby_radius_m, flyby_radius_m, 1e7),
            Condition(0, "moon", Quantity.RADIAL, 0.0, 0.0, 1.0),
            *arrival_conditions(last, plane_direction(setting, inclination), setting.perilune_radius_m),
        ),
        mass_kg=np.full(last, setting.request.mass_kg),
    )


def arrival_conditions(node: int, direction: Array, radius_m: float) -> tuple[Condition, ...]:
    """Return what holds at insertion: a perilune of this radius in a plane through this direction."""
    return (
        Condition(node, "moon", Quantity.DISTANCE, radius_m, radius_m, 1e6),
        Condition(node, "moon", Quantity.RADIAL, 0.0, 0.0, 1.0),
        Condition(node, "moon", Quantity.PLANE, 0.0, 0.0, 1.0, direction=direction),
    )


def inclination_at_moon(setting: Setting, relative: Array) -> float:
    """Return the inclination (rad) to the lunar equator of a Moon-relative state (6,)."""
    h = setting.pole_from_icrf @ np.cross(relative[:3], relative[3:])
    return math.acos(float(h[2]) / float(np.linalg.norm(h)))


def reach_flyby(
    setting: Setting, seed: Seed, flyby_s: float, flyby_radius_m: float
) -> tuple[Array, Array] | None:
    """Pull a seed to a flyby of this time and radius; return node times and states, None where that fails.

    Time and radius are moved together along a homotopy whose steps halve where shooting fails and grow where
    it is easy, so that the solution stays with its family: long steps end in transfers that pass the Moon
    twice.
    """
    times, states = _seed_nodes(setting, seed, flyby_s)
    done, step = 0.0, _FIRST_SHARE
    while done < 1.0:
        share = min(1.0, done + step)
        now = seed.passage_s + (flyby_s - seed.passage_s) * share
        radius = seed.passage_m + (flyby_radius_m - seed.passage_m) * share
        solved = _moved_flyby(setting, times, states, now, radius)
        if solved is None:
            step *= 0.5
            if step < _LEAST_SHARE:
                return None
            continue
        times, states = solved
        done, step = share, step * 1.6
    return (times, states) if nearest_pass_m(setting, times, states) > LEAST_PASS_M else None


def _moved_flyby(
    setting: Setting, times_s: Array, states: Array, flyby_s: float, radius_m: float
) -> tuple[Array, Array] | None:
    """Return the leg with its flyby at another time and radius, None where Newton fails at once."""
    times, first = times_s.copy(), states.copy()
    relative = states[0] - setting.moon(float(times_s[0]))
    relative[:3] *= radius_m / float(np.linalg.norm(relative[:3]))
    first[0] = relative + setting.moon(flyby_s)
    times[0] = flyby_s
    chain = leg_chain(setting, times, first, radius_m)
    z, here = restore(chain, chain.pack(first), weights=unknown_weights(chain), steps=12, step_scale=0.1)
    return (times, chain.unpack(z)[1]) if here.defect < _CONVERGED else None


def _seed_nodes(setting: Setting, seed: Seed, flyby_s: float) -> tuple[Array, Array]:
    limit = max(seed.passage_s, flyby_s) + _CLEARANCE_S
    inner = [-before_s for before_s in _NODES_S if -before_s > limit]
    times = np.array([seed.passage_s, *reversed(inner), 0.0])
    states = np.empty((len(times), 6))
    states[-1] = seed.arrival
    for i in range(len(times) - 2, -1, -1):
        states[i] = coast(setting, float(times[i + 1]), float(times[i]), states[i + 1])
    return times, states


def coast(setting: Setting, start_s: float, end_s: float, state: Array) -> Array:
    """Return the state (6,) to which Earth, Moon and Sun carry one, forward or backward."""
    summary = np.zeros(10)
    limits = np.array([0.0, 0.0, 1e12])
    passages(start_s, end_s, state, 0.0, 1e-11, limits, setting.light, np.zeros((0, 9)), summary)
    return summary[4:].copy()


def perigee_before(setting: Setting, time_s: float, state: Array) -> Perigee | None:
    """Return the first perigee on the way back from a flyby, None where there is none within 20 days."""
    events, summary = np.zeros((8, 9)), np.zeros(10)
    limits = np.array([constants.MOON_RADIUS_M, 0.0, 2e9])
    end_s = max(time_s - _PERIGEE_SEARCH_S, setting.launch_s - 2.0 * DAY_S)
    count = passages(time_s, end_s, state, 0.0, 1e-10, limits, setting.light, events, summary)
    for row in events[:count]:
        if row[0] == TERRESTRIAL:
            return Perigee(float(row[1]), float(row[2]), row[3:].copy())
    return None


def nearest_pass_m(setting: Setting, times_s: Array, states: Array) -> float:
    """Return the nearest passage of the Moon (m) between flyby and insertion, infinite without one."""
    limits = np.array([0.0, 0.0, 1e12])
    nearest = math.inf
    for i in range(len(times_s) - 1):
        events, summary = np.zeros((4, 9)), np.zeros(10)
        count = passages(
            float(times_s[i]),
            float(times_s[i + 1]),
            states[i],
            0.0,
            1e-9,
            limits,
            setting.light,
            events,
            summary,
        )
        for row in events[:count]:
            apart = min(row[1] - times_s[0], times_s[-1] - row[1])
            if row[0] == LUNAR and apart > _ENCOUNTER_S:
                nearest = min(nearest, float(row[2]))
    return nearest


def launchable_members(setting: Setting, branch: int, times_s: Array, states: Array) -> list[Member]:
    """Follow the family through a member, both ways round, and return those with a low perigee.

    The family is followed along the null vector of the Jacobian (pseudo-arclength), so that folds do no harm;
    steps are short where the perigee is low.
    """
    found: list[Member] = []
    start = np.asarray(states[0, :3] - setting.moon(float(times_s[0]))[:3])
    radius = float(np.linalg.norm(start))
    for sense in (1.0, -1.0):
        chain = leg_chain(setting, times_s, states, radius)
        weights = unknown_weights(chain)
        z, tangent, turned, stride = chain.pack(states), None, 0.0, _LONG_STRIDE_RAD
        here = linearise(chain, z)
        while turned < math.pi:
            null = np.linalg.svd(here.hard_jacobian)[2][-1]
            null /= float(np.linalg.norm(null[:3])) * LENGTH_M / radius
            null *= sense if tangent is None else math.copysign(1.0, float(null @ tangent))
            advanced = _advance(chain, z, null, stride, weights)
            if advanced is None:
                break
            step, z, here = advanced
            tangent, turned = null, turned + step
            chain = _follow_inclination(setting, chain, z)
            member_states = chain.unpack(z)[1]
            perigee = perigee_before(setting, float(times_s[0]), member_states[0])
            near = perigee is not None and perigee.radius_m < _LOW_M
            stride = _SHORT_STRIDE_RAD if near else _LONG_STRIDE_RAD
            if perigee is not None and perigee.radius_m < HIGHEST_PERIGEE_M:
                found.append(Member(branch, times_s.copy(), member_states, perigee))
    return found


def _advance(
    chain: Chain, z: Array, null: Array, step: float, weights: Array
) -> tuple[float, Array, Linearised] | None:
    """Step along the tangent and restore; halve the step where that fails, None where it always does."""
    for _ in range(5):
        trial, here = restore(chain, z + step * null, weights=weights, steps=15)
        if here.defect < 1e-8:
            return step, trial, here
        step *= 0.4
    return None


def _follow_inclination(setting: Setting, chain: Chain, z: Array) -> Chain:
    """Return the chain whose plane direction belongs to the inclination now reached."""
    states = (z[: 6 * chain.nodes].reshape(-1, 6) * STATE_SCALE)[-1]
    relative = states - setting.moon(float(chain.times_s[-1]))
    direction = plane_direction(setting, inclination_at_moon(setting, relative))
    conditions = tuple(
        replace(c, direction=direction) if c.quantity is Quantity.PLANE else c for c in chain.conditions
    )
    return chain.with_conditions(conditions)
