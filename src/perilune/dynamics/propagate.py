"""Propagation: from a state to an epoch under forces."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from perilune.dynamics import _kernels_coast
from perilune.dynamics.forces import Array, ForceModel, Model, compile_forces
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import ARRIVED, COLLAPSED, Leg, Trajectory
from perilune.epoch import Epoch
from perilune.errors import FrameError, InputError
from perilune.world.frames import Axes

#: Error a step may make, in units of the distance to the nearest body (and that over its dynamical time).
TOLERANCE: Final = 1e-11
#: Below this the error estimate is rounding noise, and steps collapse.
SMALLEST_TOLERANCE: Final = 1e-12
_ROWS: Final = 256


def propagate(
    state: State,
    until: Epoch | float,
    forces: ForceModel,
    *,
    stm: bool = False,
    mass_kg: float = 1000.0,
    tolerance: float = TOLERANCE,
) -> Trajectory:
    """Fly `state` until an epoch, or for a number of seconds (negative runs backwards).

    The frame's axes must be ICRF; its centre is the force centre. `mass_kg` matters to sunlight alone. Raises
    `InputError` for what can not be asked, `EpochError` outside the ephemeris; an arc that falls into the
    middle of a body ends with the outcome `COLLAPSED`.
    """
    end_s = _end(state, until)
    _check(state, mass_kg, tolerance)
    model = compile_forces(forces, state.frame.centre, state.epoch, 0.0, end_s, mass_kg=mass_kg)
    nodes, status, rejected = _coast(0.0, end_s, state.vector, 1.0 / mass_kg, tolerance, model, stm)
    legs = (Leg(nodes, model, 1.0 / mass_kg),)
    outcome = ARRIVED if status == _kernels_coast.DONE else COLLAPSED
    matrix = nodes[-1, 7:].reshape(6, 6).copy() if stm else None
    return Trajectory(state.epoch, state.frame, legs, outcome, rejected, matrix)


def propagate_many(
    states: Sequence[State],
    until: Epoch | float,
    forces: ForceModel,
    *,
    threads: int = 2,
    mass_kg: float = 1000.0,
    tolerance: float = TOLERANCE,
) -> Array:
    """Fly many states of one epoch and frame; return final positions and velocities (n, 6).

    The result does not depend on the number of threads, bit for bit. An arc that collapses gives a row of NaN.
    """
    if not states:
        return np.zeros((0, 6))
    first = states[0]
    for state in states:
        if state.epoch != first.epoch or state.frame != first.frame:
            raise InputError("The states differ in epoch or frame. Propagate each kind apart.")
        _check(state, mass_kg, tolerance)
    end_s = _end(first, until)
    model = compile_forces(forces, first.frame.centre, first.epoch, 0.0, end_s, mass_kg=mass_kg)
    starts = np.array([state.vector for state in states])
    ends = np.full_like(starts, np.nan)
    parts = np.array_split(np.arange(len(states)), max(1, threads) * 4)
    slices = [slice(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]

    def fly(rows: slice) -> None:
        _kernels_coast.coast_many(0.0, end_s, starts[rows], 1.0 / mass_kg, tolerance, model, ends[rows])

    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        list(pool.map(fly, slices))
    return ends


def _end(state: State, until: Epoch | float) -> float:
    end_s = until - state.epoch if isinstance(until, Epoch) else float(until)
    if not np.isfinite(end_s):
        raise InputError(f"The duration is {end_s!r} s. Give a finite number of seconds or an epoch.")
    return end_s


def _check(state: State, mass_kg: float, tolerance: float) -> None:
    if state.frame.axes is not Axes.ICRF:
        raise FrameError(
            f"The state's axes are {state.frame.axes.name}. Transform it to ICRF to propagate it."
        )
    if not mass_kg > 0.0:
        raise InputError(f"mass_kg is {mass_kg!r}. Give a mass above 0 kg.")
    if not tolerance >= SMALLEST_TOLERANCE:
        raise InputError(
            f"The tolerance {tolerance!r} is below {SMALLEST_TOLERANCE}, where the error estimate is rounding noise. "
            f"Choose {SMALLEST_TOLERANCE} or more."
        )


def _coast(
    start_s: float, end_s: float, y: Array, inverse_mass: float, tolerance: float, model: Model, stm: bool
) -> tuple[Array, int, int]:
    """Return every accepted step, the status and the number of rejected steps."""
    start = np.concatenate([y, np.eye(6).ravel()]) if stm else y
    blocks: list[Array] = []
    t_s, h_s, rejected, rows = start_s, 0.0, 0, _ROWS
    while True:
        nodes = np.empty((rows, 1 + len(start)))
        status, count, refused, h_s = _kernels_coast.coast(
            t_s, end_s, start, h_s, inverse_mass, tolerance, model, nodes
        )
        blocks.append(nodes[(1 if blocks else 0) : count])
        rejected += refused
        if status != _kernels_coast.FULL:
            return np.concatenate(blocks), status, rejected
        t_s, start = float(nodes[count - 1, 0]), nodes[count - 1, 1:].copy()
        rows = min(2 * rows, 65536)
