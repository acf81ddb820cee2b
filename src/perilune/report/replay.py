"""The replay of one landing: all states true and estimated, each measurement with its verdict, in one file.

The file is a `.npz`: every column is an array of its own, so a notebook needs two lines and nothing of this
package::

    run = numpy.load("run-17.npz")
    pyplot.plot(run["states/t_s"], run["states/true_height_m"])

`read` gives the same as a `Replay`. The same run gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.errors import InputError
from perilune.report.relief import Plane, Relief

Array = NDArray[np.float64]
Table = Mapping[str, Array]

FORMAT: Final = "perilune landing replay 1"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip archive can hold: no clock in the bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run was: who flew where with what, and what came of it; times count from `base_utc`."""

    mission: str
    vehicle: str
    policy: str
    seed: int
    run: int
    outcome: str
    first_cause: str
    base_utc: str
    site: str
    site_latitude_rad: float
    site_longitude_rad: float
    #: Elevation of the site above the 1737.4 km sphere on the true ground, m.
    site_elevation_m: float
    #: Name and kind of each sensor, in the order of the measurements' numbers.
    sensors: tuple[tuple[str, str], ...] = ()
    #: Names of the codes in the tables.
    phases: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    #: Full thrust of all engines used in the descent, N, and mass without propellant, kg; 0 if unknown.
    full_thrust_n: float = 0.0
    dry_mass_kg: float = 0.0
    #: What a success may be at most, by column of the row (`vertical_m_s`, `tilt_rad`, …).
    limits: Mapping[str, float] = field(default_factory=dict)
    #: The faults of the run, a sentence each.
    faults: tuple[str, ...] = ()
    digest: str = ""
    version: str = ""
    #: The command that flies this run again.
    command: str = ""
    #: What was made public of the real flight: figure, value in SI, as written, by whom.
    published: tuple[tuple[str, float, str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """One flown run: its facts, its row of the campaign, its tables over time, the ground beneath it.

    `states` has a column each in SI and radians (`docs/replay.md` names them all), `measurements` one row
    for each delivery of a sensor; `row` is what the campaign keeps of the run.
    """

    facts: Facts
    row: Mapping[str, float]
    states: Table
    measurements: Table
    reliefs: tuple[Relief, ...] = ()

    def sensor(self, index: int) -> Table:
        """Return the measurements of one sensor."""
        mine = self.measurements["sensor"] == index
        return {name: column[mine] for name, column in self.measurements.items()}


def write(replay: Replay, path: str | Path) -> Path:
    """Write the replay file, whole or not at all, and return its path."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(to_bytes(replay))
    return partial.replace(path)


def to_bytes(replay: Replay) -> bytes:
    """Return the replay file's bytes."""
    head = {"format": FORMAT, "facts": dataclasses.asdict(replay.facts), "row": dict(replay.row)}
    members: dict[str, NDArray[Any]] = {
        "about.json": np.frombuffer(json.dumps(head, sort_keys=True).encode(), dtype=np.uint8),
        **{f"states/{name}": column for name, column in replay.states.items()},
        **{f"measurements/{name}": column for name, column in replay.measurements.items()},
    }
    for relief in replay.reliefs:
        members[f"ground/{relief.name}/height_m"] = relief.height_m
        members[f"ground/{relief.name}/where"] = np.concatenate(
            [[relief.x_low_m, relief.y_low_m, relief.step_m], relief.plane.origin, relief.plane.along]
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in members.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def read(path: str | Path) -> Replay:
    """Return the replay of a file, or raise an `InputError` that says what is wrong with it."""
    try:
        with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        head = json.loads(arrays.pop("about.json").tobytes())
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such replay file.") from None
    except (OSError, EOFError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as fault:
        raise InputError(f"{path}: is no replay of a landing, or was cut short. Write it again.") from fault
    if head["format"] != FORMAT:
        raise InputError(f"{path}: is of format {head['format']!r}; this version reads {FORMAT!r}.")
    facts = Facts(**{name: _tuples(value) for name, value in head["facts"].items()})
    row = {name: float(value) for name, value in head["row"].items()}
    return Replay(facts, row, _part(arrays, "states/"), _part(arrays, "measurements/"), _reliefs(arrays))


def _tuples(value: object) -> Any:
    return tuple(_tuples(entry) for entry in value) if isinstance(value, list) else value


def _part(arrays: Mapping[str, Array], prefix: str) -> Table:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _reliefs(arrays: Mapping[str, NDArray[Any]]) -> tuple[Relief, ...]:
    found = []
    for name, height_m in arrays.items():
        parts = name.split("/")
        if parts[0] == "ground" and parts[-1] == "height_m":
            where = arrays[f"ground/{parts[1]}/where"]
            x_low_m, y_low_m, step_m = where[:3].tolist()
            plane = Plane(where[3:6], where[6:9])
            found.append(Relief(parts[1], plane, x_low_m, y_low_m, step_m, height_m))
    return tuple(found)
