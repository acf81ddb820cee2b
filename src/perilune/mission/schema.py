"""What a person writes in a mission file: keys as in the file, values in SI with the unit in the name.

`Mission` is frozen and knows nothing of how it is flown. Read one with `perilune.mission.load.load`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from perilune.mission.landing_schema import GuidanceWish, OrbitStart, Seen, SuccessWish
from perilune.mission.navigation_schema import DispersionSizes, NavigationWish
from perilune.mission.published_schema import PublishedEntry, PublishedFigure, readable
from perilune.mission.quantities import (
    Area,
    Date,
    Inclination,
    PositiveLength,
    PositiveMass,
    PositiveTime,
    PublishedDate,
    Ratio,
    Speed,
    read_bounded,
)
from perilune.mission.sensor_schema import FaultEntry, SensorEntry, checked
from perilune.mission.table import PAIR, Place, Table, Text
from perilune.mission.terrain_schema import TerrainWish
from perilune.operations.flight_log import EVENTS
from perilune.operations.milestones import Milestone, Need
from perilune.vehicles.catalogue import vehicle
from perilune.vehicles.figures import BODY_FIGURES, PROPULSION_FIGURES
from perilune.vehicles.spacecraft import Vehicle

Phase = Literal["deep_space", "insertion", "lunar_orbit", "upkeep", "descent"]
Body = Literal["sun", "venus", "earth", "moon", "mars", "jupiter", "saturn"]


class About(Table):
    """[mission]: what flies, and how heavy it is at launch with payload and propellant."""

    name: Text
    vehicle: Text
    wet_mass_kg: PositiveMass = Field(alias="wet_mass")


class Payload(Table):
    """[[payload]]: a customer's thing on board, which stays on board to the landing."""

    name: Text
    mass_kg: PositiveMass = Field(alias="mass")
    owner: str = ""


class Launch(Table):
    """[launch]: lift-off, and the parking orbit's plane that the injection starts from."""

    epoch: Date
    site: Place
    injection_within_s: PositiveTime = Field(alias="injection_within")
    perigee_altitude_m: PositiveLength = Field(alias="perigee_altitude")
    inclination_rad: Annotated[tuple[Inclination, Inclination], *PAIR] = Field(alias="inclination")


class FlybyWish(Table):
    """[transfer.flyby]: a lunar passage that is asked for; what is not given is free."""

    epoch: Date | None = None
    epoch_tolerance_s: PositiveTime = Field(default=300.0, alias="epoch_tolerance")
    altitude_m: PositiveLength | None = Field(default=None, alias="altitude")
    altitude_tolerance_m: PositiveLength = Field(default=200e3, alias="altitude_tolerance")


class TransferWish(Table):
    """[transfer]: how much velocity change the way to the Moon may take."""

    deep_space_dv_limit_m_s: Speed = Field(default=50.0, alias="deep_space_dv_limit")
    flyby_to_insertion_dv_limit_m_s: Speed = Field(default=5.0, alias="flyby_to_insertion_dv_limit")
    flyby: FlybyWish | None = None


class Insertion(Table):
    """[insertion]: the centre of the insertion burn and the ellipse it ends in."""

    epoch: Date
    perilune_altitude_m: PositiveLength = Field(alias="perilune_altitude")
    apolune_altitude_m: PositiveLength = Field(alias="apolune_altitude")


class LunarOrbit(Table):
    """[lunar_orbit]: the circular orbit, when it is reached, and the band of altitude it is kept in."""

    altitude_m: PositiveLength = Field(alias="altitude")
    circular_by: Date
    band_m: Annotated[tuple[PositiveLength, PositiveLength], *PAIR] = Field(alias="band")
    inclination_rad: Annotated[tuple[Inclination, Inclination], *PAIR] | None = Field(
        default=None, alias="inclination"
    )


class LandingWish(Table):
    """[landing]: the site, the planned touchdown and the window around it."""

    site: Place
    backups: tuple[Place, ...] = Field(default=(), alias="backup")
    epoch: Date
    window: Annotated[tuple[Date, Date], *PAIR]


def _with_the_three(bodies: tuple[str, ...]) -> tuple[str, ...]:
    missing = [name for name in ("sun", "earth", "moon") if name not in bodies]
    if missing:
        raise ValueError(f"{' and '.join(missing)} missing. No flight to the Moon is right without; add it.")
    return bodies


def _zonal(degree: int) -> int:
    if degree == 1:
        raise ValueError("there is no degree 1. Choose 0 (none), 2, 3 or 4.")
    return degree


class ForcesWish(Table):
    """[forces]: what pulls and pushes; the defaults are those of a cislunar flight."""

    point_masses: Annotated[tuple[Body, ...], AfterValidator(_with_the_three)] = (
        "sun",
        "earth",
        "moon",
        "venus",
        "jupiter",
    )
    earth_zonal_degree: Annotated[int, Field(strict=True, ge=0, le=4), AfterValidator(_zonal)] = 4
    moon_gravity_degree: Annotated[int, Field(strict=True, ge=2, le=200)] = 50
    solar_pressure_area_m2: Area | None = Field(default=None, alias="solar_pressure_area")
    reflectivity: Ratio | None = None


