"""Faults as people write them, and as the rows that kernels read.

A fault names a unit, a kind, when it begins, its size and how long it lasts. Units are sensors by name, or
the first of a kind (`laser`, `imu`, …), `altimeter` (the first one), `altimeters` (all), `imus` (all),
engines (`main`, `assist`, `rcs` for all of them, `assist-2` for one), `tank`, `map` and `software`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from perilune.errors import InputError, NameNotFoundError
from perilune.landing.craft import table as craft_table
from perilune.landing.craft.table import Craft
from perilune.landing.faults import _kernels as kernels
from perilune.landing.faults.kinds import ENGINES, KINDS, OTHERS, RANGERS, SI, Kind
from perilune.landing.sensing import layout as at
from perilune.landing.sensing.suite import Sensor, kind_of
from perilune.maths.arrays import FloatArray

Trigger: TypeAlias = Literal["start", "after", "below", "phase", "before"]
PHASES: Final = ("coast", "braking", "approach", "terminal")
_TRIGGERS: Final = {
    "after": kernels.AFTER,
    "below": kernels.BELOW,
    "phase": kernels.PHASE,
    "start": kernels.START,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, in SI: `at` is seconds since ignition (`after`), a true height in m (`below`), a phase's
    number (`phase`), or the distance in m before the site along the track (`before`: the ground alone).

    `share` is for spikes alone: the share of samples that they hit.
    """

    unit: str
    kind: str
    trigger: Trigger = "start"
    at: float = 0.0
    size: float = 0.0
    duration_s: float = 0.0
    share: float = 0.2

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self) -> str:
        """Return the fault in words.

        >>> Fault("laser", "bias", "below", 5000.0, 50.0, 20.0).sentence()
        'laser: bias 50 m below 5000 m for 20 s'
        """
        unit_of_size = _size_unit(self.kind)
        size = f" {self.size:g} {unit_of_size}".rstrip() if unit_of_size is not None else ""
        begin = {
            "start": "from the start",
            "after": f"{self.at:g} s after ignition",
            "below": f"below {self.at:g} m",
            "phase": f"from the phase {PHASES[min(int(self.at), 3)]} on",
            "before": f"{self.at:g} m before the site",
        }[self.trigger]
        end = f" for {self.duration_s:g} s" if self.duration_s > 0.0 else ""
        return f"{self.unit}: {self.kind}{size} {begin}{end}"


_NO_RETURN_M: Final = 1e-9  # m, a ceiling under which nobody flies


def fault_table(faults: Sequence[Fault], sensors: Sequence[Sensor], craft: Craft) -> FloatArray:
    """Return the rows (m, `FAULT_COLUMNS`) of faults on these sensors and engines.

    Raises `NameNotFoundError` on an unknown unit or kind, `InputError` on a kind that does not fit its unit.
    """
    engines = [int(kind) for kind in craft.engines[:, craft_table.KIND]]
    out = [row for fault in faults if not of_ground(fault) for row in _rows(fault, sensors, engines)]
    return np.array(out, dtype=np.float64).reshape(-1, kernels.FAULT_COLUMNS)


def must_be_aboard(fault: Fault, sensors: Sequence[Sensor], engines: Sequence[int]) -> None:
    """Raise as `fault_table` does where a unit is not aboard or can not fail so; `engines` are kinds."""
    if not of_ground(fault):
        _rows(fault, sensors, engines)


def of_ground(fault: Fault) -> bool:
    """Return whether a fault is one of the ground, which no row can tell (`places.with_steps` builds it).

    Raises `InputError` where unit, kind and trigger do not belong together.
    """
    signs = (fault.unit == "ground", fault.kind == "step", fault.trigger == "before")
    if any(signs) and not all(signs):
        raise InputError(
            f'{fault}: the ground has one fault, unit = "ground", kind = "step", before = "… km".'
        )
    return all(signs)


