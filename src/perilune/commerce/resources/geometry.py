"""Whether a sample lay where the plan allows, with its uncertainty."""

from __future__ import annotations

import math
from typing import Final

from perilune.commerce.resources.state import Area, Place
from perilune.constants import MOON_RADIUS_M

#: A place counts as inside if even this many standard deviations do not leave the area.
_SIGMAS: Final = 3.0


def distance_m(area: Area, place: Place) -> float:
    """Return the way along the mean sphere from the area's centre to a place (haversine).

    >>> round(distance_m(Area(0.0, 0.0, 1.0), Place(0.0, 0.001, 1.0, 1.0, 0.0)), 1)
    1737.4
    """
    north = math.sin((place.latitude_rad - area.latitude_rad) / 2.0) ** 2
    east = math.sin((place.longitude_rad - area.longitude_rad) / 2.0) ** 2
    chord = north + math.cos(area.latitude_rad) * math.cos(place.latitude_rad) * east
    return 2.0 * MOON_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def largest_sigma_m(place: Place) -> float:
    """Return the standard deviation along the longer axis of a place's error ellipse.

    >>> largest_sigma_m(Place(0.0, 0.0, 25.0, 9.0, 0.0))
    5.0
    """
    mean = (place.east_variance_m2 + place.north_variance_m2) / 2.0
    half = (place.east_variance_m2 - place.north_variance_m2) / 2.0
    return math.sqrt(mean + math.hypot(half, place.covariance_m2))


def is_covariance(place: Place) -> bool:
    """Say whether the covariance is one: variances above zero, correlation below one."""
    east, north = place.east_variance_m2, place.north_variance_m2
    return east > 0.0 and north > 0.0 and place.covariance_m2**2 < east * north


def inside(area: Area, place: Place) -> bool:
    """Say whether a place lies in an area with three standard deviations to spare."""
    return distance_m(area, place) + _SIGMAS * largest_sigma_m(place) <= area.radius_m
