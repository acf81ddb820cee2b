"""What is asked of a transfer, and the setting it is searched in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from perilune import constants
from perilune.dynamics.forces import ForceModel, Model, SolarPressure, compile_forces
from perilune.epoch import Epoch
from perilune.transfer._kernels import body_state
from perilune.world.frames import Axes, rotation

Array = npt.NDArray[np.float64]

DAY_S: Final = 86400.0  # s
#: Days after insertion that the tables reach; burns and their steps end before.
_AFTER_S: Final = 0.5 * DAY_S


@dataclass(frozen=True, slots=True)
class FlybyWish:
    """The outbound lunar passage; what is None, the search may choose."""

    epoch: Epoch | None = None
    epoch_tolerance_s: float = 300.0
    altitude_m: float | None = None
    altitude_tolerance_m: float = 200e3


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A launch, an insertion and a landing site; everything between them is to be found.

    Angles in radians, the site in mean-Earth axes (`MOON_ME`), the pad geodetic (WGS84). `injection_s` are
    the earliest and the latest end of injection after launch. `orbit_altitude_m` and `circular_epoch`
    describe the orbit between insertion and landing, whose node drift decides which plane must be reached;
    `orbit_inclination_rad` bounds its inclination to the lunar equator, where that is wished.
    """

    launch_epoch: Epoch
    pad_latitude_rad: float
    pad_longitude_rad: float
    injection_s: tuple[float, float]
    perigee_altitude_m: float
    inclination_rad: tuple[float, float]
    flyby: FlybyWish
    insertion_epoch: Epoch
    perilune_altitude_m: float
    apolune_altitude_m: float
    circular_epoch: Epoch
    orbit_altitude_m: float
    landing_epoch: Epoch
    site_latitude_rad: float
    site_longitude_rad: float
    deep_space_dv_limit_m_s: float
    mass_kg: float
    solar_area_m2: float
    reflectivity: float
    point_masses: tuple[str, ...] = ("sun", "earth", "moon", "venus", "jupiter")
    earth_zonals: int = 4
    orbit_inclination_rad: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The request as numbers: seconds from insertion, Earth-centred ICRF, m and m/s.

    `light` pulls with Earth, Moon and Sun alone and serves the wide search; `full` adds what the flight
    meets. `pole_from_icrf` are the Moon's mean-Earth axes at landing, as inertial axes; `pad` is the
    direction of the launch pad at launch.
    """

    request: TransferRequest
    base: Epoch
    launch_s: float
    landing_s: float
    circular_s: float
    light: Model
    full: Model
    pole_from_icrf: Array
    pad: Array

    @property
    def perilune_radius_m(self) -> float:
        """Return the radius at insertion."""
        return constants.MOON_RADIUS_M + self.request.perilune_altitude_m

    @property
    def window_s(self) -> tuple[float, float]:
        """Return the earliest and latest injection, seconds from insertion."""
        early, late = self.request.injection_s
        return self.launch_s + early, self.launch_s + late

    def moon(self, time_s: float) -> Array:
        """Return the Moon's position and velocity (6,) from the Earth."""
        out = np.empty(6)
        body_state(time_s, 0, self.light[1], self.light[2], out)
        return out


def transfer_forces(request: TransferRequest, *, moon_degree: int = 20) -> ForceModel:
    """Return the forces of the flown transfer: the request's bodies, the Moon's field, sunlight.

    The lunar field's degree follows the distance: what is left out stays below 1e-12 m/s^2, 1 cm over a day.
    """
    return ForceModel(
        point_masses=request.point_masses,
        moon_degree=moon_degree,
        moon_bound_m_s2=1e-12,
        earth_zonals=request.earth_zonals,
        solar_pressure=SolarPressure(request.solar_area_m2, request.reflectivity, shadow=False),
        earth_pole_at=request.launch_epoch,
    )


def set_up(request: TransferRequest) -> Setting:
    """Return the setting of a request. Raises `EpochError` where a date lies outside the ephemeris."""
    base = request.insertion_epoch
    launch_s = request.launch_epoch - base
    start_s = launch_s - 3.0 * DAY_S
    light = compile_forces(ForceModel(), "earth", base, start_s, _AFTER_S)
    full = compile_forces(transfer_forces(request), "earth", base, start_s, _AFTER_S)
    pole = rotation(Axes.ICRF, Axes.MOON_ME, request.landing_epoch)
    return Setting(
        request=request,
        base=base,
        launch_s=launch_s,
        landing_s=request.landing_epoch - base,
        circular_s=request.circular_epoch - base,
        light=light,
        full=full,
        pole_from_icrf=np.asarray(pole),
        pad=pad_direction(request),
    )


def pad_direction(request: TransferRequest) -> Array:
    """Return the unit vector (3,) ICRF from the Earth's centre to the pad at launch."""
    flattening = constants.EARTH_FLATTENING_WGS84
    geocentric = math.atan((1.0 - flattening) ** 2 * math.tan(request.pad_latitude_rad))
    fixed = unit(request.pad_longitude_rad, geocentric)
    out: Array = np.asarray(rotation(Axes.ITRF, Axes.ICRF, request.launch_epoch)) @ fixed
    return out


def unit(longitude_rad: float, latitude_rad: float) -> Array:
    """Return the unit vector of a longitude and a latitude."""
    c = math.cos(latitude_rad)
    return np.array([c * math.cos(longitude_rad), c * math.sin(longitude_rad), math.sin(latitude_rad)])


def with_flyby(request: TransferRequest, flyby: FlybyWish) -> TransferRequest:
    """Return the request with another wish for the passage."""
    return replace(request, flyby=flyby)
