"""What one flight is given and what it changes, as tuples of arrays: the kernels of the loop share them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from perilune.landing.craft.table import Craft, work_size
from perilune.landing.ground.local_gravity import LocalGravity
from perilune.landing.ground.table import Ground
from perilune.landing.loop import layout as at
from perilune.landing.sensing.layout import EFFECT_COLUMNS, IMU, KIND, OUT_COLUMNS, SCENE_COLUMNS
from perilune.landing.software.table import INERTIAL_MEMORY, WORK_SHAPE, Software
from perilune.maths.arrays import FloatArray


class Given(NamedTuple):
    """What stays as it is in flight.

    `turn` (3, 4) is the Moon's turn under the inertial axes, `ground` the true one, `onboard` the flight
    software's map, `craft` the true one, `believed` the one the software knows; `units` (2,) are the rows of
    the inertial units (-1: none), `start` as told in `layout`.
    """

    turn: FloatArray
    gravity: LocalGravity
    ground: Ground
    sun: FloatArray
    craft: Craft
    sensors: FloatArray
    errors: FloatArray
    faults: FloatArray
    units: npt.NDArray[np.int64]
    onboard: Ground
    believed: Craft
    software: Software
    lander: FloatArray
    aim: FloatArray
    start: FloatArray


class Flight(NamedTuple):
    """What changes in flight, and scratch. Layouts: `layout` (`now`, `figures`, `series`), `rows` (`log`,
    `marks`), else those of the parts that the arrays belong to.

    The truth: `now`, state `y`, `valves`, `health` of the engines, `effects` of faults that `started`,
    `streams` of random numbers, memory of the sensors, the `scene` they see, rotations into Moon-fixed axes
    (`turned` at the cycle's start, `later`), gravity's `anomaly` held over a cycle and `pull` of a step,
    what the inertial units' place feels (`sensed`). The flight software: estimate `nav` and `covariance`,
    memories, one measurement and the altimeters' (`reading`, `readings`, `verdicts`), the inertial units'
    last samples and sums over the cycle, mean force and rate (B) and acceleration (I) of the last cycle,
    guidance's `estimate`, `command` and `wanted` axis, engine `levels`, `believed_mass`.
    """

    now: FloatArray
    y: FloatArray
    valves: FloatArray
    health: FloatArray
    effects: FloatArray
    started: FloatArray
    streams: npt.NDArray[np.uint64]
    sensor_memory: FloatArray
    scene: FloatArray
    turned: FloatArray
    later: FloatArray
    anomaly: FloatArray
    pull: FloatArray
    sensed: FloatArray
    craft_work: FloatArray
    nav: FloatArray
    covariance: FloatArray
    memory: FloatArray
    control_memory: FloatArray
    altimetry_memory: FloatArray
    unit_memory: FloatArray
    reading: FloatArray
    readings: FloatArray
    verdicts: FloatArray
    events: FloatArray
    samples: FloatArray
    sample: FloatArray
    unit_sums: FloatArray
    sums: FloatArray
    missed: FloatArray
    force: FloatArray
    rate: FloatArray
    acceleration: FloatArray
    estimate: FloatArray
    command: FloatArray
    wanted: FloatArray
    levels: FloatArray
    believed_mass: FloatArray
    spot: FloatArray
    beams: FloatArray
    work: FloatArray
    figures: FloatArray
    series: FloatArray
    log: FloatArray
    marks: FloatArray


class Memories(NamedTuple):
    """The memories that a flight begins with: of guidance, control, altimeter policies and sensors."""

    guidance: FloatArray
    control: FloatArray
    altimetry: FloatArray
    sensors: FloatArray


def units_of(sensors: FloatArray) -> npt.NDArray[np.int64]:
    """Return the rows of the first two inertial units in a sensor table, -1 where there is none."""
    rows = np.flatnonzero(sensors[:, KIND] == IMU)[:2]
    return np.concatenate([rows, np.full(2 - len(rows), -1)]).astype(np.int64)


def flight_of(
    given: Given,
    *,
    y: FloatArray,
    nav: FloatArray,
    covariance: FloatArray,
    memories: Memories,
    streams: npt.NDArray[np.uint64],
    events: FloatArray,
    log: FloatArray,
    marks: FloatArray,
) -> Flight:
    """Return a flight that is about to begin; the arrays given are used as they are, and change."""
    n, engines = len(given.sensors), len(given.craft.engines)
    health = np.zeros((engines, 3))
    health[:, 0] = 1.0
    return Flight(
        now=np.zeros(at.NOW),
        y=y,
        valves=np.zeros((engines, 3)),
        health=health,
        effects=np.zeros((n + engines + 3, EFFECT_COLUMNS)),
        started=np.full(len(given.faults), np.nan),
        streams=streams,
        sensor_memory=memories.sensors,
        scene=np.zeros(SCENE_COLUMNS),
        turned=np.zeros(9),
        later=np.zeros(9),
        anomaly=np.zeros(3),
        pull=np.zeros(3),
        sensed=np.zeros(6),
        craft_work=np.zeros(work_size(given.craft)),
        nav=nav,
        covariance=covariance,
        memory=memories.guidance,
        control_memory=memories.control,
        altimetry_memory=memories.altimetry,
        unit_memory=np.zeros(INERTIAL_MEMORY),
        reading=np.zeros(OUT_COLUMNS),
        readings=np.zeros((n, OUT_COLUMNS)),
        verdicts=np.zeros(n),
        events=events,
        samples=np.zeros((2, 6)),
        sample=np.zeros(6),
        unit_sums=np.zeros((2, 6)),
        sums=np.zeros(6),
        missed=np.zeros(6),
        force=np.zeros(3),
        rate=np.zeros(3),
        acceleration=np.zeros(3),
        estimate=np.zeros(11),
        command=np.zeros(5),
        wanted=np.zeros(6),
        levels=np.zeros((engines, 3)),
        believed_mass=np.zeros(10),
        spot=np.zeros(9),
        beams=np.zeros((4, 3)),
        work=np.zeros(WORK_SHAPE),
        figures=np.full(at.FIGURES, np.nan),
        series=np.full(at.SERIES, np.nan),
        log=log,
        marks=marks,
    )
