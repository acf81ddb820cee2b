"""The types of a mission file's values: quantities with their unit, dates with their scale.

Each reads what a person wrote into SI or an `Epoch`; a bare number, NaN or a wrong unit becomes a sentence.
"""

from __future__ import annotations

import datetime
import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.operations.milestones import Published
from perilune.units import quantity

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2}) (JST|UTC)")
_JST_AHEAD_OF_UTC_H = 9


def _checked(dimension: str, low: float, strict: bool) -> Any:
    def read(value: object) -> float:
        number = quantity(value, dimension)
        if number < low or (strict and number == low):
            raise ValueError(f"given {value!r}, but it must be {'positive' if strict else 'at least zero'}.")
        return number

    return BeforeValidator(read)


def _share() -> Any:
    def read(value: object) -> float:
        number = quantity(value, "dimensionless")
        if not 0.0 < number <= 1.0:
            raise ValueError(f"given {value!r}, but it is a share, above 0 and at most 100 %.")
        return number

    return BeforeValidator(read)


def _any(dimension: str) -> Any:
    return BeforeValidator(lambda value: quantity(value, dimension))


def _bounded_angle(low_deg: float, high_deg: float) -> Any:
    def read(value: object) -> float:
        angle_rad = quantity(value, "angle")
        if not math.radians(low_deg) <= angle_rad <= math.radians(high_deg):
            raise ValueError(f"given {value!r}, but it must lie between {low_deg:g} and {high_deg:g} deg.")
        return angle_rad

    return BeforeValidator(read)


def _read_epoch(value: object) -> Epoch:
    if isinstance(value, datetime.datetime | datetime.date):
        raise ValueError(f'the date {value} has no time scale. Write it as text, "2025-01-15T06:11:39 UTC".')
    if not isinstance(value, str):
        raise ValueError(f'expected a date such as "2025-01-15T06:11:39 UTC", given {value!r}.')
    return Epoch.parse(value)


def _read_published(value: object) -> Published:
    day = _DAY.fullmatch(value) if isinstance(value, str) else None
    if day is None:
        epoch = _read_epoch(value)
        return Published(epoch, epoch, str(value))
    start = Epoch.utc(f"{day[1]}T00:00:00") + (-3600.0 * _JST_AHEAD_OF_UTC_H if day[2] == "JST" else 0.0)
    return Published(start, start + 86400.0, str(value))


def read_bounded(figure: str, value: object, dimension: str) -> float:
    """Return a quantity; a fault in it names the figure."""
    try:
        return quantity(value, dimension)
    except InputError as fault:
        raise ValueError(f"{figure}: {fault}") from fault


Length = Annotated[float, _any("length")]
NotNegativeLength = Annotated[float, _checked("length", 0.0, False)]
PositiveLength = Annotated[float, _checked("length", 0.0, True)]
PositiveMass = Annotated[float, _checked("mass", 0.0, True)]
PositiveTime = Annotated[float, _checked("time", 0.0, True)]
Speed = Annotated[float, _checked("speed", 0.0, False)]
PositiveSpeed = Annotated[float, _checked("speed", 0.0, True)]
PositiveAngle = Annotated[float, _checked("angle", 0.0, True)]
Angle = Annotated[float, _any("angle")]
PositiveAngularRate = Annotated[float, _checked("angular rate", 0.0, True)]
Azimuth = Annotated[float, _bounded_angle(-180.0, 360.0)]
Share = Annotated[float, _share()]
Area = Annotated[float, _checked("area", 0.0, False)]
Ratio = Annotated[float, _checked("dimensionless", 0.0, False)]
Latitude = Annotated[float, _bounded_angle(-90.0, 90.0)]
Longitude = Annotated[float, _bounded_angle(-180.0, 360.0)]
Inclination = Annotated[float, _bounded_angle(0.0, 180.0)]
Date = Annotated[Epoch, BeforeValidator(_read_epoch)]
PublishedDate = Annotated[Published, BeforeValidator(_read_published)]
