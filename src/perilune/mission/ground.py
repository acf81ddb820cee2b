"""From a mission to the ground it lands on, as the numbers that kernels read."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from perilune.errors import InputError
from perilune.landing.ground.features import Crater, Feature, Plain, Scarp
from perilune.landing.ground.roughness import Roughness, highlands, maria
from perilune.landing.ground.table import Ground, ground
from perilune.mission.schema import Mission
from perilune.mission.table import Place
from perilune.mission.terrain_schema import TerrainWish
from perilune.world.terrain import Terrain
from perilune.world.tiles import Tile, Window, read_folder

#: Tiles are read this far around the site, m: altimeters do not see further on the way to it.
_MARGIN_M: Final = 250e3


def mission_ground(mission: Mission) -> Ground:
    """Return the ground of a mission: the embedded map, and over it what its [terrain] says.

    The same [terrain] and site give the same arrays, which many cases can share.
    """
    return _ground(mission.terrain, mission.landing.site)


def onboard_map(mission: Mission) -> Ground:
    """Return the map that flies along: smooth, and no finer than [navigation] says."""
    if mission.navigation.map == "embedded":
        return _ground(TerrainWish(), mission.landing.site)
    return _ground(mission.terrain.model_copy(update={"roughness": "none"}), mission.landing.site)


@functools.lru_cache(maxsize=16)
def _ground(wish: TerrainWish, site: Place) -> Ground:
    tiles: tuple[Tile, ...] = ()
    if wish.tiles:
        window = Window.around([site.latitude_rad], [site.longitude_rad], _MARGIN_M)
        tiles = read_folder(Path(wish.tiles), window)
        if not tiles:
            raise InputError(
                f"terrain.tiles: no tile of {wish.tiles} lies within {_MARGIN_M / 1e3:.0f} km of "
                f"{site.name}. Name a folder with tiles of the site."
            )
    return ground(
        Terrain.embedded(),
        tiles=tiles,
        features=tuple(_features(wish)),
        roughness=_roughness(wish.roughness, site),
    )


def _roughness(kind: str, site: Place) -> Roughness | None:
    if kind == "none":
        return None
    return {"maria": maria, "highlands": highlands}[kind](site.latitude_rad, site.longitude_rad)


def _features(wish: TerrainWish) -> Iterator[Feature]:
    """Yield the features in the order in which they act: large shapes, then craters in them."""
    for cliff in wish.scarps:
        yield Scarp(
            cliff.name,
            cliff.rim.latitude_rad,
            cliff.rim.longitude_rad,
            cliff.rim.elevation_m,
            cliff.floor.latitude_rad,
            cliff.floor.longitude_rad,
            cliff.floor.elevation_m,
            cliff.width_m,
            cliff.taper_m,
        )
    for plain in wish.plains:
        yield Plain(**plain.model_dump())
    for crater in wish.craters:
        yield Crater(**crater.model_dump())
