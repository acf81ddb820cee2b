"""Propagation: from a state to an epoch under forces, through burns and impulses, looking for events."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perilune.dynamics import _kernels_coast, _kernels_dop, _kernels_events, _kernels_lanes
from perilune.dynamics._kernels_rkn import COLLAPSED as STATUS_COLLAPSED
from perilune.dynamics._kernels_rkn import FULL
from perilune.dynamics.burns import Burn, Impulse
from perilune.dynamics.events import Detector, Event
from perilune.dynamics.forces import Array, ForceModel, Model, body_index, compile_forces
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import ARRIVED, COLLAPSED, STOPPED, Leg, Trajectory
from perilune.epoch import Epoch
from perilune.errors import FrameError, InputError
from perilune.world import ephemeris
from perilune.world.frames import Axes

#: Error a step may make, in units of the distance to the nearest body (and that over its dynamical time).
TOLERANCE: Final = 1e-11
#: Below this the error estimate is rounding noise, and steps collapse.
SMALLEST_TOLERANCE: Final = 1e-12
#: DOP853 is of lower order: at the same tolerance its errors would add up to more.
_DOP_SHARE: Final = 0.03
_ROWS: Final = 256
_MOST_ROWS: Final = 65536
DEPLETED: Final = "propellant depleted"

Manoeuvre = Burn | Impulse


def propagate(
    state: State,
    until: Epoch | float,
    forces: ForceModel,
    *,
    burns: Sequence[Manoeuvre] = (),
    events: Sequence[Detector] = (),
    stm: bool = False,
    mass_kg: float = 1000.0,
    propellant_kg: float | None = None,
    tolerance: float = TOLERANCE,
) -> Trajectory:
    """Fly `state` until an epoch, or for a number of seconds (negative runs backwards).

    The frame's axes must be ICRF; its centre is the force centre. `mass_kg` is the whole mass at the start,
    of which `propellant_kg` can be burnt: where it ends, the burn ends, with an event `DEPLETED`. Coasts use
    RKN12(10), burns and relativity DOP853. Raises `InputError` for what can not be asked, `EpochError`
    outside the ephemeris; an arc that falls into the middle of a body ends with the outcome `COLLAPSED`.
    """
    end_s = _end(state, until)
    _check(state, mass_kg, tolerance)
    flight = _Flight.prepare(state, end_s, forces, burns, events, stm, mass_kg, propellant_kg, tolerance)
    for item in _timeline(state.epoch, end_s, burns):
        if flight.outcome != ARRIVED:
            break
        if isinstance(item, Impulse):
            flight.impulse(item)
        else:
            flight.fly(*item)
    return flight.trajectory()


@functools.lru_cache(maxsize=16)
def _compiled(
    forces: ForceModel,
    centre: str,
    base: Epoch,
    end_s: float,
    mass_kg: float | None,
    also: frozenset[str],
    orientation: bool,
) -> Model:
    """Return the tables of an arc from its base on; the last few are kept, since kernels only read them."""
    return compile_forces(
        forces, centre, base, 0.0, end_s, mass_kg=mass_kg, also=also, orientation=orientation
    )


@dataclass(slots=True)
class _Flight:
    """An arc in the making: the row reached so far, and the legs behind it."""

    base: State
    model: Model
    index: dict[str, int]
    detectors: tuple[Detector, ...]
    tolerance: float
    coasts_by_dop: bool
    dry_kg: float
    end_s: float
    row: Array  # t, position, velocity, matrix by rows where asked
    mass_kg: float
    legs: list[Leg] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rejected: int = 0
    outcome: str = ARRIVED

    @staticmethod
    def prepare(
        state: State,
        end_s: float,
        forces: ForceModel,
        burns: Sequence[Manoeuvre],
        detectors: Sequence[Detector],
        stm: bool,
        mass_kg: float,
        propellant_kg: float | None,
        tolerance: float,
    ) -> _Flight:
        centre = state.frame.centre
        also = frozenset(name for detector in detectors for name in detector.needs)
        also |= frozenset(
            burn.direction.body for burn in burns if isinstance(burn, Burn) and burn.direction.body
        )
        turning = any(detector.needs_orientation for detector in detectors)
        model = _compiled(forces, centre, state.epoch, end_s, None if burns else mass_kg, also, turning)
        dry_kg = 0.0 if propellant_kg is None else mass_kg - propellant_kg
        if propellant_kg is not None and not 0.0 <= propellant_kg < mass_kg:
            raise InputError(
                f"propellant_kg is {propellant_kg!r} of a mass of {mass_kg} kg. Give 0 kg or more, "
                "less than the mass."
            )
        row = np.zeros(43 if stm else 7)
        row[1:4], row[4:7] = state.position_m, state.velocity_m_s
        if stm:
            row[7::7] = 1.0
        return _Flight(
            state,
            model,
            body_index(forces, centre, also) if burns or detectors else {},
            tuple(detectors),
            tolerance,
            forces.depends_on_velocity,
            dry_kg,
            end_s,
            row,
            mass_kg,
        )

    def impulse(self, item: Impulse) -> None:
        """Change velocity, matrix and mass; backwards, undo it."""
        backwards = self.end_s < 0.0
        relative = self.row[1:7].copy()
        if item.body and item.body != self.base.frame.centre:
            place, motion = ephemeris.state(item.body, self.base.frame.centre, item.epoch)
            relative = relative - np.concatenate([place, motion])
        dv = item.dv_icrf(relative)
        before = relative
        if backwards:
            # The axes are those before the impulse, which is what is sought: a fixed point.
            for _ in range(50):
                before = relative - np.concatenate([np.zeros(3), dv])
                dv = item.dv_icrf(before)
            dv = -dv
        matrix = item.matrix(before)
        row = self.row.copy()
        row[4:7] += dv
        if len(row) > 7:
            step = np.linalg.inv(matrix) if backwards else matrix
            row[7:] = (step @ row[7:].reshape(6, 6)).ravel()
        self.row = row
        self.mass_kg *= 1.0 / item.mass_ratio() if backwards else item.mass_ratio()
        if self.legs and abs(row[0]) >= abs(self.end_s):
            self._leg(row[None, :].repeat(2, axis=0), np.full(2, self.mass_kg), np.zeros(0), item.name)

    def fly(self, until_s: float, burn: Burn | None) -> None:
        """Coast or burn until a time; a burn that empties the tank goes on as a coast."""
        if burn is None:
            self._arc(until_s, np.zeros(0), "coast")
            return
        row = burn.row(self.base.epoch, self.base.frame.centre, self.index)
        empty_s = np.inf
        if burn.flow_kg_s > 0.0 and self.end_s > 0.0:
            empty_s = float(self.row[0]) + max(0.0, self.mass_kg - self.dry_kg) / burn.flow_kg_s
        if empty_s >= until_s:
            self._arc(until_s, row, burn.name)
            return
        self._arc(empty_s, row, burn.name)
        if self.outcome == ARRIVED:
            self.mass_kg = self.dry_kg
            self.events.append(Event(DEPLETED, self._state(self.row), -1))
            self._arc(until_s, np.zeros(0), "coast")

    def _arc(self, until_s: float, burn: Array, name: str) -> None:
        """Integrate block by block, look for events in each, and stop where one is terminal."""
        first_s = 0.0
        nodes: list[Array] = []
        masses: list[Array] = []
        rows = _ROWS
        status = FULL
        while status == FULL:
            block, mass, status, first_s = self._block(until_s, burn, first_s, rows)
            rows = min(2 * rows, _MOST_ROWS)
            stop = self._look(block, mass, burn)
            if stop is not None:
                block, mass = stop
                status, self.outcome = -1, STOPPED
            nodes.append(block if not nodes else block[1:])
            masses.append(mass if len(nodes) == 1 else mass[1:])
            self.row, self.mass_kg = block[-1], float(mass[-1])
        if status == STATUS_COLLAPSED:
            self.outcome = COLLAPSED
        if len(nodes) == 1:
            self._leg(nodes[0], masses[0], burn, name)
        else:
            self._leg(np.concatenate(nodes), np.concatenate(masses), burn, name)

    def _block(
        self, until_s: float, burn: Array, first_s: float, rows: int
    ) -> tuple[Array, Array, int, float]:
        """Return up to `rows` accepted steps, their masses, the kernel's status and its next step."""
        start_s = float(self.row[0])
        if burn.size or self.coasts_by_dop:
            engine = burn if burn.size else np.zeros(16)
            start = np.append(self.row[1:], self.mass_kg)
            nodes = np.empty((rows, 1 + len(start)))
            share = _DOP_SHARE * self.tolerance
            status, count, rejected, first_s = _kernels_dop.burn_arc(
                start_s, until_s, start, first_s, share, engine, self.model, nodes
            )
            self.rejected += rejected
            return nodes[:count, :-1].copy(), nodes[:count, -1].copy(), status, first_s
        start = self.row[1:].copy()
        nodes = np.empty((rows, 1 + len(start)))
        status, count, rejected, first_s = _kernels_coast.coast(
            start_s, until_s, start, first_s, 1.0 / self.mass_kg, self.tolerance, self.model, nodes
        )
        self.rejected += rejected
        return nodes[:count], np.full(count, self.mass_kg), status, first_s

    def _look(self, block: Array, masses: Array, burn: Array) -> tuple[Array, Array] | None:
        """Collect the events of a block; return the block cut at the first terminal one, if there is one."""
        if not self.detectors or len(block) < 2:
            return None
        by_dop = bool(burn.size) or self.coasts_by_dop
        rows = np.array([detector.row(self.index) for detector in self.detectors])
        nodes = np.column_stack([block, masses]) if by_dop else block
        engine = burn if burn.size else np.zeros(16 if by_dop else 0)
        found = np.empty((64, 2 + nodes.shape[1]))
        while (count := _kernels_events.scan(nodes, rows, 1.0 / masses[0], engine, self.model, found)) < 0:
            found = np.empty((2 * len(found), found.shape[1]))
        sign = np.sign(self.end_s) or 1.0
        for hit in sorted(found[:count], key=lambda hit: sign * hit[2]):
            detector = self.detectors[int(hit[0])]
            width = block.shape[1]
            self.events.append(Event(detector.name, self._state(hit[2:]), int(hit[1])))
            if detector.terminal:
                keep = sign * block[:, 0] < sign * hit[2]
                mass = hit[-1] if by_dop else masses[0]
                return np.vstack([block[keep], hit[2 : 2 + width]]), np.append(masses[keep], mass)
        return None

    def _leg(self, nodes: Array, masses: Array, burn: Array, name: str) -> None:
        if self.coasts_by_dop and not burn.size:
            burn = np.zeros(16)
        self.legs.append(Leg(nodes, masses, self.model, burn, name))

    def _state(self, row: Array) -> State:
        return State(self.base.epoch + float(row[0]), self.base.frame, row[1:4], row[4:7])

    def trajectory(self) -> Trajectory:
        if not self.legs:
            self._leg(self.row[None, :], np.array([self.mass_kg]), np.zeros(0), "coast")
        matrix = self.row[7:].reshape(6, 6).copy() if len(self.row) > 7 else None
        return Trajectory(
            self.base.epoch,
            self.base.frame,
            tuple(self.legs),
            self.outcome,
            self.rejected,
            tuple(self.events),
            matrix,
        )


