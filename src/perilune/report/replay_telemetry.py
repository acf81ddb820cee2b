"""A landing as the ground would have seen it: the estimate, the sensors, fault detection, guidance, events.

Truth is no telemetry and stays in the replay. `descent.bin` holds CCSDS space packets, `descent.xml` the
description of them (XTCE), `openmct.json` and `openmct-history.json` the same points for Open MCT.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perilune.epoch import Epoch
from perilune.exchange.open_mct import dictionary, history
from perilune.exchange.space_packet import Field, PacketKind, packets, stream
from perilune.exchange.xtce import xtce
from perilune.report.landing_story import ACCEPTED, INVALID, ISOLATED, REACQUIRED, REJECTED
from perilune.report.replay import Facts, Replay, Table

Array = NDArray[np.float64]

FILES: Final = ("descent.bin", "descent.xml", "openmct.json", "openmct-history.json")
_NAVIGATION, _GUIDANCE, _DETECTION, _EVENT, _SENSOR = 0x100, 0x101, 0x102, 0x103, 0x110
_AXES: Final = "xyz"
#: Kinds of events, by code: all that the flight software itself can know.
EVENTS: Final = (
    "none",
    "phase began",
    "sensor first valid",
    "sensor first accepted",
    "rejections began",
    "sensor isolated",
    "sensor taken up again",
    "estimate at the ground",
    "end of telemetry",
)
_PHASE, _VALID, _FIRST, _REJECTS, _ISOLATES, _AGAIN, _GROUND, _END = range(1, 9)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Packets of one kind before they are packed: times in s after the base, and a column for each field."""

    kind: PacketKind
    time_s: Array
    values: Mapping[str, Array]


def parts(replay: Replay, *, every: int = 1) -> tuple[Part, ...]:
    """Return what is sent of a run, a kind for each subsystem and sensor; of the states each `every`-th."""
    states = {name: column[::every] for name, column in replay.states.items()}
    found = [
        _part(_navigation(), states),
        _part(_guidance(replay.facts), states),
        _detection(replay, states),
        *(_sensor(replay, index) for index in range(len(replay.facts.sensors))),
        _events(replay),
    ]
    return tuple(part for part in found if len(part.time_s))


def _part(kind: PacketKind, states: Table) -> Part:
    absent = np.full_like(states["t_s"], math.nan)
    return Part(kind, states["t_s"], {f.name: states.get(f.name, absent) for f in kind.fields})


def _numbers(kind: str, unit: str, what: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind, unit, what) for name in names)


def _vector(kind: str, stem: str, unit: str, what: str) -> tuple[Field, ...]:
    """Return three fields of the columns `stem_x_unit` …; the unit is written as names write it."""
    suffix = unit.replace("/", "_").replace("^", "")
    return tuple(Field(f"{stem}_{axis}_{suffix}", kind, unit, f"{what}, {axis}") for axis in _AXES)


def _navigation() -> PacketKind:
    inertial = "estimate, mean-Earth axes frozen at the base epoch"
    fields = (
        *_vector("float64", "position", "m", f"position: {inertial}"),
        *_vector("float64", "velocity", "m/s", f"velocity: {inertial}"),
        *_numbers("float32", "", "attitude, body to those axes, scalar first", *(f"q{k}" for k in range(4))),
        *_numbers("float32", "m", "estimated height above the ground", "height_m"),
        *_numbers("float32", "m/s", "estimated climb over the ground", "climb_m_s"),
        *_numbers("float32", "m/s", "estimated speed over the ground", "ground_speed_m_s"),
        *_vector("float32", "accelerometer_bias", "m/s^2", "estimated accelerometer bias, body"),
        *_vector("float32", "gyro_bias", "rad/s", "estimated gyro bias, body"),
        *_numbers("float32", "m", "estimated ground above the map on board", "terrain_m"),
        *_numbers("float32", "m", "estimated bias of the range", "range_bias_m"),
        *_numbers("float32", "m", "estimated error of the map's tie", "tie_east_m", "tie_north_m"),
        *_numbers("float32", "m", "one sigma of the height", "sigma_height_m"),
        *_vector("float32", "sigma_position", "m", "one sigma of the position"),
        *_vector("float32", "sigma_velocity", "m/s", "one sigma of the velocity"),
        *_vector("float32", "sigma_attitude", "rad", "one sigma of the attitude, body"),
    )
    return PacketKind("navigation", _NAVIGATION, "navigation filter", fields)


