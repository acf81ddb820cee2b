"""heyoka on DE440: two ways to feed it Chebyshev pieces, one propagation a piece.

`cheb` builds the polynomials T_k of a piece once and shares them; the 78 coefficients are runtime parameters.
`chain` integrates each coordinate of Moon and Sun beside the spacecraft: a polynomial of degree 12 is a
chain of 13 linear states s_j' = s_(j+1), exact, and free of convolutions, so it is heyoka's fastest form.
Lengths are in units of `LENGTH_M` and times in `TIME_S`, so that the spacecraft leads the step control.
"""

from __future__ import annotations

import copy
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import heyoka as hy
import numpy as np
from numpy.polynomial import chebyshev

from benchmarks import de440
from benchmarks.arcs import Arc

LENGTH_M = 2.0**20  # m: powers of two, so that no digit is lost in the change of units
TIME_S = 2.0**10  # s
PIECE = de440.PIECE_S / TIME_S
_GM_UNIT = LENGTH_M**3 / TIME_S**2
#: Chains are scaled down by this, so that their size does not loosen the step control.
CHAIN_SCALE = 2.0**20


def _gravity(arc: Arc, position: list[Any], moon: list[Any], sun: list[Any]) -> list[Any]:
    """Return the acceleration as expressions: Earth, Moon and Sun as points, sunlight without shadow."""

    def over_cube(vector: list[Any]) -> list[Any]:
        inverse = hy.sum([x**2 for x in vector]) ** -1.5
        return [x * inverse for x in vector]

    to_moon = [m - x for m, x in zip(moon, position, strict=True)]
    to_sun = [s - x for s, x in zip(sun, position, strict=True)]
    gm_earth, gm_moon, gm_sun = (gm / _GM_UNIT for gm in arc.gm_m3_s2)
    light = arc.light_m3_s2 / _GM_UNIT
    terms = zip(
        over_cube(position),
        over_cube(to_moon),
        over_cube(moon),
        over_cube(to_sun),
        over_cube(sun),
        strict=True,
    )
    return [
        hy.sum([-gm_earth * e, gm_moon * m, -gm_moon * m0, (gm_sun - light) * s, -gm_sun * s0])
        for e, m, m0, s, s0 in terms
    ]


def cheb_system(arc: Arc) -> list[Any]:
    position = list(hy.make_vars("x", "y", "z"))
    velocity = list(hy.make_vars("vx", "vy", "vz"))
    tau = 2.0 * hy.time / PIECE - 1.0
    polynomials = [hy.expression(1.0), tau]
    while len(polynomials) < de440.COEFFICIENTS:
        polynomials.append(2.0 * tau * polynomials[-1] - polynomials[-2])
    bodies = [
        hy.sum([hy.par[13 * k + j] * polynomials[j] for j in range(de440.COEFFICIENTS)]) for k in range(6)
    ]
    acceleration = _gravity(arc, position, bodies[:3], bodies[3:])
    return [*zip(position, velocity, strict=True), *zip(velocity, acceleration, strict=True)]


def chain_system(arc: Arc) -> list[Any]:
    position = list(hy.make_vars("x", "y", "z"))
    velocity = list(hy.make_vars("vx", "vy", "vz"))
    chains = [[hy.make_vars(f"b{k}_{j}") for j in range(de440.COEFFICIENTS)] for k in range(6)]
    bodies = [chain[0] * CHAIN_SCALE for chain in chains]
    acceleration = _gravity(arc, position, bodies[:3], bodies[3:])
    rows = [*zip(position, velocity, strict=True), *zip(velocity, acceleration, strict=True)]
    for chain in chains:
        rows += [(a, b / PIECE) for a, b in itertools.pairwise(chain)]
        rows.append((chain[-1], hy.expression(0.0)))
    return rows


def cheb_rows(pieces_m: Any) -> Any:
    """Return parameters[piece, 78] of the `cheb` system."""
    return pieces_m.reshape(len(pieces_m), -1) / LENGTH_M


