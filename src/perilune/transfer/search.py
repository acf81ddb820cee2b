"""The wide search: arcs backward from insertion, kept where they come from far out and from near the Moon.

After Parker (2006) and the surveys of low-energy transfers, the arrival is fixed (epoch, perilune, a plane
that holds the landing site) and its energy, inclination and argument of perilune are swept. The filter on the
largest distance from the Earth is what separates transfers from orbits captured for a while (measured: 371 of
92,000 passages remain).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune import constants
from perilune.transfer._kernels import LUNAR, many_passages
from perilune.transfer.arrival import arrivals, planes
from perilune.transfer.request import DAY_S, Array, Setting

Progress = Callable[[str, float | None], None]

#: A transfer goes out at least so far from the Earth; what stays nearer is an orbit that the Moon holds.
FAR_M: Final = 8e8
#: Passages of the Moon within this distance can be pulled to the wished altitude by shooting.
NEAR_M: Final = 8e7
#: Nearest flyby before insertion worth looking at, s.
_SHORTEST_S: Final = 40.0 * DAY_S
_TOLERANCE: Final = 1e-9
_PASSAGES: Final = 12
_CHUNK: Final = 1000
#: Beyond this distance from the Earth nothing comes back in time.
_GIVE_UP_M: Final = 2.0e9


@dataclass(frozen=True, slots=True)
class Sweep:
    """How finely arrivals are swept: twice the energy (m^2/s^2), inclinations, argument steps."""

    energies_m2_s2: tuple[float, ...] = tuple(float(e) for e in np.arange(-30e3, 120e3, 10e3))
    inclinations: int = 29
    arguments: int = 120


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """An arc that comes from near the Moon: its Earth-centred states (6,) at insertion and at the passage."""

    branch: int
    arrival: Array
    passage_s: float
    passage_m: float
    passage: Array
    farthest_m: float
    farthest_s: float
    v_infinity_m_s: float


def sweep_starts(setting: Setting, sweep: Sweep) -> tuple[Array, Array]:
    """Return the arrivals (n, 6) and the branch of each (n,)."""
    starts, branches = [], []
    arguments = np.linspace(0.0, 2.0 * math.pi, sweep.arguments, endpoint=False)
    energy, argument = (a.ravel() for a in np.meshgrid(sweep.energies_m2_s2, arguments, indexing="ij"))
    for branch, inclination, node in planes(setting, sweep.inclinations):
        starts.append(arrivals(setting, energy, inclination, branch, argument, node_rad=node))
        branches.append(np.full(len(energy), branch))
    return np.concatenate(starts), np.concatenate(branches)


def sweep_backward(
    setting: Setting, starts: Array, until_s: float, threads: int, progress: Progress
) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Run all arcs backward; return passages (n, 12, 9), summaries (n, 10) and counts (n,)."""
    n = len(starts)
    events, summaries = np.zeros((n, _PASSAGES, 9)), np.zeros((n, 10))
    counts = np.zeros(n, dtype=np.int64)
    limits = np.array([constants.MOON_RADIUS_M, constants.EARTH_EQUATORIAL_RADIUS_M, _GIVE_UP_M])
    slices = [slice(i, min(i + _CHUNK, n)) for i in range(0, n, _CHUNK)]

    def run(rows: slice) -> None:
        many_passages(
            0.0,
            until_s,
            starts[rows],
            0.0,
            _TOLERANCE,
            limits,
            setting.light,
            events[rows],
            summaries[rows],
            counts[rows],
        )

    with ThreadPoolExecutor(max_workers=threads) as pool:
        try:
            for done, _ in enumerate(pool.map(run, slices)):
                progress("sweeping arrivals backward", (done + 1) / len(slices))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return events, summaries, counts


def find_seeds(
    setting: Setting, sweep: Sweep | None = None, *, threads: int = 2, progress: Progress = lambda *_: None
) -> list[Seed]:
    """Return the arcs worth polishing, those nearest to the wished passage first."""
    starts, branches = sweep_starts(setting, sweep or Sweep())
    wish = setting.request.flyby
    wished_s = None if wish.epoch is None else wish.epoch - setting.base
    earliest_s = setting.launch_s + 2.0 * DAY_S
    until_s = max(earliest_s, -130.0 * DAY_S)
    if wished_s is not None:
        until_s = max(until_s, wished_s - 3.0 * DAY_S)
    events, summaries, counts = sweep_backward(setting, starts, until_s, threads, progress)
    seeds = []
    for i in np.flatnonzero(summaries[:, 0] > FAR_M):
        for row in events[i, : counts[i]]:
            if row[0] != LUNAR or row[1] > summaries[i, 1] or row[2] > NEAR_M or row[1] > -_SHORTEST_S:
                continue
            if wished_s is not None and abs(row[1] - wished_s) > 3.0 * DAY_S:
                continue
            relative = row[3:] - setting.moon(float(row[1]))
            v2 = float(relative[3:] @ relative[3:]) - 2.0 * constants.GM_MOON_M3_S2 / float(row[2])
            if v2 <= 0.0:
                continue
            seeds.append(
                Seed(
                    int(branches[i]),
                    starts[i].copy(),
                    float(row[1]),
                    float(row[2]),
                    row[3:].copy(),
                    float(summaries[i, 0]),
                    float(summaries[i, 1]),
                    math.sqrt(v2),
                )
            )
    seeds.sort(key=lambda s: abs(s.passage_s - wished_s) if wished_s is not None else -s.v_infinity_m_s)
    return seeds
