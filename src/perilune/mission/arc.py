"""A single arc as a file: what `perilune propagate ARC.toml` reads, flies and answers."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BeforeValidator, Field, StrictBool

from perilune.dynamics import events as detectors
from perilune.dynamics.burns import Burn, Direction
from perilune.dynamics.forces import GM_M3_S2, ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import COLLAPSED, STOPPED, Trajectory
from perilune.epoch import Epoch
from perilune.errors import MissionFileError
from perilune.exchange import oem
from perilune.mission.load import faults_of, parse_toml, read_text
from perilune.mission.quantities import Area, Date, PositiveMass, PositiveTime, Ratio
from perilune.mission.table import Table
from perilune.units import quantities, quantity
from perilune.world.frames import Frame

Body = Literal["earth", "moon", "sun", "venus", "mars", "jupiter", "saturn"]
EventKind = Literal["apsides", "nodes", "shadow", "sphere_of_influence", "impact"]
#: Between two accepted steps, a file of states holds this many.
_STATES_A_STEP: Final = 4


def _quantity(dimension: str) -> Any:
    return BeforeValidator(lambda value: quantity(value, dimension))


def _three(dimension: str) -> Any:
    return BeforeValidator(lambda value: quantities(value, dimension, 3))


def _positive(dimension: str) -> Any:
    def read(value: object) -> float:
        number = quantity(value, dimension)
        if not number > 0.0:
            raise ValueError(f"given {value!r}, but it must be positive.")
        return number

    return BeforeValidator(read)


def _not_negative(dimension: str) -> Any:
    def read(value: object) -> float:
        number = quantity(value, dimension)
        if number < 0.0:
            raise ValueError(f"given {value!r}, but it must be at least zero.")
        return number

    return BeforeValidator(read)


def _read_start(value: object) -> Epoch | float:
    """Read a date, or a time after the arc's epoch."""
    if isinstance(value, str) and value[:1].isdigit() and "-" in value[:6]:
        return Epoch.parse(value)
    return quantity(value, "time")


_WORDS: Final[Mapping[str, Callable[[], Direction]]] = {
    "velocity": Direction.velocity,
    "anti-velocity": Direction.anti_velocity,
}
_DIRECTION_CURE: Final = (
    'Write "velocity", "anti-velocity", { vnb = [1, 0, 0] } (along velocity, orbit normal, their cross '
    'product; body = "moon" to mean another than the centre), { inertial = [1, 0, 0] }, or that with '
    'axis = [0, 0, 1] and rate = "0.1 deg/s" to turn.'
)


def _read_direction(value: object) -> Direction:
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]()
    if isinstance(value, list):
        return Direction.inertial(_vector(value))
    if not isinstance(value, dict):
        raise ValueError(f"given {value!r}. {_DIRECTION_CURE}")
    keys = set(value)
    if keys in ({"vnb"}, {"vnb", "body"}):
        body = value.get("body", "")
        if not isinstance(body, str) or (body and body not in GM_M3_S2):
            raise ValueError(f"given body {body!r}. There are: {', '.join(GM_M3_S2)}.")
        return Direction.vnb(_vector(value["vnb"]), body)
    if keys == {"inertial"}:
        return Direction.inertial(_vector(value["inertial"]))
    if keys == {"inertial", "axis", "rate"}:
        rate_rad_s = quantity(value["rate"], "angular rate")
        return Direction.turning(_vector(value["inertial"]), _vector(value["axis"]), rate_rad_s)
    raise ValueError(f"given {value!r}. {_DIRECTION_CURE}")


def _vector(value: object) -> tuple[float, float, float]:
    x, y, z = quantities(value, "dimensionless", 3)
    return x, y, z


class SpacecraftTable(Table):
    """[spacecraft]: what is moved."""

    dry_mass: PositiveMass
    propellant: Annotated[float, _not_negative("mass")] = 0.0


