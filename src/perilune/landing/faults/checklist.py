"""The check list before descent: what was commanded wrong is found while there is time to command it right.

It sees what telemetry in orbit shows: units that answer, self-tests, gauges, and the site loaded on board
beside the site of the plan. What breaks later it can not see, nor a fault that begins with the descent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.landing.faults import _kernels as kernels
from perilune.landing.faults.rows import no_effects
from perilune.landing.sensing import layout as at
from perilune.landing.sensing.reach import first_height_m
from perilune.landing.sensing.suite import Laser, Radar, Sensor, kind_of
from perilune.maths.arrays import FloatArray

_GAUGE: Final = 0.01  # -, share of the propellant that a gauge tells; assumed
_SITES_APART_M: Final = 50.0  # m; two sources of one site agree better than that (maps, rounding)
_ALTIMETERS: Final = ("laser", "radar")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list: go or no-go, and why."""

    name: str
    go: bool
    why: str


def check_list(
    sensors: Sequence[Sensor],
    faults: FloatArray,
    engines: int,
    *,
    deadline_m: float | None = None,
    tilt_rad: float = 0.0,
    speed_m_s: float = 0.0,
) -> tuple[Item, ...]:
    """Return all items. `faults` are the rows of `fault_table` (a case's own), `engines` their number.

    `deadline_m` is the height below which a first range comes too late, `tilt_rad` and `speed_m_s` thrust's
    tilt and the speed there: an altimeter must reach further than that.
    """
    effects = _from_the_start(faults, len(sensors), engines)
    items = [
        *_units(sensors, effects),
        _altimetry(sensors, effects),
        _propellant(effects),
        _site(effects),
    ]
    if deadline_m is not None:
        items.append(_reach(sensors, effects, deadline_m, tilt_rad, speed_m_s))
    return tuple(items)


def no_go(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items that forbid the descent."""
    return tuple(item for item in items if not item.go)


def _from_the_start(faults: FloatArray, sensors: int, engines: int) -> FloatArray:
    """Return the effects of the rows that act from the start."""
    rows = faults[faults[:, kernels.F_TRIGGER] == kernels.START]
    effects = no_effects(sensors, engines)
    kernels.effects_of(rows, np.full(len(rows), kernels.NOT_STARTED), -60.0, 1e5, 0, effects)
    return effects


def _units(sensors: Sequence[Sensor], effects: FloatArray) -> Iterator[Item]:
    for row, sensor in enumerate(sensors):
        yield Item(
            f"{sensor.name} works",
            not (why := _wrong(sensor, effects[row])),
            why or "answers, self-test good",
        )


def _wrong(sensor: Sensor, effects: FloatArray) -> str:
    """Return what the telemetry of a unit shows to be wrong with it, empty if nothing."""
    if effects[at.OFF]:
        return "does not answer. Switch it on."
    if kind_of(sensor) == "imu" and effects[at.FALSE]:
        return "accelerometers tell zero at the trim burn. Switch their block on."
    if effects[at.STUCK] or effects[at.FALSE]:
        return "tells one value without a change. Restart it."
    if 0.0 < effects[at.CEILING_M] < 1.0:
        return "answers, but its self-test has no return. Arm it, remove its inhibit."
    return ""


def _altimetry(sensors: Sequence[Sensor], effects: FloatArray) -> Item:
    working = [
        sensor.name
        for row, sensor in enumerate(sensors)
        if kind_of(sensor) in _ALTIMETERS and not _wrong(sensor, effects[row])
    ]
    why = f"{', '.join(working)}" if working else "no altimeter works. Do not descend."
    return Item("height can be measured", bool(working), why)


def _propellant(effects: FloatArray) -> Item:
    missing = float(effects[at.TANK_ROW, at.SCALE])
    if missing > _GAUGE:
        return Item("propellant as planned", False, f"the gauge tells {missing:.1%} less than the plan has.")
    return Item("propellant as planned", True, f"within the gauge's {_GAUGE:.0%}")


def _site(effects: FloatArray) -> Item:
    apart_m = float(np.hypot(effects[at.SOFTWARE_ROW, at.BIAS_Y], effects[at.SOFTWARE_ROW, at.BIAS_Z]))
    if apart_m > _SITES_APART_M:
        why = f"the site on board lies {apart_m:.0f} m from the plan's. Load it again."
        return Item("site as planned", False, why)
    return Item("site as planned", True, f"within {_SITES_APART_M:.0f} m")


def _reach(
    sensors: Sequence[Sensor], effects: FloatArray, deadline_m: float, tilt_rad: float, speed_m_s: float
) -> Item:
    heights = {
        sensor.name: min(
            first_height_m(sensor, tilt_rad=tilt_rad, closing_m_s=speed_m_s),
            effects[row, at.CEILING_M] or math.inf,
        )
        for row, sensor in enumerate(sensors)
        if isinstance(sensor, Laser | Radar) and not _wrong(sensor, effects[row])
    }
    best = max(heights, key=lambda name: heights[name], default=None)
    if best is None:
        return Item("first range in time", False, "no altimeter works.")
    why = f"{best} ranges from {heights[best]:.0f} m, needed from {deadline_m:.0f} m"
    go = heights[best] > deadline_m
    return Item("first range in time", go, why if go else f"{why}. Take one that is heard higher up.")
