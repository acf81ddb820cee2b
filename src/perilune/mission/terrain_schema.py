"""The tables of a mission file that describe the ground: tiles, named features by facts, roughness."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from perilune.mission.quantities import Latitude, Length, Longitude, PositiveLength
from perilune.mission.table import Table, Text


class Height(Table):
    """A place on the Moon (mean Earth axes) with its elevation above the 1737.4 km sphere."""

    latitude_rad: Latitude = Field(alias="latitude")
    longitude_rad: Longitude = Field(alias="longitude")
    elevation_m: Length = Field(alias="elevation")


class ScarpEntry(Table):
    """[[terrain.scarp]]: a cliff from a point on its rim to a point on its floor, `width` across."""

    name: Text
    rim: Height
    floor: Height
    width_m: PositiveLength = Field(default=40e3, alias="width")
    taper_m: PositiveLength = Field(default=15e3, alias="taper")


class CraterEntry(Table):
    """[[terrain.crater]]: a crater; depth and rim height follow from the diameter where not given."""

    name: Text
    latitude_rad: Latitude = Field(alias="latitude")
    longitude_rad: Longitude = Field(alias="longitude")
    diameter_m: PositiveLength = Field(alias="diameter")
    depth_m: PositiveLength | None = Field(default=None, alias="depth")
    rim_height_m: Length | None = Field(default=None, alias="rim_height")


class PlainEntry(Table):
    """[[terrain.plain]]: a level patch at a known elevation."""

    name: Text
    latitude_rad: Latitude = Field(alias="latitude")
    longitude_rad: Longitude = Field(alias="longitude")
    elevation_m: Length = Field(alias="elevation")
    radius_m: PositiveLength = Field(default=5e3, alias="radius")
    taper_m: PositiveLength = Field(default=10e3, alias="taper")


class TerrainWish(Table):
    """[terrain]: what lies over the embedded map: tiles of a folder, features by facts, seeded roughness.

    A relative folder counts from the mission file.
    """

    tiles: str = ""
    roughness: Literal["none", "maria", "highlands"] = "none"
    scarps: tuple[ScarpEntry, ...] = Field(default=(), alias="scarp")
    craters: tuple[CraterEntry, ...] = Field(default=(), alias="crater")
    plains: tuple[PlainEntry, ...] = Field(default=(), alias="plain")