class GravityTable(Table):
    """[forces] gravity: the Moon's field by degree and order, the Earth's zonal terms by degree."""

    moon: Annotated[int, Field(strict=True, ge=0, le=200)] = 0
    earth: Annotated[int, Field(strict=True, ge=0, le=4)] = 0


class PressureTable(Table):
    """[forces] solar_pressure: a sphere in sunlight."""

    area: Area
    reflectivity: Ratio
    shadow: StrictBool = True


class ForcesTable(Table):
    """[forces]: what pulls and pushes."""

    point_masses: tuple[Body, ...] = ("earth", "moon", "sun")
    gravity: GravityTable = GravityTable()
    gm: Mapping[Body, Annotated[float, _positive("gm")]] = Field(default_factory=dict)
    solar_pressure: PressureTable | None = None
    relativity: StrictBool = False

    def model(self) -> ForceModel:
        """Return the force model."""
        pressure = self.solar_pressure
        return ForceModel(
            point_masses=tuple(dict.fromkeys(self.point_masses)),
            moon_degree=self.gravity.moon,
            earth_zonals=self.gravity.earth if self.gravity.earth > 1 else 0,
            solar_pressure=SolarPressure(pressure.area, pressure.reflectivity, pressure.shadow)
            if pressure
            else None,
            relativity=self.relativity,
            gm_m3_s2=tuple(self.gm.items()),
        )


class BurnTable(Table):
    """[[burn]]: a finite burn; `start` is a date or a time after the arc's epoch."""

    start: Annotated[Epoch | float, BeforeValidator(_read_start)]
    duration: PositiveTime
    thrust: Annotated[float, _positive("force")]
    isp: PositiveTime
    direction: Annotated[Direction, BeforeValidator(_read_direction)] = Direction.velocity()
    mass_flow: StrictBool = True

    def burn(self, base: Epoch, name: str) -> Burn:
        """Return the burn."""
        start = self.start if isinstance(self.start, Epoch) else base + self.start
        return Burn(start, self.duration, self.thrust, self.isp, self.direction, self.mass_flow, name)