def _timeline(
    base: Epoch, end_s: float, manoeuvres: Sequence[Manoeuvre]
) -> list[Impulse | tuple[float, Burn | None]]:
    """Return what is flown in order: impulses, and stretches (until, burn or nothing)."""
    sign = 1.0 if end_s >= 0.0 else -1.0
    spans: list[tuple[float, float, Manoeuvre]] = []
    for item in manoeuvres:
        start = (item.start if isinstance(item, Burn) else item.epoch) - base
        stop = start + (item.duration_s if isinstance(item, Burn) else 0.0)
        near, far = sorted((sign * start, sign * stop))
        if far >= 0.0 and near <= sign * end_s:
            spans.append((max(near, 0.0), min(far, sign * end_s), item))
    spans.sort(key=lambda span: span[:2])
    flown: list[Impulse | tuple[float, Burn | None]] = []
    now, last = 0.0, None
    for near, far, item in spans:
        if near < now and last is not None:
            raise InputError(f"{last.name!r} and {item.name!r} overlap in time. Move one of them.")
        if near > now:
            flown.append((sign * near, None))
        if isinstance(item, Impulse):
            flown.append(item)
        elif far > near:
            flown.append((sign * far, item))
        now, last = far, item
    if now < sign * end_s or not flown:
        flown.append((end_s, None))
    return flown


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

    The result does not depend on the number of threads, bit for bit. An arc that collapses gives NaN.
    Under point masses alone the arcs fly in SIMD lanes and end within rounding of where `propagate` does.
    """
    if not states:
        return np.zeros((0, 6))
    if forces.depends_on_velocity:
        raise InputError("A batch coasts by RKN12(10), which relativity rules out. Propagate one by one.")
    first = states[0]
    _check(first, mass_kg, tolerance)
    if any(state.epoch != first.epoch or state.frame != first.frame for state in states):
        raise InputError("The states differ in epoch or frame. Propagate each kind apart.")
    end_s = _end(first, until)
    model = compile_forces(forces, first.frame.centre, first.epoch, 0.0, end_s, mass_kg=mass_kg)
    starts = np.array([state.vector for state in states])
    ends = np.full_like(starts, np.nan)
    rough, orientation = model[3], model[5]
    points_alone = len(rough) == 0 and len(orientation) == 0
    parts = np.array_split(np.arange(len(states)), max(1, threads) * (2 if points_alone else 4))
    slices = [slice(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]

    def fly(rows: slice) -> None:
        if points_alone:
            _kernels_lanes.coast_lanes(0.0, end_s, starts[rows], tolerance, model, ends[rows])
        else:
            inverse_mass = 1.0 / mass_kg
            _kernels_coast.coast_many(0.0, end_s, starts[rows], inverse_mass, tolerance, model, ends[rows])

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
        cure = f"Propagate `state.to(Frame({state.frame.centre!r}))`, which is ICRF."
        raise FrameError(f"The state's axes are {state.frame.axes}. {cure}")
    if not mass_kg > 0.0:
        raise InputError(f"mass_kg is {mass_kg!r}. Give a mass above 0 kg.")
    if not tolerance >= SMALLEST_TOLERANCE:
        raise InputError(
            f"The tolerance {tolerance!r} is below {SMALLEST_TOLERANCE}, where the error estimate is noise. "
            f"Choose {SMALLEST_TOLERANCE} or more."
        )
