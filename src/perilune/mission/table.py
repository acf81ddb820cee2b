"""What every table of a file shares: frozen, no keys but the known ones; and types that they share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from perilune.mission.quantities import Latitude, Longitude

Text = Annotated[str, StringConstraints(min_length=1)]


def _rising(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    if not pair[0] <= pair[1]:
        raise ValueError("the first of the two must not be above the second. Swap them.")
    return pair


def _pair(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f'expected two values, the least and the most, such as ["…", "…"]; given {value!r}.')
    return tuple(value)


#: What makes a pair of values, the least and the most, of a tuple of two.
PAIR: Final = (BeforeValidator(_pair), AfterValidator(_rising))


class Table(BaseModel):
    """A table of the file: frozen, no keys but the known ones.

    `ORDER` is the order in which its keys are told, where that is not the one they are declared in.
    """

    ORDER: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Place(Table):
    """A place on Earth (geodetic) or on the Moon (mean Earth axes)."""

    name: Text
    latitude_rad: Latitude = Field(alias="latitude")
    longitude_rad: Longitude = Field(alias="longitude")