class ArcFile(Table):
    """The whole file."""

    epoch: Date
    centre: Literal["earth", "moon"] = "earth"
    position: Annotated[tuple[float, float, float], _three("length")]
    velocity: Annotated[tuple[float, float, float], _three("speed")]
    duration: Annotated[float, _quantity("time")] | None = None
    until: Date | None = None
    spacecraft: SpacecraftTable | None = None
    forces: ForcesTable = ForcesTable()
    burns: tuple[BurnTable, ...] = Field(default=(), alias="burn")
    events: tuple[EventKind, ...] = ("apsides", "impact")


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc to fly: everything resolved."""

    state: State
    end_s: float
    forces: ForceModel
    burns: tuple[Burn, ...]
    detectors: tuple[detectors.Detector, ...]
    dry_kg: float
    propellant_kg: float


def load_arc(path: str | Path) -> Arc:
    """Return the arc of a file; all faults of it stand in one `MissionFileError`."""
    return read_arc(read_text(Path(path)), source=str(path))


def read_arc(text: str, source: str = "arc") -> Arc:
    """Return the arc of a TOML text; all faults of it stand in one `MissionFileError`."""
    raw = parse_toml(text, source)
    faults = faults_of(ArcFile, raw) + _together(raw)
    if faults:
        raise MissionFileError(source, faults)
    file = ArcFile.model_validate(raw)
    craft = file.spacecraft or SpacecraftTable.model_validate({"dry_mass": "1 kg"})
    end_s = file.duration if file.duration is not None else _span(file)
    burns = tuple(table.burn(file.epoch, f"burn {i}") for i, table in enumerate(file.burns, 1))
    forces = file.forces.model()
    faults = _centre_pulls(file.centre, forces) + _gm_counts(file.forces) + _outside_ground(file)
    faults += _apart(burns) + _within(burns, file.epoch, end_s)
    if faults:
        raise MissionFileError(source, faults)
    state = State(file.epoch, Frame(file.centre), np.array(file.position), np.array(file.velocity))
    return Arc(state, end_s, forces, burns, _detectors(file, forces), craft.dry_mass, craft.propellant)


def _span(file: ArcFile) -> float:
    assert file.until is not None  # `_together` has seen to it
    return file.until - file.epoch


def _together(raw: Mapping[str, Any]) -> list[str]:
    """Return the faults that several keys make together."""
    faults = []
    if "duration" not in raw and "until" not in raw:
        faults.append('duration: missing. Add duration = "36 h", or until = "2027-03-03T00:00:00 UTC".')
    if "duration" in raw and "until" in raw:
        faults.append("until: given beside duration. Keep one of them.")
    forces = raw.get("forces")
    lit = isinstance(forces, Mapping) and "solar_pressure" in forces
    if "spacecraft" not in raw and (lit or "burn" in raw):
        why = "solar_pressure" if lit else "burn"
        faults.append(f'spacecraft: missing, but {why} needs a mass. Add [spacecraft] dry_mass = "1000 kg".')
    return faults


def _centre_pulls(centre: str, forces: ForceModel) -> list[str]:
    pulls = centre in forces.point_masses or (centre == "moon" and forces.moon_degree > 0)
    if pulls or (centre == "earth" and forces.earth_zonals > 0):
        return []
    return [f"forces.point_masses: leaves out the centre {centre!r}. Add it."]


def _gm_counts(forces: ForcesTable) -> list[str]:
    """Return a fault for every GM of a body that does not pull."""
    pulls = {*forces.point_masses}
    pulls |= {body for body in ("earth", "moon") if getattr(forces.gravity, body) > 0}
    idle = [body for body in forces.gm if body not in pulls]
    return [
        f"forces.gm.{body}: {body} is not in point_masses and pulls nothing. Add it there." for body in idle
    ]


def _outside_ground(file: ArcFile) -> list[str]:
    """Return a fault where an arc that ends at an impact begins beneath the ground."""
    below_m = detectors.RADIUS_M[file.centre] - math.hypot(*file.position)
    if below_m <= 0.0 or "impact" not in file.events:
        return []
    return [
        f"position: lies {below_m / 1e3:.6g} km beneath the {file.centre}'s surface. Write it from the "
        "body's centre, or leave impact out of events to fly through."
    ]


def _within(burns: Sequence[Burn], epoch: Epoch, end_s: float) -> list[str]:
    """Return a fault for every burn of which no part falls into the arc."""
    first_s, last_s = min(0.0, end_s), max(0.0, end_s)
    return [
        f"burn: {burn.name!r}, from {start_s:.6g} s to {start_s + burn.duration_s:.6g} s after the epoch, "
        f"lies outside the arc, {first_s:.6g} s to {last_s:.6g} s. Move it, or fly longer."
        for burn in burns
        if end_s and ((start_s := burn.start - epoch) + burn.duration_s <= first_s or start_s >= last_s)
    ]


def _apart(burns: Sequence[Burn]) -> list[str]:
    """Return a fault for every burn that begins before an earlier one has ended."""
    ordered = sorted(burns, key=lambda burn: burn.start)
    return [
        f"burn: {after.name!r} begins {before.start + before.duration_s - after.start:.6g} s before "
        f"{before.name!r} ends. Move one of them."
        for before, after in itertools.pairwise(ordered)
        if after.start - before.start < before.duration_s
    ]


def _detectors(file: ArcFile, forces: ForceModel) -> tuple[detectors.Detector, ...]:
    solid = [body for body in ("earth", "moon") if body in forces.point_masses or body == file.centre]
    found: list[detectors.Detector] = []
    if "apsides" in file.events:
        found += [detectors.periapsis(file.centre), detectors.apoapsis(file.centre)]
    if "nodes" in file.events:
        found.append(detectors.equator_crossing() if file.centre == "moon" else detectors.node(file.centre))
    if "shadow" in file.events:
        found += [detectors.shadow(body, umbra=umbra) for body in solid for umbra in (False, True)]
    if "sphere_of_influence" in file.events:
        found += [detectors.sphere_of_influence("moon")]
    if "impact" in file.events:
        found += [detectors.impact(body) for body in solid]
    return tuple(found)


def fly_arc(arc: Arc, *, stm: bool = False) -> Trajectory:
    """Propagate an arc."""
    return propagate(
        arc.state,
        arc.end_s,
        arc.forces,
        burns=arc.burns,
        events=arc.detectors,
        stm=stm,
        mass_kg=arc.dry_kg + arc.propellant_kg,
        propellant_kg=arc.propellant_kg,
    )


def answer(arc: Arc, flown: Trajectory) -> dict[str, Any]:
    """Return what `--json` prints, in SI at full precision."""
    final = flown.final
    told: dict[str, Any] = {
        "outcome": flown.events[-1].name if flown.outcome == STOPPED else flown.outcome,
        "epoch_tdb": final.epoch.iso("TDB", 9),
        "epoch_utc": final.epoch.utc_iso(9),
        "centre": final.frame.centre,
        "position_m": final.position_m.tolist(),
        "velocity_m_s": final.velocity_m_s.tolist(),
        "propellant_kg": flown.final_mass_kg - arc.dry_kg,
        "steps": flown.steps,
        "events": [
            {
                "name": event.name,
                "direction": event.direction,
                "epoch_tdb": event.epoch.iso("TDB", 9),
                "epoch_utc": event.epoch.utc_iso(9),
                "position_m": event.state.position_m.tolist(),
                "velocity_m_s": event.state.velocity_m_s.tolist(),
            }
            for event in flown.events
        ],
    }
    if flown.stm is not None:
        told["stm"] = flown.stm.tolist()
    return told


def to_json(told: Mapping[str, Any]) -> str:
    """Return an answer as JSON text."""
    return json.dumps(told, indent=2, allow_nan=False)


def to_oem(flown: Trajectory, name: str, created_utc: str) -> str:
    """Return the arc as a CCSDS OEM, one segment a leg, with states between the accepted steps."""
    segments = []
    for leg in flown.legs:
        times = _spread(leg.nodes[:, 0])
        order = np.argsort(times, kind="stable")
        states = leg.states(times)[0][order]
        segments.append(
            oem.Segment(leg.name, flown.frame, flown.base, times[order], states[:, :3], states[:, 3:])
        )
    if flown.duration_s < 0.0:
        segments.reverse()
    return oem.render(segments, object_name=name, created_utc=created_utc)


def _spread(node_s: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the nodes and times between them, so that an interpolation follows the arc."""
    parts = np.arange(_STATES_A_STEP) / _STATES_A_STEP
    inner = (node_s[:-1, None] + np.diff(node_s)[:, None] * parts).ravel()
    return np.append(inner, node_s[-1])


def describe(arc: Arc, flown: Trajectory) -> str:
    """Return the answer for people, in km."""
    final = flown.final
    told = answer(arc, flown)
    lines = [
        f"{told['outcome']} at {told['epoch_utc']} after {flown.duration_s / 3600:.6g} h",
        f"centre    {final.frame}",
        "position  " + "  ".join(f"{part / 1e3: .6f}" for part in final.position_m) + "  km",
        "velocity  " + "  ".join(f"{part / 1e3: .9f}" for part in final.velocity_m_s) + "  km/s",
        f"distance  {math.hypot(*final.position_m) / 1e3:.6f} km",
        f"left      {told['propellant_kg']:.6f} kg of propellant",
        f"steps     {flown.steps}",
    ]
    if flown.outcome == COLLAPSED:
        lines.append(
            "note      the steps became too small here: something pulls or turns too hard. Look at position, "
            "forces and burns."
        )
    lines += [f"event     {event['epoch_utc']}  {event['name']}" for event in told["events"]]
    return "\n".join(lines)
