"""Many payloads to many missions by mixed-integer optimisation (HiGHS through scipy), with a proven bound.

First every payload is given a flight, with all sums, windows and incompatibilities and without positions on
deck: leaving those out can only make the optimum better, so the solver's bound bounds the whole problem.
Then each flight's payloads are given slots (`placing`) with the centre of mass in its limits; what finds
no slot is left over. The gap told is that between the worth of what is really placed and the bound.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from perilune.commerce.manifest.geometry import between, length_m
from perilune.commerce.manifest.placing import place
from perilune.commerce.manifest.problem import Offer, Problem

#: Nodes of the search tree after which the best solution found is taken, whatever its gap: the same on every
#: machine, as a limit of time would not be.
_NODES: Final = 2000


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who flies where: (candidate, offer, slot id) each; who is left over and why; worth and bound."""

    placed: tuple[tuple[int, int, str], ...]
    left_over: tuple[tuple[int, str], ...]
    worth: int
    bound: int

    @property
    def gap(self) -> float:
        """Return by what share of the bound the worth may fall short of the optimum."""
        return 0.0 if self.bound == 0 else (self.bound - self.worth) / self.bound


class _Rows:
    """Rows of a sparse system, each at most its limit."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.limits: list[float] = []

    def add(self, terms: Sequence[tuple[int, float]], limit: float) -> None:
        row = len(self.limits)
        self.entries += [(row, column, value) for column, value in terms]
        self.limits.append(limit)

    def constraint(self, columns: int) -> Any:
        rows, cols, values = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        matrix = csr_array((values, (rows, cols)), shape=(len(self.limits), columns))
        return LinearConstraint(matrix, -np.inf, np.array(self.limits))


def assign(problem: Problem, gap: float = 0.008) -> Assignment:
    """Return the assignment of the greatest worth found, within `gap` of the best without positions."""
    chosen, bound = _master(problem, gap)
    placed: list[tuple[int, int, str]] = []
    homeless: dict[int, str] = {}
    for j, offer in enumerate(problem.offers):
        aboard = [i for i, to in chosen if to == j]
        slots, out = place(problem, j, aboard)
        placed += [(i, j, slots[i]) for i in aboard if i in slots]
        homeless |= dict.fromkeys(
            out, f"no slot on {offer.flight.mission} leaves its balance and views in order"
        )
    flying = {i for i, _, _ in placed}
    left_over = [
        (i, problem.why.get(i) or homeless.get(i) or "no room beside payloads worth more")
        for i in range(len(problem.candidates))
        if i not in flying
    ]
    worth = sum(problem.candidates[i].worth for i in flying)
    return Assignment(tuple(sorted(placed)), tuple(left_over), worth, max(bound, worth))


def _master(problem: Problem, gap: float) -> tuple[list[tuple[int, int]], int]:
    """Return the chosen pairs and the bound that is proven for all choices."""
    pairs = problem.pairs
    if not pairs:
        return [], 0
    rows = _Rows()
    _once(problem, rows)
    _sums(problem, rows)
    _slots(problem, rows)
    _companions(problem, rows)
    _foes(problem, rows)
    worth = np.array([float(problem.candidates[i].worth) for i, _ in pairs])
    found = milp(
        -worth,
        integrality=np.ones(len(pairs), dtype=np.int8),
        bounds=Bounds(0.0, 1.0),
        constraints=rows.constraint(len(pairs)),
        options={"mip_rel_gap": gap, "node_limit": _NODES},
    )
    if found.x is None:
        return [], int(sum(max(0.0, part) for part in worth))
    chosen = [pair for pair, taken in zip(pairs, found.x, strict=True) if taken > 0.5]
    return chosen, math.floor(-found.mip_dual_bound + 1e-6 * abs(found.mip_dual_bound))


def _once(problem: Problem, rows: _Rows) -> None:
    of: dict[int, list[int]] = defaultdict(list)
    for column, (i, _) in enumerate(problem.pairs):
        of[i].append(column)
    for columns in of.values():
        if len(columns) > 1:
            rows.add([(column, 1.0) for column in columns], 1.0)


def _sums(problem: Problem, rows: _Rows) -> None:
    for j, offer in enumerate(problem.offers):
        columns = _columns(problem, j)
        for k, limit in enumerate(offer.left):
            needs = [(column, problem.candidates[i].amounts[k]) for column, i in columns]
            if limit > 0 and sum(need for _, need in needs) > limit:
                rows.add([(column, need / limit) for column, need in needs if need], 1.0)


def _slots(problem: Problem, rows: _Rows) -> None:
    """Let no more payloads that fit only some slots fly than there are of these."""
    for j in range(len(problem.offers)):
        columns = [(column, frozenset(problem.slots[i, j])) for column, i in _columns(problem, j)]
        placed = [(column, fitting) for column, fitting in columns if fitting]
        for some in sorted({fitting for _, fitting in placed}, key=sorted):
            within = [column for column, fitting in placed if fitting <= some]
            if len(within) > len(some):
                rows.add([(column, 1.0) for column in within], float(len(some)))


def _columns(problem: Problem, j: int) -> list[tuple[int, int]]:
    return [(column, i) for column, (i, to) in enumerate(problem.pairs) if to == j]


def _companions(problem: Problem, rows: _Rows) -> None:
    """Let what rides on, or is released after, another payload fly only where that one flies."""
    number = {candidate.payload.id: i for i, candidate in enumerate(problem.candidates)}
    column = {pair: k for k, pair in enumerate(problem.pairs)}
    for (i, j), own in column.items():
        payload = problem.candidates[i].payload
        aboard = {item.name for item in problem.offers[j].items}
        for other in {payload.carrier, *payload.release_after} - {""} - aboard:
            theirs = column.get((number.get(other, -1), j))
            rows.add([(own, 1.0)] if theirs is None else [(own, 1.0), (theirs, -1.0)], 0.0)


def _foes(problem: Problem, rows: _Rows) -> None:
    """Let no two fly together that say so, or that disturb each other however far they stand."""
    for j, offer in enumerate(problem.offers):
        columns = _columns(problem, j)
        widest_m = _widest_m(offer)
        for k, (column, i) in enumerate(columns):
            for other, m in columns[k + 1 :]:
                if _hostile(problem, offer, (i, m), widest_m):
                    rows.add([(column, 1.0), (other, 1.0)], 1.0)


def _widest_m(offer: Offer) -> float:
    places = [slot.position_m for slot in offer.slots]
    return max((length_m(between(one, other)) for one in places for other in places), default=0.0)


def _hostile(problem: Problem, offer: Offer, pair: tuple[int, int], widest_m: float) -> bool:
    one, other = (problem.candidates[i].payload for i in pair)
    if other.id in one.apart_from or one.id in other.apart_from:
        return True
    excess = max(one.emc_emission - other.emc_tolerance, other.emc_emission - one.emc_tolerance)
    return excess * offer.flight.deck.emc_distance_m > widest_m
