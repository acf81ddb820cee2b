"""Scenes for the sensors: a place above a smooth sphere, and a run's arrays without errors or faults."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.table import Ground
from perilune.landing.sensing import _kernels as kernels
from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite
from perilune.maths.random import streams


def sphere() -> Ground:
    """Return a ground that is level everywhere, at the elevation 0."""
    quarter = math.pi / 2
    tiles = np.array([[-quarter, 0.0, quarter, quarter, 3, 4, 0, 1.0, 1.0, quarter * MOON_RADIUS_M]])
    heights = np.zeros(12, dtype=np.float32)
    return Ground(tiles, heights, np.zeros((0, 16)), np.zeros(24), np.zeros(2))


def turned(tilt_rad: float) -> np.ndarray:
    """Return the rotation F <- B over the north pole, +z tilted from the vertical towards -x."""
    c, s = math.cos(tilt_rad), math.sin(tilt_rad)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def scene(
    height_m: float,
    *,
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
    tilt_rad: float = 0.0,
    rate_rad_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
    sun: tuple[float, float, float] = (0.8, 0.0, 0.6),
    phase: float = 2.0,
) -> np.ndarray:
    """Return a scene over the north pole, x and y level."""
    out = np.zeros(at.SCENE_COLUMNS)
    out[at.S_POSITION + 2] = MOON_RADIUS_M + height_m
    out[at.S_VELOCITY : at.S_VELOCITY + 3] = velocity_m_s
    out[at.S_TURNED : at.S_TURNED + 9] = turned(tilt_rad).ravel()
    out[at.S_RATE : at.S_RATE + 3] = rate_rad_s
    out[at.S_HEIGHT] = height_m
    out[at.S_SUN : at.S_SUN + 3] = sun
    out[at.S_PHASE] = phase
    out[at.S_Q] = 1.0
    return out


@dataclass
class Bench:
    """One sensor at a time on the bench: its arrays, and a way to ask it again and again."""

    sensor: suite.Sensor
    run: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        self.table = suite.sensor_table([self.sensor])
        self.errors = np.zeros((1, at.ERROR_COLUMNS))
        self.memory = suite.sensor_memory([self.sensor])
        self.effects = np.zeros((4, at.EFFECT_COLUMNS))
        self.streams = streams(self.seed, self.run, suite.stream_names([self.sensor]))
        self.ground = sphere()
        self.out = np.zeros(at.OUT_COLUMNS)

    def ask(self, scene: np.ndarray) -> int:
        return int(
            kernels.measure(
                0, self.table, self.errors, self.memory, self.effects, self.streams, scene, self.ground,
                self.out,
            )
        )  # fmt: skip

    def series(self, scene: np.ndarray, count: int, step_s: float = 0.1) -> np.ndarray:
        """Return (n, 16) of what is delivered in so many cycles, valid or not."""
        rows = []
        for _ in range(count):
            if self.ask(scene):
                rows.append(self.out.copy())
            scene[at.S_TIME] += step_s
        return np.array(rows).reshape(-1, at.OUT_COLUMNS)

    def imu(self, sensed: np.ndarray, count: int, dt_s: float = 0.02) -> np.ndarray:
        """Return (count, 6) increments of an inertial unit."""
        out, one = np.empty((count, 6)), np.empty(6)
        for row in out:
            kernels.sample_imu(
                0, self.table, self.errors, self.memory, self.effects, self.streams, sensed, dt_s, one
            )
            row[:] = one
        return out