def _guidance(facts: Facts) -> PacketKind:
    fields = (
        Field("phase", "uint8", "", "phase of the descent", facts.phases),
        Field("main_throttle", "float32", "", "commanded level of the main engine"),
        Field("assist_throttle", "float32", "", "commanded level of the assist engines"),
        *(Field(f"wanted_{axis}", "float32", "", f"wanted thrust direction, {axis}") for axis in _AXES),
        Field("believed_mass_kg", "float32", "kg", "mass the flight software reckons with"),
    )
    return PacketKind("guidance", _GUIDANCE, "guidance and control", fields)


def identifier(name: str) -> str:
    """Return a name as one that databases take.

    >>> identifier("laser range finder #1")
    'laser_range_finder_1'
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "unnamed"


def _sensor_names(facts: Facts) -> list[str]:
    """Return an identifier for each sensor, numbered where two would be the same."""
    names = [identifier(name) for name, _ in facts.sensors]
    return [f"{name}_{k + 1}" if names.count(name) > 1 else name for k, name in enumerate(names)]


_UNITS: Final = {
    "laser": "m",
    "radar": "m",
    "velocimeter": "m/s",
    "star-tracker": "rad",
    "terrain-camera": "m",
    "hazard-camera": "m",
}


def _sensor(replay: Replay, index: int) -> Part:
    facts, mine = replay.facts, replay.sensor(index)
    unit = _UNITS.get(facts.sensors[index][1], "")
    fields = (
        Field("status", "uint8", "", "what the sensor delivered", facts.statuses),
        Field("verdict", "uint8", "", "what the flight software made of it", facts.verdicts),
        Field("value", "float64", unit, "value delivered"),
        Field("predicted", "float64", unit, "value predicted by the filter"),
        Field("residual", "float32", unit, "value less prediction"),
        Field("sigma", "float32", unit, "one sigma expected of the residual"),
        Field("nis", "float32", "", "squared residual over its variance"),
        Field("age_s", "float32", "s", "age of the sample when delivered"),
    )
    kind = PacketKind(
        f"sensor_{_sensor_names(facts)[index]}",
        _SENSOR + index,
        f"readings of {facts.sensors[index][0]}",
        fields,
    )
    return _part(kind, mine)


def _detection(replay: Replay, states: Table) -> Part:
    """Return fault detection: for each sensor the last verdict and how many were accepted and rejected."""
    fields: list[Field] = []
    t_s = states["t_s"]
    values: dict[str, Array] = {}
    for index, name in enumerate(_sensor_names(replay.facts)):
        mine = replay.sensor(index)
        place = np.searchsorted(mine["t_s"], t_s, side="right")
        last = np.concatenate([[0.0], mine["verdict"]])[place]
        fields.append(Field(f"{name}_verdict", "uint8", "", f"last verdict on {name}", replay.facts.verdicts))
        values[f"{name}_verdict"] = last
        for word, codes in (("accepted", (ACCEPTED, REACQUIRED)), ("rejected", (REJECTED, ISOLATED))):
            counted = np.concatenate([[0.0], np.cumsum(np.isin(mine["verdict"], codes))])[place]
            fields.append(Field(f"{name}_{word}", "uint16", "", f"readings of {name} {word} so far"))
            values[f"{name}_{word}"] = np.minimum(counted, 65535.0)
    return Part(PacketKind("detection", _DETECTION, "fault detection", tuple(fields)), t_s, values)


def _events(replay: Replay) -> Part:
    facts = replay.facts
    fields = (
        Field("code", "uint8", "", "what happened", EVENTS),
        Field("sensor", "uint8", "", "sensor it happened to", ("none", *_sensor_names(facts))),
        Field("phase", "uint8", "", "phase of the descent", facts.phases),
        Field("height_m", "float32", "m", "estimated height above the ground at the time"),
    )
    told = sorted(_told(replay))
    table = np.array(told) if told else np.empty((0, 3))
    states = replay.states
    phase = np.searchsorted(states["t_s"], table[:, 0], side="right") - 1
    values = {
        "code": table[:, 1],
        "sensor": table[:, 2],
        "phase": states["phase"][np.maximum(phase, 0)],
        "height_m": np.interp(table[:, 0], states["t_s"], states["height_m"]),
    }
    return Part(PacketKind("event", _EVENT, "events", fields), table[:, 0], values)


def _told(replay: Replay) -> Iterator[tuple[float, int, int]]:
    """Yield time, code and sensor (from 1 on) of each event, out of what the flight software knew."""
    states = replay.states
    for i in np.flatnonzero(np.diff(states["phase"], prepend=math.nan) != 0.0):
        yield float(states["t_s"][i]), _PHASE, 0
    for index in range(len(replay.facts.sensors)):
        mine = replay.sensor(index)
        for code, inside, each in (
            (_VALID, mine["status"] == 1.0, False),
            (_FIRST, np.isin(mine["verdict"], (ACCEPTED, REACQUIRED)), False),
            (_REJECTS, mine["verdict"] == REJECTED, True),
            (_ISOLATES, mine["verdict"] == ISOLATED, True),
            (_AGAIN, mine["verdict"] == REACQUIRED, True),
        ):
            yield from ((t_s, code, index + 1) for t_s in _begins(mine, inside, each))
    ground = np.flatnonzero(states["height_m"] < 2.0)
    if ground.size:
        yield float(states["t_s"][ground[0]]), _GROUND, 0
    yield float(states["t_s"][-1]), _END, 0


def _begins(mine: Table, inside: NDArray[np.bool_], each: bool) -> list[float]:
    """Return when a verdict began, the first time only or each time; invalid readings end no stretch."""
    told = (
        (mine["verdict"] != 0.0) & (mine["verdict"] != INVALID) if each else np.ones(len(inside), dtype=bool)
    )
    begins = np.flatnonzero(np.diff(inside[told].astype(int), prepend=0) == 1)
    return [float(t_s) for t_s in mine["t_s"][told][begins if each else begins[:1]]]


def write_telemetry(replay: Replay, folder: str | Path, *, every: int = 1) -> tuple[Path, ...]:
    """Write `FILES` into a folder that is made if need be, and return their paths.

    `every` thins the states, which are logged at 10 Hz; Open MCT's history holds about one a second.
    """
    folder, base = Path(folder), Epoch.utc(replay.facts.base_utc)
    folder.mkdir(parents=True, exist_ok=True)
    sent = parts(replay, every=every)
    kinds = [part.kind for part in sent]
    database = xtce(
        kinds,
        name=identifier(replay.facts.vehicle),
        version=replay.facts.version or "0",
        date=replay.facts.base_utc[:10],
        what=f"{replay.facts.mission}, descent",
    )
    points: dict[str, list[list[float]]] = {}
    for part in parts(replay, every=10):
        points |= history(part.kind, base, part.time_s, part.values)
    texts = {
        "descent.xml": database,
        "openmct.json": json.dumps(
            dictionary(kinds, name=replay.facts.mission, key=identifier(replay.facts.vehicle)), indent=1
        ),
        "openmct-history.json": json.dumps(points, separators=(",", ":")),
    }
    data = stream([packets(part.kind, base, part.time_s, part.values) for part in sent])
    (folder / "descent.bin").write_bytes(data)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in FILES)
