"""From a mission to the ground it lands on, as the numbers that kernels read."""

from __future__ import annotations

from collections.abc import Iterator

from perilune.landing.ground.features import Crater, Feature, Plain, Scarp
from perilune.landing.ground.roughness import Roughness, highlands, maria
from perilune.landing.ground.table import Ground, ground
from perilune.mission.schema import Mission
from perilune.world.terrain import Terrain


def mission_ground(mission: Mission) -> Ground:
    """Return the ground of a mission: the embedded map, and over it what its [terrain] says."""
    return ground(Terrain.embedded(), features=tuple(_features(mission)), roughness=_roughness(mission))


def _roughness(mission: Mission) -> Roughness | None:
    site, kind = mission.landing.site, mission.terrain.roughness
    if kind == "none":
        return None
    return {"maria": maria, "highlands": highlands}[kind](site.latitude_rad, site.longitude_rad)


def _features(mission: Mission) -> Iterator[Feature]:
    """Yield the features in the order in which they act: large shapes, then craters in them."""
    for cliff in mission.terrain.scarps:
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
    for plain in mission.terrain.plains:
        yield Plain(**plain.model_dump())
    for crater in mission.terrain.craters:
        yield Crater(**crater.model_dump())
