"""What a flight delivers: where it went, what it burned, what it reached, and what that was made from.

All in SI, radians and epochs. `document` says how it becomes JSON; `docs/schema/delivery.schema.json` is made
from these classes. Failure of physics stands in `outcome`, with everything flown until then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.epoch import Epoch
from perilune.mission.document import HIDDEN, schema_of, to_document
from perilune.operations.milestones import MilestoneResult, Status
from perilune.world.frames import Frame

Array = NDArray[np.float64]

SCHEMA_ID: Final = "urn:perilune:schema:delivery:1"


class Outcome(StrEnum):
    """How a flight ended."""

    LANDED = "landed"
    HARD_LANDING = "hard_landing"
    CRASHED = "crashed"
    PROPELLANT_EXHAUSTED = "propellant_exhausted"
    NO_TRANSFER = "no_transfer"
    NO_LUNAR_ORBIT = "no_lunar_orbit"
    NO_DESCENT = "no_descent"


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of the flown trajectory: states at `base` + `time_s`, in time order.

    `time_s` (n,), `position_m` (n, 3) and `velocity_m_s` (n, 3) about the frame's centre, ICRF axes.
    """

    name: str
    phase: str
    frame: Frame
    base: Epoch
    time_s: Array
    position_m: Array
    velocity_m_s: Array

    @property
    def start(self) -> Epoch:
        """Return the epoch of the first state."""
        return self.base + float(self.time_s[0])

    @property
    def end(self) -> Epoch:
        """Return the epoch of the last state."""
        return self.base + float(self.time_s[-1])


@dataclass(frozen=True, slots=True)
class Manoeuvre:
    """A burn as flown; a duration of zero is an impulse."""

    name: str
    phase: str
    start_epoch: Epoch
    dv_m_s: float
    duration_s: float
    propellant_kg: float
    mass_before_kg: float
    thrust_n: float | None = None
    isp_s: float | None = None
    direction: str = ""

    @property
    def end_epoch(self) -> Epoch:
        """Return the epoch at which the burn ends."""
        return self.start_epoch + self.duration_s


@dataclass(frozen=True, slots=True)
class Injection:
    """The start of the transfer: the perigee at which the launcher lets go."""

    epoch: Epoch
    perigee_altitude_m: float
    inclination_rad: float
    c3_m2_s2: float
    pad_plane_angle_rad: float


@dataclass(frozen=True, slots=True)
class Flyby:
    """The outbound passage of the Moon, at its lowest point."""

    epoch: Epoch
    altitude_m: float
    v_infinity_m_s: float


@dataclass(frozen=True, slots=True)
class InsertionResult:
    """The insertion burn (its centre) and the ellipse it ended in."""

    epoch: Epoch
    dv_m_s: float
    duration_s: float
    perilune_altitude_m: float
    apolune_altitude_m: float


@dataclass(frozen=True, slots=True)
class Transfer:
    """From launch to insertion, and every manoeuvre; a flight that starts in lunar orbit has no launch."""

    launch_epoch: Epoch | None
    injection: Injection | None
    flyby: Flyby | None
    max_earth_distance_m: float | None
    max_earth_distance_epoch: Epoch | None
    dv_flyby_to_insertion_m_s: float | None
    insertion: InsertionResult | None
    manoeuvres: tuple[Manoeuvre, ...]
    dv_total_m_s: float
    node_mismatch_m: float | None = None
    node_mismatch_m_s: float | None = None


@dataclass(frozen=True, slots=True)
class OrbitState:
    """An orbit about the Moon, osculating; altitudes above the mean sphere."""

    epoch: Epoch
    note: str
    perilune_altitude_m: float
    apolune_altitude_m: float
    inclination_rad: float


@dataclass(frozen=True, slots=True)
class LunarOrbitResult:
    """The orbits after each manoeuvre, and the altitudes kept from the circular orbit to the descent.

    `band_low_m` to `band_high_m` is the band of altitude that was asked for.
    """

    orbits: tuple[OrbitState, ...]
    circular_epoch: Epoch | None
    lowest_altitude_m: float | None
    highest_altitude_m: float | None
    band_low_m: float | None = None
    band_high_m: float | None = None


@dataclass(frozen=True, slots=True)
class LandingResult:
    """The descent and its end; mean-Earth latitude and longitude, speeds over the ground.

    `dv_m_s` is spent from the start of braking, `dv_ideal_m_s` the least for the same thrust and start.
    """

    outcome: str
    epoch: Epoch | None = None
    latitude_rad: float | None = None
    longitude_rad: float | None = None
    miss_distance_m: float | None = None
    vertical_speed_m_s: float | None = None
    horizontal_speed_m_s: float | None = None
    tilt_rad: float | None = None
    propellant_left_kg: float | None = None
    dv_m_s: float | None = None
    dv_ideal_m_s: float | None = None
    powered_start_epoch: Epoch | None = None
    earth_elevation_rad: float | None = None
    sun_elevation_rad: float | None = None


@dataclass(frozen=True, slots=True)
class DescentHistory:
    """The descent in time: arrays of one length.

    `altitude_m` is above the ground, `elevation_m` that of the ground beneath over the mean sphere, `to_go_m`
    the way left along the ground, vertical speed positive upwards,
    `throttle` the thrust over its largest value, `phase` the name of the guidance phase at each moment.
    """

    base: Epoch
    time_s: Array
    altitude_m: Array
    elevation_m: Array
    to_go_m: Array
    vertical_speed_m_s: Array
    horizontal_speed_m_s: Array
    mass_kg: Array
    throttle: Array
    pitch_rad: Array
    phase: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A line of the mass and velocity budget, in order of time."""

    name: str
    phase: str
    dv_m_s: float
    propellant_kg: float
    mass_after_kg: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the delivery was made from: the same plan, seed and data give the same delivery."""

    version: str
    plan_digest: str
    seed: int
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A flown mission; `reason` says in a sentence why it ended as it did, where that is not plain."""

    mission: str
    vehicle: str
    outcome: Outcome
    provenance: Provenance
    milestones: tuple[MilestoneResult, ...]
    transfer: Transfer
    lunar_orbit: LunarOrbitResult
    landing: LandingResult
    budget: tuple[BudgetRow, ...]
    reason: str = ""
    legs: tuple[Leg, ...] = field(default=(), metadata=HIDDEN)
    descent: DescentHistory | None = field(default=None, metadata=HIDDEN)

    @property
    def missed(self) -> tuple[MilestoneResult, ...]:
        """Return the required milestones that were not achieved."""
        return tuple(m for m in self.milestones if m.required and m.status is not Status.ACHIEVED)

    def to_document(self) -> dict[str, Any]:
        """Return the delivery as JSON-ready values; the trajectory itself goes into the OEM file."""
        document: dict[str, Any] = to_document(self)
        return document

    def to_json(self) -> str:
        """Return the delivery as JSON text."""
        return json.dumps(self.to_document(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `delivery.json`."""
    return schema_of(Delivery, "Delivery of a flown mission", SCHEMA_ID)
