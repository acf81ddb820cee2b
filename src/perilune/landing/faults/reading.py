"""Faults read from files, with every mistake told and its cure.

In a file::

    [[fault]]
    unit = "laser"
    kind = "bias"
    size = "50 m"
    below = "5 km"        # or after = "300 s" (since ignition), or phase = "approach"; from the start without
    duration = "20 s"     # for good without

The ground has one fault, a step that no map shows: `unit = "ground"`, `kind = "step"`, `size = "3 km"`,
`before = "65 km"` (before the site, along the track).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from perilune.errors import InputError, MissionFileError, NameNotFoundError
from perilune.landing.faults.rows import PHASES, Fault, Trigger, kind_named, of_ground
from perilune.units import quantity


def read_fault(entry: Mapping[str, object]) -> Fault:
    """Return a fault from the entries of a file; raises `InputError` with the cure.

    >>> read_fault({"unit": "laser", "kind": "late", "size": "893 m"}).size
    893.0
    """
    for key in entry:
        if key not in _KEYS:
            raise NameNotFoundError("entry of a fault", key, _KEYS)
    for key in ("unit", "kind"):
        if not isinstance(entry.get(key), str):
            raise InputError(f'A fault needs {key} = "…" as text.')
    kind = kind_named(str(entry["kind"]))
    if kind.dimension is None and "size" in entry:
        raise InputError(f"A fault {entry['kind']!r} has no size. Leave it out.")
    if kind.dimension is not None and "size" not in entry:
        raise InputError(f"A fault {entry['kind']!r} needs a size, a {kind.dimension}: {kind.what}.")
    size = quantity(entry["size"], kind.dimension) if kind.dimension else 0.0
    if entry["kind"] == "noise" and size <= 0.0:
        raise InputError(f"noise is a factor above zero, given {entry['size']!r}.")
    duration_s = quantity(entry["duration"], "time") if "duration" in entry else 0.0
    if duration_s < 0.0:
        raise InputError(f"duration must be positive, given {entry['duration']!r}.")
    share = quantity(entry["share"], "dimensionless") if "share" in entry else 0.2
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share must lie between 0 and 1, given {entry['share']!r}.")
    trigger, value = _read_trigger(entry)
    fault = Fault(str(entry["unit"]), str(entry["kind"]), trigger, value, size, duration_s, share)
    of_ground(fault)
    return fault


_KEYS: Final = ("unit", "kind", "size", "after", "below", "phase", "before", "duration", "share")


def _read_trigger(entry: Mapping[str, object]) -> tuple[Trigger, float]:
    given = [key for key in ("after", "below", "phase", "before") if key in entry]
    if len(given) > 1:
        raise InputError(f"A fault begins once: give one of {' and '.join(given)}.")
    if not given:
        return "start", 0.0
    if given[0] == "phase":
        name = str(entry["phase"])
        if name not in PHASES:
            raise NameNotFoundError("phase", name, PHASES)
        return "phase", float(PHASES.index(name))
    dimension = "time" if given[0] == "after" else "length"
    return cast(Trigger, given[0]), quantity(entry[given[0]], dimension)


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a TOML file with `[[fault]]` tables; all mistakes are told at once."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("fault", [])
    except OSError as error:
        raise InputError(f"{path} can not be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML: {error}.") from error
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path} has no [[fault]].")
    out, mistakes = [], []
    for number, entry in enumerate(entries, 1):
        try:
            out.append(read_fault(entry))
        except InputError as error:
            mistakes.append(f"fault {number}: {error}")
    if mistakes:
        raise MissionFileError(str(path), mistakes)
    return tuple(out)