class NeedEntry(Table):
    """One piece of evidence a milestone needs."""

    event: Literal[tuple(EVENTS)]  # type: ignore[valid-type]
    phase: Phase | Literal[""] = ""
    count: Annotated[int, Field(strict=True, ge=1)] | Literal["all"] = 1
    until: Literal[("", *EVENTS)] = ""  # type: ignore[valid-type]
    at_least: dict[str, Any] = Field(default_factory=dict)
    at_most: dict[str, Any] = Field(default_factory=dict)

    def need(self) -> Need:
        """Return the evidence as the judge takes it, in SI."""
        return Need(
            event=self.event,
            phase=self.phase,
            count=None if self.count == "all" else self.count,
            until=self.until,
            at_least=self.limits(self.at_least),
            at_most=self.limits(self.at_most),
        )

    def limits(self, written: dict[str, Any]) -> dict[str, float]:
        """Return limits in SI by their key in the flight log."""
        known = EVENTS[self.event]
        limits = {}
        for figure, value in written.items():
            if figure not in known:
                raise ValueError(
                    f"{figure!r} is no figure of {self.event!r}. There are: {', '.join(known) or 'none'}."
                )
            key, dimension = known[figure]
            limits[key] = read_bounded(figure, value, dimension)
        return limits


def _limits_readable(entry: NeedEntry) -> NeedEntry:
    entry.need()
    if entry.count == "all" and not (entry.phase and entry.until):
        raise ValueError('count = "all" needs a phase and until = "…", the event that closes the phase.')
    return entry


class MilestoneEntry(Table):
    """[[milestone]]: what has to be found in the flight for it, and the public date it is compared with."""

    id: Text
    name: Text
    needs: Annotated[tuple[Annotated[NeedEntry, AfterValidator(_limits_readable)], ...], Field(min_length=1)]
    after: tuple[Text, ...] = ()
    required: StrictBool = True
    public: PublishedDate | None = None

    def milestone(self) -> Milestone:
        """Return the definition as the judge takes it."""
        needs = tuple(entry.need() for entry in self.needs)
        return Milestone(self.id, self.name, needs, self.after, self.required, self.public)


#: Figures without which nothing can fly; `attitude_lag` may be zero.
_NEVER_ZERO = frozenset({"wet_mass", "dry_mass", "main_thrust", "main_isp", "assist_isp", "attitude_rate"})


def _figures(written: object) -> dict[str, tuple[float, str]]:
    if not isinstance(written, dict):
        raise ValueError("expected a table of figures.")
    known = BODY_FIGURES | PROPULSION_FIGURES
    if strange := [key for key in written if key not in known]:
        raise ValueError(f"{strange[0]!r} is no figure of a vehicle. There are: {', '.join(known)}.")
    read = {key: (read_bounded(key, value, known[key][0]), str(value)) for key, value in written.items()}
    for key, (number, text) in read.items():
        least = "positive" if key in _NEVER_ZERO else "at least zero"
        if number < 0.0 or (number == 0.0 and key in _NEVER_ZERO):
            raise ValueError(f"{key}: given {text!r}, but it must be {least}.")
        if key.endswith("throttle") and number > 1.0:
            raise ValueError(f"{key}: given {text!r}, but it is a share of the full thrust, at most 100 %.")
    return read


class Mission(Table):
    """What every mission file has, wherever its flight starts."""

    ORDER: ClassVar[tuple[str, ...]] = (
        *("mission", "vehicle", "payload"),
        *("launch", "transfer", "insertion", "lunar_orbit", "orbit"),
        *("landing", "guidance", "navigation", "sensor", "fault", "terrain", "dispersion", "success"),
        *("telemetry", "forces", "milestone", "published"),
    )
    about: About = Field(alias="mission")
    figures: Annotated[dict[str, tuple[float, str]], BeforeValidator(_figures)] = Field(
        default_factory=dict, alias="vehicle"
    )
    payloads: tuple[Payload, ...] = Field(default=(), alias="payload")
    landing: LandingWish
    guidance: GuidanceWish = GuidanceWish()
    navigation: NavigationWish = NavigationWish()
    sensors: Annotated[tuple[SensorEntry, ...], AfterValidator(checked)] = Field(default=(), alias="sensor")
    faults: tuple[FaultEntry, ...] = Field(default=(), alias="fault")
    terrain: TerrainWish = TerrainWish()
    dispersion: DispersionSizes = Field(default_factory=dict)
    success: SuccessWish = SuccessWish()
    telemetry: tuple[Seen, ...] = ()
    forces: ForcesWish = ForcesWish()
    milestone_entries: tuple[MilestoneEntry, ...] = Field(default=(), alias="milestone")
    published_entries: tuple[Annotated[PublishedEntry, AfterValidator(readable)], ...] = Field(
        default=(), alias="published"
    )

    @property
    def spacecraft(self) -> Vehicle:
        """Return the vehicle of the catalogue, with the file's own figures on top."""
        return vehicle(self.about.vehicle).with_figures(self.figures, "mission file")

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """Return the milestones as the judge takes them."""
        return tuple(entry.milestone() for entry in self.milestone_entries)

    @property
    def published(self) -> tuple[PublishedFigure, ...]:
        """Return the figures that were made public of the real flight."""
        return tuple(entry.published() for entry in self.published_entries)

    @property
    def payload_mass_kg(self) -> float:
        """Return the mass of all payloads together."""
        return sum(payload.mass_kg for payload in self.payloads)


class EarthMission(Mission):
    """A whole mission file, from the launch on."""

    launch: Launch
    transfer: TransferWish = TransferWish()
    insertion: Insertion
    lunar_orbit: LunarOrbit


class OrbitMission(Mission):
    """A mission file that starts in lunar orbit."""

    orbit: OrbitStart
