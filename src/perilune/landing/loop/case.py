"""A landing as a case: everything its runs share; each run is a pure function of (case, seed, run)."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from perilune._version import __version__
from perilune.epoch import Epoch
from perilune.landing.craft._kernels_settle import (
    CRUSH,
    END_TILT,
    LEAST_CLEARANCE,
    SETTLE_SIZE,
    SLID_M,
    settle,
)
from perilune.landing.craft.table import Craft
from perilune.landing.faults.places import FirstEffects
from perilune.landing.ground.displaced import displaced
from perilune.landing.ground.local_gravity import LocalGravity
from perilune.landing.ground.table import Ground, with_seed
from perilune.landing.loop import _kernels as kernels
from perilune.landing.loop import layout as at
from perilune.landing.loop.flight import Flight, Given, Memories, flight_of, units_of
from perilune.landing.loop.inputs import Dispersion, draw
from perilune.landing.loop.judge import Limits, row_of, survivable
from perilune.landing.loop.rows import COLUMNS, LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.landing.loop.truth import first_estimate, true_craft
from perilune.landing.sensing.layout import E_MAP_UP, KIND, TERRAIN_CAMERA
from perilune.landing.sensing.suite import (
    TIE_EAST,
    TIE_NORTH,
    Sensor,
    error_inputs,
    errors_from,
    sensor_memory,
    stream_names,
)
from perilune.landing.software.control import control_memory
from perilune.landing.software.table import Software, altimetry_memory, first_events
from perilune.landing.vehicle import Lander, Site
from perilune.maths import _kernels_random as random_kernels
from perilune.maths.arrays import FloatArray
from perilune.maths.random import stream_key, streams

_MEASUREMENTS = 60000


@dataclass(frozen=True, slots=True, eq=False)
class Flown:
    """One run with all it left: the row, the log by `rows.LOG_COLUMNS`, measurements by
    `rows.MEASUREMENT_COLUMNS`, and the events' times.
    """

    row: FloatArray
    columns: tuple[str, ...]
    log: FloatArray
    measurements: FloatArray
    figures: FloatArray
    inputs: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What all runs of a landing share. Axes "I" are the mean-Earth axes frozen at `base`.

    `start` is the nominal state (6,) in I when the flight software wakes, `start_s` seconds from the base;
    `track` (3, 3) holds along, cross and up in rows. `ground` is the true one (its roughness seeded by run),
    `onboard` the flight software's map, which `map_height` and the map's tie displace.
    """

    mission: str
    vehicle: str
    policy: str
    base: Epoch
    site: Site
    site_me_m: FloatArray
    start_s: float
    start: FloatArray
    track: FloatArray
    attitude: FloatArray
    turn: FloatArray
    gravity: LocalGravity
    ground: Ground
    onboard: Ground
    craft: Craft
    lander: Lander
    mass_kg: float
    rcs_kg: float
    sensors: tuple[Sensor, ...]
    sensor_table: FloatArray
    software: Software
    covariance: FloatArray
    faults: FloatArray
    fault_sentences: tuple[str, ...]
    dispersions: tuple[Dispersion, ...]
    aim: FloatArray
    memory: FloatArray
    sun: FloatArray
    limits: Limits
    probe_height_m: float = 0.0
    first: FirstEffects = field(default_factory=FirstEffects)
    roughness_by_run: bool = True
    longest_s: float = 3000.0
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", _digest(self))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of a row's values."""
        inputs = tuple(f"input:{one.name}" for one in self.dispersions)
        return (*COLUMNS, *inputs, *(f"nees:{10 * k:04d}s" for k in range(at.SERIES)))

    def fly(self, seed: int, run: int) -> FloatArray:
        """Return the row of one run."""
        return self._run(seed, run, 0.0, np.zeros((0, len(LOG_COLUMNS))), np.zeros((0, 12))).row

    def replay(self, seed: int, run: int, every: int = 1) -> Flown:
        """Return one run with its log, a row every so many cycles of 0.1 s; the row is that of `fly`."""
        rows = int(10.0 * (self.longest_s - self.start_s)) // every + 2
        log = np.zeros((rows, len(LOG_COLUMNS)))
        marks = np.zeros((_MEASUREMENTS, len(MEASUREMENT_COLUMNS)))
        return self._run(seed, run, float(every), log, marks)

    def _run(self, seed: int, run: int, every: float, log: FloatArray, marks: FloatArray) -> Flown:
        values = draw(self.dispersions, seed, run)
        by_name = dict(zip((one.name for one in self.dispersions), values.tolist(), strict=True))
        if self._declares_altitude():
            # What the estimate is off at its first range hangs on all inputs: flown once as it is, then with
            # the difference to what was declared (the error grows linearly).
            off_m = self._altitude_off_m(seed, run, values, by_name)
            corrected = by_name | {"altitude_error": 2.0 * by_name["altitude_error"] - off_m}
            flown = self._flown(seed, run, values, corrected, every, log, marks)
            return replace(flown, inputs=by_name)
        return self._flown(seed, run, values, by_name, every, log, marks)

    def _declares_altitude(self) -> bool:
        """Return whether the mission declares an error of the altitude."""
        declared = next(one for one in self.dispersions if one.name == "altitude_error")
        return declared.size != 0.0 or declared.mean != 0.0

    def _altitude_off_m(self, seed: int, run: int, values: FloatArray, by_name: dict[str, float]) -> float:
        """Return how much too high the estimate is when the first range comes, or when braking ends (m)."""
        log = np.zeros((int(self.longest_s - self.start_s) + 2, len(LOG_COLUMNS)))
        flown = self._flown(seed, run, values, by_name, 10.0, log, np.zeros((0, 12)))
        rows = {name: flown.log[:, place] for place, name in enumerate(LOG_COLUMNS)}
        off_m = rows["height_m"] - rows["true_height_m"]
        first_s = flown.figures[at.VALID_S]
        before = rows["t_s"] < first_s if np.isfinite(first_s) else rows["phase"] <= 1.0
        return float(off_m[before][-1])

    def _flown(
        self,
        seed: int,
        run: int,
        values: FloatArray,
        by_name: dict[str, float],
        every: float,
        log: FloatArray,
        marks: FloatArray,
    ) -> Flown:
        named = [by_name[name] for name in _sensor_inputs(self.sensors)]
        craft, y = true_craft(self, by_name)
        nav, covariance = first_estimate(self, y, craft, by_name)
        main_kg = self.mass_kg - self.lander.empty_mass_kg - self.rcs_kg
        start = np.array(
            [self.start_s, self.mass_kg, every, self.longest_s, self.probe_height_m, main_kg, self.rcs_kg]
        )
        ground = self.ground
        if self.roughness_by_run and ground.rough[1] != 0.0:
            ground = with_seed(ground, _roughness_seed(seed, run))
        given = Given(
            turn=self.turn,
            gravity=self.gravity,
            ground=ground,
            sun=self.sun,
            craft=craft,
            sensors=self.sensor_table,
            errors=self._errors(named, by_name["map_height"]),
            faults=self.faults,
            units=units_of(self.sensor_table),
            onboard=self._onboard(by_name),
            believed=self.craft,
            software=self.software,
            lander=self.lander.table(),
            aim=self.aim,
            start=start,
        )
        flight = flight_of(
            given,
            y=y,
            nav=nav,
            covariance=covariance,
            memories=self._memories(),
            streams=streams(seed, run, stream_names(self.sensors)),
            events=first_events(),
            log=log,
            marks=marks,
        )
        status = kernels.fly(given, flight)
        if status == at.TOUCHED and survivable(flight.figures, self.limits):
            _follow(given, flight)
        self._count_from_the_site(flight.figures, flight.memory)
        row = row_of(run, status, flight.figures, self.limits, values, flight.series)
        rows, marked = int(flight.now[at.N_ROWS]), int(flight.now[at.N_MARKS])
        return Flown(row, self.columns, log[:rows], marks[:marked], flight.figures, by_name)

    def _errors(self, named: list[float], map_height_m: float) -> FloatArray:
        """Return the sensors' constant errors; a camera's height stands on the map."""
        errors = errors_from(self.sensors, named)
        errors[self.sensor_table[:, KIND] == TERRAIN_CAMERA, E_MAP_UP] = map_height_m
        return errors

    def _memories(self) -> Memories:
        """Return the memories that a flight begins with."""
        return Memories(
            guidance=self.memory.copy(),
            control=control_memory(self.craft),
            altimetry=altimetry_memory(len(self.sensors)),
            sensors=sensor_memory(self.sensors),
        )

    def _onboard(self, by_name: dict[str, float]) -> Ground:
        """Return the map on board with this run's errors of height and tie."""
        return displaced(
            self.onboard,
            self.site_me_m,
            up_m=by_name["map_height"] + self.first.map_height_m,
            east_m=by_name.get(TIE_EAST, 0.0) + self.first.tie_east_m,
            north_m=by_name.get(TIE_NORTH, 0.0) + self.first.tie_north_m,
        )

    def _count_from_the_site(self, figures: FloatArray, memory: FloatArray) -> None:
        """Count the miss from the site of the plan, where another one was loaded."""
        off_m = self.aim[:3] - self.site_me_m
        along = memory[18:21]
        figures[at.DOWNRANGE] += off_m @ along
        figures[at.CROSSRANGE] += off_m @ np.cross(self.aim[:3] / np.linalg.norm(self.aim[:3]), along)