def chain_rows(pieces_m: Any) -> Any:
    """Return initial chain states[piece, 78]: derivatives by the share of the piece, at its begin."""
    rows = np.empty((len(pieces_m), 6, de440.COEFFICIENTS), dtype=pieces_m.dtype)
    for i, piece in enumerate(pieces_m.reshape(len(pieces_m), 6, de440.COEFFICIENTS)):
        for k, terms in enumerate(piece):
            for j in range(de440.COEFFICIENTS):
                rows[i, k, j] = chebyshev.chebval(np.longdouble(-1), chebyshev.chebder(terms, j)) * 2**j
    return rows.reshape(len(pieces_m), -1) / (LENGTH_M * CHAIN_SCALE)


def initial_state(arc: Arc) -> Any:
    return np.concatenate(
        [np.array(arc.position_m) / LENGTH_M, np.array(arc.velocity_m_s) * (TIME_S / LENGTH_M)]
    )


def final_state(state: Any) -> Any:
    """Return (6,) in m and m/s; extended precision where the state has it."""
    if state.dtype != np.dtype(float):
        high = state.astype(float)
        state = high + (state - high.astype(state.dtype)).astype(float).astype(np.longdouble)
    return np.concatenate([state[:3] * LENGTH_M, state[3:6] * (LENGTH_M / TIME_S)])


class Propagator:
    """One compiled integrator that flies its arc piece by piece.

    `form` is "cheb" or "chain"; `real` a heyoka number type; `stm` adds the 6x6 state transition matrix.
    """

    def __init__(
        self, arc: Arc, form: str, tolerance: float, real: Any = float, stm: bool = False, **options: Any
    ) -> None:
        self.arc, self.form, self.real = arc, form, real
        begin_s, pieces_m = de440.pieces_m(arc.epoch_tdb_s, arc.duration_s)
        rows = cheb_rows(pieces_m) if form == "cheb" else chain_rows(pieces_m)
        self.rows = np.asarray(rows, dtype=float) if real is float else _as_real(rows, real)
        system: Any = cheb_system(arc) if form == "cheb" else chain_system(arc)
        start = initial_state(arc).astype(float)
        zeros = np.zeros(78) if form == "chain" else np.zeros(0)
        if stm:
            system = hy.var_ode_sys(system, list(hy.make_vars("x", "y", "z", "vx", "vy", "vz")), order=1)
        unit = (lambda x: x) if real is float else (lambda x: _as_real(np.array([x]), real)[0])
        self.tolerance = tolerance
        first = np.concatenate([start, zeros])
        self.integrator = hy.taylor_adaptive(
            system,
            _as_real(first, real) if real is not float else first,
            tol=unit(tolerance),
            fp_type=real,
            pars=self.rows[0] if form == "cheb" else [],
            **options,
        )
        self.initial = np.array(self.integrator.state)
        self.offset = unit((arc.epoch_tdb_s - begin_s) / TIME_S)
        self.end = unit((arc.epoch_tdb_s - begin_s + arc.duration_s) / TIME_S)
        self.piece, self.zero = unit(PIECE), unit(0.0)

    def fly(self, start: Any = None, offset: Any = None) -> Any:
        """Return the final (6,) state in m and m/s.

        `start` (6,) in m and m/s replaces the arc's own; `offset`, in the integrator's units, is added to it.
        """
        ta = self.integrator
        ta.state[:] = self.initial
        if start is not None:
            scaled = np.concatenate([start[:3] / LENGTH_M, start[3:] * (TIME_S / LENGTH_M)])
            ta.state[:6] = scaled if self.real is float else _as_real(scaled, self.real)
        if offset is not None:
            ta.state[:6] += offset
        for i, row in enumerate(self.rows):
            if self.form == "cheb":
                ta.pars[:] = row
            else:
                ta.state[6:84] = row
            ta.time = self.offset if i == 0 else self.zero
            if i == 0 and self.form == "chain":
                ta.state[6:84] = shift(row, self.offset / self.piece)
            until = self.piece if i + 1 < len(self.rows) else self.end - self.piece * (len(self.rows) - 1)
            ta.propagate_until(until)
        return final_state(ta.state)

    def transition(self) -> Any:
        """Return the state transition matrix (6, 6) of the last flight, in m and m/s."""
        scale = np.array([LENGTH_M] * 3 + [LENGTH_M / TIME_S] * 3)
        rows = self.integrator.state[self.integrator.get_vslice(order=1)].reshape(6, 6)
        return rows * scale[:, None] / scale[None, :]