def started(table: FloatArray) -> FloatArray:
    """Return fresh memory (m,) of when each row began."""
    return np.full(len(table), kernels.NOT_STARTED)


def no_effects(sensors: int, engines: int) -> FloatArray:
    """Return an `effects` array with nothing in it: sensors, engines, tank, map, software."""
    return np.zeros((sensors + engines + 3, at.EFFECT_COLUMNS))


def units(sensors: Sequence[Sensor], engines: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the rows of `effects` behind each name a fault may give; a sensor's own name goes first."""
    out: dict[str, tuple[int, ...]] = {}
    kinds = [kind_of(sensor) for sensor in sensors]
    for row, kind in enumerate(kinds):
        out.setdefault(kind, (row,))
        if kind in RANGERS:
            out.setdefault("altimeter", (row,))
    for row, sensor in enumerate(sensors):
        out[sensor.name] = (row,)
    for name, members in (("altimeters", RANGERS), ("imus", ("imu",))):
        rows = tuple(row for row, kind in enumerate(kinds) if kind in members)
        if rows:
            out[name] = rows
    for code, name in enumerate(ENGINES):
        rows = tuple(len(sensors) + k for k, one in enumerate(engines) if one == code)
        for number, row in enumerate(rows, 1):
            out[f"{name}-{number}"] = (row,)
        if rows:
            out[name] = rows
    rows_before = len(sensors) + len(engines)
    for k, name in enumerate(OTHERS[:3]):
        out[name] = (rows_before + k,)
    return out


def _rows(fault: Fault, sensors: Sequence[Sensor], engines: Sequence[int]) -> list[list[float]]:
    """Return the table rows of one fault; some kinds need a switch and a value."""
    known = units(sensors, engines)
    if fault.unit not in known:
        raise NameNotFoundError("unit to fail", fault.unit, known)
    kind = kind_named(fault.kind)
    rows = known[fault.unit]
    for row in rows:
        _must_fit(fault, kind, _family(row, sensors, engines))
    cells = _cells(fault, kind)
    trigger, value = _TRIGGERS[fault.trigger], fault.at
    return [
        [row, column, trigger, value, size, fault.duration_s, joins, 0.0]
        for row in rows
        for column, size, joins in cells
    ]


def _family(row: int, sensors: Sequence[Sensor], engines: Sequence[int]) -> str:
    if row < len(sensors):
        return kind_of(sensors[row])
    if row < len(sensors) + len(engines):
        return ENGINES[engines[row - len(sensors)]]
    return OTHERS[row - len(sensors) - len(engines)]


def kind_named(name: str) -> Kind:
    """Return a kind of fault; raises `NameNotFoundError` with the nearest one."""
    if name not in KINDS:
        raise NameNotFoundError("kind of fault", name, KINDS)
    return KINDS[name]


def _must_fit(fault: Fault, kind: Kind, family: str) -> None:
    if family in kind.units:
        return
    fitting = ", ".join(name for name, one in KINDS.items() if family in one.units)
    raise InputError(f"A {family} has no fault {fault.kind!r}. It can have: {fitting}.")


def _cells(fault: Fault, kind: Kind) -> list[tuple[int, float, int]]:
    """Return (column, size, way to join) of one fault."""
    match fault.kind:
        case "noise":
            return [(kind.column, fault.size - 1.0, kind.joins)]
        case "spikes":
            return [(at.SPIKE_SHARE, fault.share, kernels.HOLDS), (kind.column, fault.size, kind.joins)]
        case "false" | "accelerometer-off" | "wrong-match":
            return [(at.FALSE, 1.0, kernels.HOLDS), (kind.column, fault.size, kind.joins)]
        case "no-return":
            return [(kind.column, _NO_RETURN_M, kind.joins)]
        case _:
            return [(kind.column, fault.size if kind.dimension else 1.0, kind.joins)]


def _size_unit(kind: str) -> str | None:
    dimension = KINDS[kind].dimension if kind in KINDS else None
    return None if dimension is None else SI[dimension]
