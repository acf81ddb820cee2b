"""What must fit together in a mission file, and can be said without flying it.

A check names the key paths it needs and runs as soon as those can be read, so that no fault hides another.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from perilune.constants import MOON_RADIUS_M, STANDARD_GRAVITY_M_S2
from perilune.epoch import Epoch
from perilune.errors import NameNotFoundError
from perilune.mission import landing_checks
from perilune.mission.checking import Kept, degrees, figure_of, keeper, lander_of, speed_m_s
from perilune.mission.schema import MilestoneEntry, Payload
from perilune.operations.milestones import in_order
from perilune.vehicles.catalogue import names, vehicle
from perilune.world.span import SPAN_END, SPAN_START

CHECKS: Final[Kept] = []
needs = keeper(CHECKS)

#: Radius of the Moon's sphere of influence less its own, m (Bate, Mueller, White 1971: 66,300 km).
_MOON_REACH_M: Final = 64.5e6
#: Perigees that an injection can start from, m: below it is air, above it no launcher parks.
_PARKING_M: Final = (100e3, 10_000e3)

_DATES: Final = (
    "launch.epoch",
    "transfer.flyby.epoch",
    "insertion.epoch",
    "lunar_orbit.circular_by",
    "orbit.epoch",
    "landing.epoch",
)


def check_together(values: Mapping[str, Any]) -> list[str]:
    """Return the faults of values (by key path) that can be read one by one but do not fit together."""
    faults: list[str] = []
    for path in _DATES:
        faults += _inside_ephemeris(path, values.get(path))
    faults += _dates_in_order([(path, values[path]) for path in _DATES if values.get(path) is not None])
    for paths, check in (*CHECKS, *landing_checks.CHECKS):
        given = [values.get(path) for path in paths]
        if all(value is not None for value in given):
            faults += check(*given)
    return faults


def _inside_ephemeris(path: str, epoch: Epoch | None) -> Iterator[str]:
    if epoch is not None and not SPAN_START <= epoch <= SPAN_END:
        span = f"{SPAN_START.iso('TDB', 0)[:10]} to {SPAN_END.iso('TDB', 0)[:10]}"
        yield f"{path}: {epoch.utc_iso(0)} lies outside the embedded ephemeris, {span}. Choose a date inside."


def _dates_in_order(dates: list[tuple[str, Epoch]]) -> Iterator[str]:
    for (earlier, first), (later, second) in itertools.pairwise(dates):
        if not first < second:
            yield (
                f"{later}: {second.utc_iso(0)} is not after {earlier}, {first.utc_iso(0)}. "
                f"The order is launch, flyby, insertion, circular orbit (or orbit alone), landing."
            )


@needs("landing.epoch", "landing.window")
def _landing_in_window(epoch: Epoch, window: tuple[Epoch, Epoch]) -> Iterator[str]:
    if not window[0] <= epoch <= window[1]:
        yield (
            f"landing.epoch: {epoch.utc_iso(0)} lies outside landing.window. "
            f"Widen the window or move the date."
        )


@needs("lunar_orbit.altitude", "lunar_orbit.band")
def _altitude_in_band(altitude_m: float, band_m: tuple[float, float]) -> Iterator[str]:
    if not band_m[0] < altitude_m < band_m[1]:
        yield (
            f"lunar_orbit.altitude: {altitude_m / 1e3:g} km lies outside lunar_orbit.band, "
            f"{band_m[0] / 1e3:g} to {band_m[1] / 1e3:g} km. Widen the band."
        )


@needs("insertion.perilune_altitude", "insertion.apolune_altitude")
def _ellipse_upright(perilune_m: float, apolune_m: float) -> Iterator[str]:
    if not perilune_m <= apolune_m:
        yield (
            f"insertion.perilune_altitude: {perilune_m / 1e3:g} km is above insertion.apolune_altitude, "
            f"{apolune_m / 1e3:g} km. Swap them."
        )


@needs("insertion.apolune_altitude")
def _held_by_the_moon(apolune_m: float) -> Iterator[str]:
    if apolune_m > _MOON_REACH_M:
        yield (
            f"insertion.apolune_altitude: {apolune_m / 1e3:g} km lies beyond the Moon's sphere of influence. "
            f"Choose at most {_MOON_REACH_M / 1e3:g} km."
        )


@needs("launch.perigee_altitude")
def _parking_orbit(perigee_m: float) -> Iterator[str]:
    low, high = _PARKING_M
    if not low <= perigee_m <= high:
        yield (
            f"launch.perigee_altitude: {perigee_m / 1e3:g} km is no parking orbit. "
            f"Choose from {low / 1e3:g} to {high / 1e3:g} km."
        )


@needs("launch.epoch", "launch.injection_within", "insertion.epoch")
def _injection_before_insertion(launch: Epoch, within_s: float, insertion: Epoch) -> Iterator[str]:
    if launch < insertion and not within_s < insertion - launch:
        yield (
            f"launch.injection_within: {within_s / 3600.0:g} h after the launch is after insertion.epoch, "
            f"{insertion.utc_iso(0)}. Choose some hours."
        )


@needs("launch.inclination", "launch.site.latitude")
def _pad_under_plane(inclination_rad: tuple[float, float], latitude_rad: float) -> Iterator[str]:
    highest_rad = max(_reach(angle) for angle in inclination_rad)
    if inclination_rad[0] <= math.pi / 2 <= inclination_rad[1]:
        highest_rad = math.pi / 2
    # A degree of grace: upper stages turn their plane a little (M2: 28.5 deg from a pad at 28.61 deg).
    if highest_rad + math.radians(1.0) < abs(latitude_rad):
        yield (
            f"launch.inclination: an orbit of at most {degrees(highest_rad)} does not pass over a pad "
            f"at latitude {degrees(latitude_rad)}. Allow at least {degrees(abs(latitude_rad))}."
        )


@needs("lunar_orbit.inclination", "landing.site.latitude")
def _site_under_plane(inclination_rad: tuple[float, float], latitude_rad: float) -> Iterator[str]:
    low, high = inclination_rad
    reach_rad = math.pi / 2 if low <= math.pi / 2 <= high else max(_reach(low), _reach(high))
    if reach_rad < abs(latitude_rad):
        yield (
            f"landing.site: latitude {degrees(latitude_rad)} lies outside the reach of the lunar orbit; "
            f"lunar_orbit.inclination from {degrees(low)} to {degrees(high)} passes over latitudes up to "
            f"{degrees(reach_rad)}. Allow an inclination of {degrees(abs(latitude_rad))} or more, "
            f"or choose another site."
        )


def _reach(inclination_rad: float) -> float:
    return min(inclination_rad, math.pi - inclination_rad)


@needs("mission.vehicle", "vehicle")
def _vehicle_can_fly(name: str, figures: Mapping[str, tuple[float, str]]) -> Iterator[str]:
    try:
        known = vehicle(name)
    except NameNotFoundError as fault:
        yield f"mission.vehicle: {fault}"
        return
    if known.kind != "lander":
        landers = ", ".join(entry for entry in names() if vehicle(entry).kind == "lander")
        yield f"mission.vehicle: {known.name} is a {known.kind} and does not land. Landers are: {landers}."
        return
    for figure in ("dry_mass", "main_thrust", "main_isp", "attitude_rate", "attitude_lag"):
        if known.value(figure) is None and figure not in figures:
            yield (
                f"mission.vehicle: the {figure.replace('_', ' ')} of {known.name} is not known. "
                f'Add [vehicle] {figure} = "…" with the figure to fly with.'
            )
    least = figure_of("main_min_throttle", known, figures)
    if not figure_of("assist_thrust", known, figures) and (least is None or least >= 1.0):
        yield (
            f"mission.vehicle: {known.name} has no assist engines and a main engine that can not be "
            f'throttled. Add [vehicle] main_min_throttle = "…" below 1, or assist_thrust and assist_isp.'
        )


@needs("mission.vehicle", "vehicle", "payload")
def _payload_fits(
    name: str, figures: Mapping[str, tuple[float, str]], payloads: list[Payload | None]
) -> Iterator[str]:
    known = lander_of(name)
    limit_kg = figure_of("payload_mass", known, figures)
    total_kg = sum(payload.mass_kg for payload in payloads if payload)
    if known and limit_kg is not None and total_kg > limit_kg:
        yield (
            f"payload: the payloads weigh {total_kg:g} kg together, {known.name} carries {limit_kg:g} kg. "
            f"Leave {total_kg - limit_kg:g} kg behind."
        )


@needs(
    "mission.vehicle",
    "vehicle",
    "mission.wet_mass",
    "payload",
    "insertion.perilune_altitude",
    "insertion.apolune_altitude",
    "lunar_orbit.altitude",
)
def _propellant_suffices(
    name: str,
    figures: Mapping[str, tuple[float, str]],
    wet_kg: float,
    payloads: list[Payload | None],
    perilune_m: float,
    apolune_m: float,
    altitude_m: float,
) -> Iterator[str]:
    known = lander_of(name)
    dry_kg, isp_s = figure_of("dry_mass", known, figures), figure_of("main_isp", known, figures)
    full_kg = figure_of("wet_mass", known, figures)
    if known is None or dry_kg is None:
        return
    if full_kg is not None and wet_kg > full_kg:
        yield (
            f"mission.wet_mass: {wet_kg:g} kg, but {known.name} weighs at most {full_kg:g} kg when full. "
            f"Take less."
        )
    empty_kg = dry_kg + sum(payload.mass_kg for payload in payloads if payload)
    for lost in ("residual_propellant", "attitude_propellant"):
        empty_kg += figure_of(lost, known, figures) or 0.0
    if isp_s is None or perilune_m > apolune_m:
        return
    dv_m_s = least_dv_m_s(perilune_m, apolune_m, altitude_m)
    # Beyond e^50 no rocket is left to speak of, and the exponential soon overflows.
    needed_kg = empty_kg * math.exp(min(dv_m_s / (isp_s * STANDARD_GRAVITY_M_S2), 50.0))
    if wet_kg < needed_kg:
        yield (
            f"mission.wet_mass: {wet_kg:g} kg leaves {max(wet_kg - empty_kg, 0.0):.0f} kg of propellant "
            f"above the {empty_kg:g} kg that land. Capture, circular orbit and descent take at least "
            f"{dv_m_s:.0f} m/s: {needed_kg:.0f} kg at launch without any loss. Load more, or carry less."
        )


def least_dv_m_s(perilune_m: float, apolune_m: float, altitude_m: float) -> float:
    """Return the least velocity change from a parabolic arrival to rest on the ground, by impulses alone.

    A bound from below (two bodies, no gravity loss, a Moon at rest); altitudes in m above the mean sphere.

    >>> round(least_dv_m_s(70e3, 5800e3, 100e3))
    2408
    """
    low, high, circle = (MOON_RADIUS_M + altitude for altitude in (perilune_m, apolune_m, altitude_m))
    capture = speed_m_s(low, math.inf) - speed_m_s(low, high)
    lowered = abs(speed_m_s(low, high) - speed_m_s(low, circle)) + abs(
        speed_m_s(circle, circle) - speed_m_s(circle, low)
    )
    deorbit = speed_m_s(circle, circle) - speed_m_s(circle, MOON_RADIUS_M)
    return capture + lowered + deorbit + speed_m_s(MOON_RADIUS_M, circle)


@needs("milestone")
def _milestones_hold_together(entries: list[MilestoneEntry | None]) -> Iterator[str]:
    known = [entry for entry in entries if entry is not None]
    ids = [entry.id for entry in known]
    for repeated in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"milestone: the id {repeated!r} stands {ids.count(repeated)} times. Give each its own."
    strange = [(entry.id, name) for entry in known for name in entry.after if name not in ids]
    if len(known) == len(entries):
        for owner, name in strange:
            yield (
                f"milestone {owner}: after names {name!r}, which is no milestone. "
                f"There are: {', '.join(ids)}."
            )
    if not strange and len(set(ids)) == len(ids):
        try:
            in_order([entry.milestone() for entry in known])
        except ValueError as fault:
            yield f"milestone: {fault}. Take one of them out of `after`."