class BatchPropagator:
    """Many neighbours of one arc: lanes of one vector integrator, and copies of it on threads."""

    def __init__(
        self, arc: Arc, form: str, tolerance: float, lanes: int, threads: int, **options: Any
    ) -> None:
        begin_s, pieces_m = de440.pieces_m(arc.epoch_tdb_s, arc.duration_s)
        rows = np.asarray(cheb_rows(pieces_m) if form == "cheb" else chain_rows(pieces_m), dtype=float)
        self.form, self.lanes = form, lanes
        self.offset = (arc.epoch_tdb_s - begin_s) / TIME_S
        self.last = (arc.epoch_tdb_s - begin_s + arc.duration_s) / TIME_S - PIECE * (len(rows) - 1)
        if form == "chain":
            rows[0] = shift(rows[0], self.offset / PIECE)
        self.rows = np.repeat(rows[:, :, None], lanes, axis=2)
        size = 6 + (78 if form == "chain" else 0)
        first = hy.taylor_adaptive_batch(
            cheb_system(arc) if form == "cheb" else chain_system(arc), np.ones((size, lanes)), tol=tolerance,
            pars=self.rows[0] if form == "cheb" else np.zeros((0, lanes)), **options,
        )  # fmt: skip
        self.integrators = [first, *(copy.deepcopy(first) for _ in range(threads - 1))]
        self.pool = ThreadPoolExecutor(threads)

    def fly_many(self, starts: Any) -> Any:
        """Return final states (n, 6) in m and m/s of starts (n, 6); n a multiple of lanes and threads."""
        shares = np.array_split(np.asarray(starts), len(self.integrators))
        return np.concatenate(list(self.pool.map(self._fly_share, self.integrators, shares)))

    def _fly_share(self, integrator: Any, starts: Any) -> Any:
        scale = np.array([1 / LENGTH_M] * 3 + [TIME_S / LENGTH_M] * 3)
        final = np.empty_like(starts)
        for i in range(0, len(starts), self.lanes):
            group = starts[i : i + self.lanes]
            integrator.state[:6, : len(group)] = (group * scale).T
            self._fly_group(integrator)
            final[i : i + self.lanes] = integrator.state[:6, : len(group)].T / scale
        return final

    def _fly_group(self, integrator: Any) -> None:
        last = len(self.rows) - 1
        for i, row in enumerate(self.rows):
            if self.form == "cheb":
                integrator.pars[:] = row
            else:
                integrator.state[6:84] = row
            integrator.set_time(self.offset if i == 0 else 0.0)
            integrator.propagate_until(self.last if i == last else PIECE)


def shift(row: Any, share: Any) -> Any:
    """Return chain states moved from a piece's begin to a share of it: the Taylor sum of each derivative."""
    chains = row.reshape(6, de440.COEFFICIENTS)
    moved = chains.copy()
    for j in range(de440.COEFFICIENTS):
        total = chains[:, -1]
        for k in range(de440.COEFFICIENTS - 2, j - 1, -1):
            total = chains[:, k] + total * (share / (k - j + 1))
        moved[:, j] = total if j < de440.COEFFICIENTS - 1 else chains[:, -1]
    return moved.reshape(-1)


def _as_real(values: Any, real: Any) -> Any:
    """Return extended-precision numbers as heyoka's own reals, each as the sum of two doubles."""
    high = np.asarray(values, dtype=float)
    low = np.asarray(np.asarray(values, dtype=np.longdouble) - high, dtype=float)
    return high.astype(real) + low.astype(real)
