"""What pulls and pushes: a `ForceModel` says it in names, `compile_forces` makes tables for the kernels."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import erfa
import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from perilune import constants
from perilune.dynamics import _kernels_forces as kinds
from perilune.epoch import Epoch
from perilune.errors import InputError, NameNotFoundError
from perilune.world import ephemeris, orientation
from perilune.world._kernels import field_table
from perilune.world.gravity import grgm1200a

Array = npt.NDArray[np.float64]
#: What the kernels read; `_kernels_forces` describes each array.
Model = tuple[Array, Array, Array, Array, Array, Array]

#: Bodies that can pull as points, and their gravitational parameters.
GM_M3_S2: Final[Mapping[str, float]] = {
    "earth": constants.GM_EARTH_M3_S2,
    "moon": constants.GM_MOON_M3_S2,
    "sun": constants.GM_SUN_M3_S2,
    "venus": constants.GM_VENUS_M3_S2,
    "mars": constants.GM_MARS_M3_S2,
    "jupiter": constants.GM_JUPITER_M3_S2,
    "saturn": constants.GM_SATURN_M3_S2,
}
MAX_MOON_DEGREE: Final = 200
MAX_EARTH_ZONALS: Final = 4
_ZONALS: Final = (constants.EARTH_J2, constants.EARTH_J3, constants.EARTH_J4)
_ROW: Final = 12
#: A span that no arc reaches beyond: tables are cut a little longer, so that rounding never leaves them.
_MARGIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class SolarPressure:
    """Sunlight on a sphere: area (m^2), reflectivity coefficient (1 absorbs all, 2 throws all back).

    With `shadow`, Earth and Moon dim it by the part of the Sun's disc they hide (umbra and penumbra).
    """

    area_m2: float
    reflectivity: float
    shadow: bool = True


@dataclass(frozen=True, slots=True)
class ForceModel:
    """The forces on an arc.

    `point_masses` names the bodies that pull (the centre of the arc's frame among them). `moon_degree`
    replaces the Moon's point by GRGM1200A to that degree and order; with `moon_bound_m_s2` > 0 the degree
    follows the distance, so that the rms acceleration of what is left out (up to `moon_degree`) stays below
    the bound. `earth_zonals` 2, 3 or 4 adds J2..; `relativity` adds the Schwarzschild term of the centre;
    `gm_m3_s2` overrides DE440's gravitational parameters by name.

    >>> ForceModel(point_masses=("earth", "moon", "sun")).earth_zonals
    0
    """

    point_masses: tuple[str, ...] = ("earth", "moon", "sun")
    moon_degree: int = 0
    moon_bound_m_s2: float = 0.0
    earth_zonals: int = 0
    solar_pressure: SolarPressure | None = None
    relativity: bool = False
    gm_m3_s2: tuple[tuple[str, float], ...] = field(default=())
    earth_pole_at: Epoch | None = None

    def __post_init__(self) -> None:
        for name in (*self.point_masses, *dict(self.gm_m3_s2)):
            if name not in GM_M3_S2:
                raise NameNotFoundError("body", name, GM_M3_S2)
        if not 0 <= self.moon_degree <= MAX_MOON_DEGREE:
            raise InputError(f"moon_degree is {self.moon_degree}. Choose 0 (a point) to {MAX_MOON_DEGREE}.")
        if self.earth_zonals not in (0, 2, 3, 4):
            raise InputError(f"earth_zonals is {self.earth_zonals}. Choose 0 (none), 2, 3 or 4.")

    def gm(self, body: str) -> float:
        """Return the gravitational parameter of a body (m^3/s^2), overrides first."""
        return dict(self.gm_m3_s2).get(body, GM_M3_S2[body])

    @property
    def depends_on_velocity(self) -> bool:
        """Whether RKN12(10) must not be used."""
        return self.relativity


def compile_forces(
    forces: ForceModel,
    centre: str,
    base: Epoch,
    start_s: float,
    end_s: float,
    *,
    mass_kg: float | None = None,
    also: frozenset[str] = frozenset(),
    orientation: bool = False,
) -> Model:
    """Return the kernels' tables for an arc about `centre` from `start_s` to `end_s` seconds after `base`.

    A `mass_kg` that stays the same lets sunlight without shadow be taken off the Sun's pull; then the
    kernel's own inverse mass has no use. `also` names bodies whose places are needed without their pull,
    `orientation` asks for the Moon's without its field. Raises `InputError` where the centre does not pull,
    `EpochError` outside the ephemeris.
    """
    pulling = _pulling(forces)
    if centre not in pulling:
        raise InputError(
            f"The forces leave out the centre {centre!r}. "
            f"Add it to point_masses: {', '.join(forces.point_masses)}."
        )
    index = body_index(forces, centre, also)
    others = tuple(name for name in index if name != centre)
    bodies = np.zeros((1 + len(others) + len(others) % 2, 2))
    for name in pulling:
        bodies[index[name]] = forces.gm(name)
    rough = list(_rough_rows(forces, index, base))
    if forces.moon_degree > 0:
        bodies[index["moon"]] = 0.0, _moon_gm(forces)
    pressure = forces.solar_pressure
    if pressure is not None:
        strength = _strength(pressure)
        if pressure.shadow or mass_kg is None:
            rough.append(_solar_row(pressure, strength, index))
        else:
            bodies[index["sun"], 0] -= strength / mass_kg
    low, high = min(start_s, end_s) - _MARGIN_S, max(start_s, end_s) + _MARGIN_S
    series, spans = _series(centre, others, base, low, high)
    gravity, turning, turning_span = _moon_tables(forces, base, low, high, orientation)
    table = np.zeros((len(rough), _ROW))
    for i, row in enumerate(rough):
        table[i, : len(row)] = row
    return bodies, series, np.array([*spans, *turning_span]), table, gravity, turning


def body_index(forces: ForceModel, centre: str, also: frozenset[str] = frozenset()) -> dict[str, int]:
    """Return the kernels' numbers of the bodies: the centre 0, the others from 1 as in `GM_M3_S2`."""
    needed = _needed(forces) | also
    others = [name for name in GM_M3_S2 if name in needed and name != centre]
    return {centre: 0} | {name: 1 + i for i, name in enumerate(others)}


def _pulling(forces: ForceModel) -> set[str]:
    return (
        {*forces.point_masses}
        | ({"moon"} if forces.moon_degree else set())
        | ({"earth"} if forces.earth_zonals else set())
    )


def _needed(forces: ForceModel) -> set[str]:
    """Return every body whose place the kernels must know."""
    names = _pulling(forces)
    if forces.solar_pressure is not None:
        names |= {"sun", "earth", "moon"} if forces.solar_pressure.shadow else {"sun"}
    return names


def _moon_gm(forces: ForceModel) -> float:
    """Return the field's own parameter, so that its coefficients keep their meaning, unless one is given."""
    return dict(forces.gm_m3_s2).get("moon", grgm1200a(forces.moon_degree).gm_m3_s2)


def _rough_rows(forces: ForceModel, index: Mapping[str, int], base: Epoch) -> list[list[float]]:
    rows: list[list[float]] = []
    if forces.earth_zonals:
        number = forces.earth_zonals - 1
        rows.append(
            [
                kinds.ZONAL,
                forces.gm("earth"),
                constants.EARTH_EQUATORIAL_RADIUS_M,
                index["earth"],
                *earth_pole(forces.earth_pole_at or base),
                number,
                *_ZONALS[:number],
            ]
        )
    if forces.moon_degree:
        follows = 1.0 if forces.moon_bound_m_s2 > 0.0 else 0.0
        radius_m = grgm1200a(forces.moon_degree).radius_m
        rows.append([kinds.FIELD, _moon_gm(forces), radius_m, index["moon"], forces.moon_degree, follows])
    if forces.relativity:
        rows.append([kinds.SCHWARZSCHILD, forces.gm(next(iter(index))), 0.0, 0.0])
    return rows


def _strength(pressure: SolarPressure) -> float:
    """Return force times distance squared (kg m^3/s^2)."""
    at_1au = constants.SOLAR_PRESSURE_1AU_PA * pressure.area_m2 * pressure.reflectivity
    return at_1au * constants.ASTRONOMICAL_UNIT_M**2


def _solar_row(pressure: SolarPressure, strength: float, index: Mapping[str, int]) -> list[float]:
    row = [kinds.SOLAR, strength, index["sun"], constants.SUN_RADIUS_M]
    if not pressure.shadow:
        return [*row, 0]
    return [
        *row,
        2,
        index["earth"],
        constants.EARTH_EQUATORIAL_RADIUS_M,
        index["moon"],
        constants.MOON_RADIUS_M,
    ]


@functools.lru_cache(maxsize=64)
def earth_pole(epoch: Epoch) -> tuple[float, float, float]:
    """Return the Earth's celestial intermediate pole in ICRF (IAU 2006/2000A); it moves 20 arcsec a year.

    An arc keeps the pole of its first instant: over 120 days that turns J2's pull by 3e-5 of itself.
    """
    x, y = erfa.bpn2xy(erfa.pnm06a(*epoch.jd2("TT")))
    return float(x), float(y), math.sqrt(1.0 - float(x) ** 2 - float(y) ** 2)


@functools.lru_cache(maxsize=64)
def _series(
    centre: str, others: tuple[str, ...], base: Epoch, low_s: float, high_s: float
) -> tuple[Array, tuple[float, float]]:
    """Return the pieces as power series (n_piece, 13, 3 n_body), highest power first, and their span."""
    if not others:
        return np.zeros((1, 13, 0)), (0.0, 1.0)
    table = ephemeris.table(centre, others, base, low_s, high_s)
    series = _power_series(table.coefficients)
    # The kernels take bodies in pairs: the one that is missing lies at the centre and pulls nothing.
    odd = len(others) % 2
    return np.pad(series, ((0, 0), (0, 0), (0, 3 * odd))), (table.start_s, table.piece_s)


def _power_series(coefficients: Array) -> Array:
    """Turn Chebyshev coefficients [..., k] into powers [piece, power, columns], highest first.

    >>> _power_series(np.array([[[[0.0, 0.0, 1.0]]]]))[0, :, 0]
    array([ 2.,  0., -1.])
    """
    pieces, terms = coefficients.shape[0], coefficients.shape[-1]
    flat = coefficients.reshape(pieces, -1, terms)
    return np.ascontiguousarray((flat @ _to_powers(terms)).transpose(0, 2, 1)[:, ::-1])


@functools.cache
def _to_powers(terms: int) -> Array:
    rows = np.zeros((terms, terms))
    for k in range(terms):
        powers = chebyshev.cheb2poly(np.eye(terms)[k])
        rows[k, : len(powers)] = powers
    return rows


def _moon_tables(
    forces: ForceModel, base: Epoch, low_s: float, high_s: float, turned: bool
) -> tuple[Array, Array, tuple[float, float]]:
    if not (forces.moon_degree or turned):
        return np.zeros((4, 1, 1)), np.zeros((0, 10, 3)), (0.0, 1.0)
    table = orientation.table(base, low_s, high_s)
    gravity = (
        _gravity(forces.moon_degree, forces.moon_bound_m_s2) if forces.moon_degree else np.zeros((4, 1, 1))
    )
    return gravity, _power_series(table.coefficients), (table.start_s, table.piece_s)


@functools.lru_cache(maxsize=16)
def _gravity(degree: int, bound_m_s2: float) -> Array:
    moon = grgm1200a(degree)
    table = np.zeros((4, degree + 1, degree + 3))
    c, s = np.array(moon.c, dtype=np.float64), np.array(moon.s, dtype=np.float64)
    c[0] = 1.0  # the central term; files that hold only the rest have 0 here
    field_table(c, s, degree, table)
    if bound_m_s2 > 0.0:
        table[3, :, 0] = sufficient_distances(c, s, degree, moon.gm_m3_s2, moon.radius_m, bound_m_s2)
    return table


def sufficient_distances(
    c: Array, s: Array, degree: int, gm_m3_s2: float, radius_m: float, bound_m_s2: float
) -> Array:
    """Return (degree + 1,) distances (m) beyond which the degrees above n add less than the bound.

    What they add is the sum over degrees k > n of each one's rms over the sphere,
    gm/r^2 (R/r)^k sqrt((k+1)(2k+1) sum_m (C^2 + S^2)); at single places it can be a few times that.
    """
    first = [k * (k + 1) // 2 for k in range(degree + 2)]
    power = np.array(
        [np.sum(c[first[k] : first[k + 1]] ** 2 + s[first[k] : first[k + 1]] ** 2) for k in range(degree + 1)]
    )
    k = np.arange(degree + 1)
    amplitude = gm_m3_s2 * np.sqrt((k + 1.0) * (2.0 * k + 1.0) * power)
    distances = np.zeros(degree + 1)
    for n in range(degree):
        low, high = 0.5 * radius_m, 1e4 * radius_m
        for _ in range(60):
            middle = math.sqrt(low * high)
            tail = np.sum(amplitude[n + 1 :] / middle**2 * (radius_m / middle) ** k[n + 1 :])
            low, high = (middle, high) if tail > bound_m_s2 else (low, middle)
        distances[n] = high
    return distances