def _follow(given: Given, flight: Flight) -> None:
    """Follow a touchdown until the lander stands or lies, and note how (0.1 ms)."""
    figures, after = flight.figures, np.empty(SETTLE_SIZE)
    figures[at.SETTLED] = settle(flight.y, given.craft, given.ground, flight.turned, after)
    figures[at.SETTLED_TILT], figures[at.SLID_M] = after[END_TILT], after[SLID_M]
    figures[at.LEG_CRUSH], figures[at.LEAST_CLEARANCE] = after[CRUSH], after[LEAST_CLEARANCE]


@functools.lru_cache(maxsize=64)
def _sensor_inputs(sensors: tuple[Sensor, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in error_inputs(sensors))


def _roughness_seed(seed: int, run: int) -> int:
    """Return the seed of a run's roughness, never zero."""
    word = random_kernels.combined(np.uint64(seed), np.uint64(run), np.uint64(stream_key("roughness")))
    return int(word) % (2**53 - 1) + 1


def _digest(case: Case) -> str:
    """Return the SHA-256 of everything in a case that its runs depend on."""
    digest = hashlib.sha256(__version__.encode())
    for each in fields(case):
        if each.name != "digest":
            _add(digest, each.name)
            _add(digest, getattr(case, each.name))
    return digest.hexdigest()


def _add(digest: Any, value: object) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple):
        for one in value:
            _add(digest, one)
    else:
        digest.update(repr(value).encode())
