"""What a call asks for, read from its words: names with their nearest neighbours, and sweeps."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from perilune.errors import InputError, NameNotFoundError

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SWEEP: Final = re.compile(rf"([^=]+)=({_NUMBER})\s*([^:]*):({_NUMBER})\s*([^:]*):(\d+)")
_MOST_CELLS: Final = 10_000
#: Digits of a count that are read: more say that it is too large.
_MOST_DIGITS: Final = 9


def names_asked(kind: str, text: str, possible: Iterable[str]) -> list[str]:
    """Return the names of a list with commas, `all` for every one; each once, in the order asked.

    Raises `NameNotFoundError` with the nearest name, or `InputError` on an empty list.

    >>> names_asked("policy", "latch, apollo,latch", ("apollo", "latch", "voting"))
    ['latch', 'apollo']
    """
    there = list(possible)
    asked = [name.strip() for name in text.split(",") if name.strip()]
    if not asked:
        raise InputError(f"No {kind} is named. There are: {', '.join(there)}.")
    found: list[str] = []
    for name in asked:
        if name != "all" and name not in there:
            raise NameNotFoundError(kind, name, there)
        found += there if name == "all" else [name]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Sweep:
    """A value of the mission file and what it takes, in the unit it is written with."""

    name: str
    values: tuple[float, ...]
    unit: str = ""

    @property
    def title(self) -> str:
        """Return the name with its unit, as an axis is called."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def written(self, value: float) -> float | str:
        """Return a value as the mission file would hold it."""
        return f"{value!r} {self.unit}" if self.unit else value


def sweep_asked(text: str) -> Sweep:
    """Return a sweep written as `name=from:to:n`, the ends with their unit or both without.

    >>> sweep_asked("sensor.laser.range=500 m:3000 m:6").values
    (500.0, 1000.0, 1500.0, 2000.0, 2500.0, 3000.0)
    """
    found = _SWEEP.fullmatch(text.strip())
    cure = "Write name=from:to:n, say --sweep 'sensor.laser.range=1 km:5 km:9'."
    if found is None:
        raise InputError(f"--sweep {text}: can not be read. {cure}")
    name, low, unit, high, again, count = (part.strip() for part in found.groups())
    if unit and again and unit != again:
        raise InputError(f"--sweep {text}: goes from {unit} to {again}. Write both ends in one unit.")
    first, last, number = float(low), float(high), int(count[:_MOST_DIGITS])
    if number > _MOST_CELLS:
        raise InputError(f"--sweep {text}: asks for {count} values. Ask for {_MOST_CELLS} at most.")
    if not math.isfinite(first) or not math.isfinite(last):
        raise InputError(f"--sweep {text}: an end is not finite. {cure}")
    if number < 1 or (number == 1 and first != last):
        raise InputError(f"--sweep {text}: {number} values can not lead from {low} to {high}. Ask for more.")
    step = (last - first) / max(number - 1, 1)
    values = tuple(round(first + k * step, 12) for k in range(number))
    return Sweep(name, values, unit or again)


def grid(sweeps: Sequence[Sweep]) -> list[tuple[tuple[Sweep, float], ...]]:
    """Return the points of up to two sweeps, the second running faster; one empty point without any."""
    if len(sweeps) > 2:
        raise InputError(f"--sweep is given {len(sweeps)} times. A success map has two sides at most.")
    if len({sweep.name for sweep in sweeps}) < len(sweeps):
        raise InputError(f"--sweep {sweeps[0].name} is given twice. Sweep two different values.")
    cells = 1
    for sweep in sweeps:
        cells *= len(sweep.values)
    if cells > _MOST_CELLS:
        raise InputError(f"--sweep asks for {cells} cells. Ask for {_MOST_CELLS} at most.")
    return list(product(*([(sweep, value) for value in sweep.values] for sweep in sweeps)))
