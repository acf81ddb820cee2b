"""What differs from run to run: named inputs, each drawn from (seed, run, name) alone.

So a run can be flown again without the others, and an input that is added changes no other one's values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perilune.errors import InputError, NameNotFoundError
from perilune.maths import _kernels_random as kernels
from perilune.maths.random import stream_key

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dispersion:
    """One dispersed input, in SI: `size` is one sigma (normal) or half the width (uniform) about `mean`."""

    name: str
    kind: Literal["normal", "uniform"]
    size: float
    unit: str
    what: str = ""
    mean: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.size < float("inf"):
            raise InputError(f"dispersion {self.name}: {self.size} is no size. Give zero or more.")


#: Inputs of the vehicle and of the way it is delivered; sensors bring their own (`sensing.suite`).
VEHICLE: tuple[Dispersion, ...] = (
    Dispersion("delivery_along", "normal", 1000.0, "m", "true position along the track at ignition"),
    Dispersion("delivery_cross", "normal", 300.0, "m", "true position across the track"),
    Dispersion("delivery_up", "normal", 200.0, "m", "true altitude"),
    Dispersion("delivery_speed_along", "normal", 0.2, "m/s", "true speed along the track"),
    Dispersion("delivery_speed_cross", "normal", 0.2, "m/s", "true speed across the track"),
    Dispersion("delivery_speed_up", "normal", 0.5, "m/s", "true vertical speed"),
    Dispersion("knowledge_along", "normal", 300.0, "m", "estimated less true position along the track"),
    Dispersion("knowledge_cross", "normal", 100.0, "m", "estimated less true position across the track"),
    Dispersion("knowledge_up", "normal", 100.0, "m", "estimated less true altitude"),
    Dispersion("knowledge_speed_along", "normal", 0.1, "m/s", "estimated less true speed along the track"),
    Dispersion("knowledge_speed_cross", "normal", 0.1, "m/s", "estimated less true speed across the track"),
    Dispersion("knowledge_speed_up", "normal", 0.3, "m/s", "estimated less true vertical speed"),
    Dispersion("knowledge_attitude_x", "normal", 2e-4, "rad", "error of the first attitude about x"),
    Dispersion("knowledge_attitude_y", "normal", 2e-4, "rad", "error of the first attitude about y"),
    Dispersion("knowledge_attitude_z", "normal", 2e-4, "rad", "error of the first attitude about z"),
    Dispersion("mass", "normal", 0.003, "1", "true over believed mass at ignition, less one"),
    Dispersion("main_thrust", "normal", 0.01, "1", "true over nominal thrust of the main engine, less one"),
    Dispersion("assist_thrust", "normal", 0.01, "1", "the same of the assist engines together"),
    Dispersion("specific_impulse", "normal", 0.003, "1", "true over nominal specific impulse, less one"),
    Dispersion("misalignment_x", "normal", 0.003, "rad", "main engine's misalignment about x"),
    Dispersion("misalignment_y", "normal", 0.003, "rad", "main engine's misalignment about y"),
    Dispersion("centre_of_mass_x", "normal", 0.005, "m", "true less believed centre of mass"),
    Dispersion("centre_of_mass_y", "normal", 0.005, "m", "true less believed centre of mass"),
    Dispersion("rcs_thrust", "normal", 0.03, "1", "true over nominal thrust of the RCS, less one"),
    Dispersion("slosh_x", "normal", 0.01, "m", "propellant's first displacement"),
    Dispersion("slosh_y", "normal", 0.01, "m", "propellant's first displacement"),
    Dispersion("map_height", "normal", 10.0, "m", "error of the flight software's map in height"),
    Dispersion(
        "altitude_error",
        "uniform",
        0.0,
        "m",
        "declared error that the estimated altitude carries at the end of braking",
    ),
)


def draw(dispersions: Sequence[Dispersion], seed: int, run: int) -> FloatArray:
    """Return the values (n,) of all inputs in one run, in the order given."""
    out = np.empty(len(dispersions))
    kernels.hashed_many(np.uint64(seed), np.uint64(run), _keys(dispersions), _normal(dispersions), out)
    out *= np.array([one.size for one in dispersions])
    out += np.array([one.mean for one in dispersions])
    return out


def _keys(dispersions: Sequence[Dispersion]) -> NDArray[np.uint64]:
    return np.array([stream_key("input:" + one.name) for one in dispersions], dtype=np.uint64)


def _normal(dispersions: Sequence[Dispersion]) -> NDArray[np.bool_]:
    return np.array([one.kind == "normal" for one in dispersions])


def resized(
    dispersions: Sequence[Dispersion], sizes: Mapping[str, float], means: Mapping[str, float] | None = None
) -> tuple[Dispersion, ...]:
    """Return dispersions with some sizes and means (SI) of one's own.

    Raises `NameNotFoundError` on a name that none of them has.
    """
    names = [one.name for one in dispersions]
    means = means or {}
    for name in (*sizes, *means):
        if name not in names:
            raise NameNotFoundError("dispersion", name, names)
    return tuple(
        replace(one, size=sizes.get(one.name, one.size), mean=means.get(one.name, one.mean))
        for one in dispersions
    )
