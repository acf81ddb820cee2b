"""Faults that are there before the flight: the ground's step where and as large as asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from sensor_bench import sphere

from perilune.constants import MOON_RADIUS_M
from perilune.landing.faults.places import FirstEffects, first_effects, with_steps
from perilune.landing.faults.rows import Fault
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.table import Ground
from perilune.landing.surroundings import direction


@dataclass(frozen=True)
class Place:
    name: str
    latitude_rad: float
    longitude_rad: float


SITE = Place("site", math.radians(47.5), math.radians(44.4))


def profile(ground: Ground, azimuth_rad: float, distances_m: list[float]) -> list[float]:
    """Return elevations at distances before the site, on the great circle flown along an azimuth."""
    up = direction(SITE.latitude_rad, SITE.longitude_rad)
    east = np.array([-math.sin(SITE.longitude_rad), math.cos(SITE.longitude_rad), 0.0])
    north = np.cross(up, east)
    back = -(math.sin(azimuth_rad) * east + math.cos(azimuth_rad) * north)
    arcs = [distance / MOON_RADIUS_M for distance in distances_m]
    return [float(kernels.elevation(*(math.cos(arc) * up + math.sin(arc) * back), ground)) for arc in arcs]


@pytest.mark.parametrize("azimuth_deg", [0.0, 120.0, 270.0])
def test_a_step_lies_where_it_is_asked_for(azimuth_deg: float) -> None:
    step = Fault("ground", "step", "before", 55e3, 3200.0)
    ground = with_steps(sphere(), [step], SITE, math.radians(azimuth_deg))
    heights = profile(ground, math.radians(azimuth_deg), [0.0, 30e3, 55e3, 59.8e3, 64.6e3])
    assert heights == pytest.approx([0.0, 0.0, 0.0, 1600.0, 3200.0], abs=15.0)
    assert ground.limits[1] >= 3200.0


def test_without_a_step_the_ground_is_the_same() -> None:
    ground = sphere()
    assert with_steps(ground, [Fault("laser", "off")], SITE, 0.0) is ground


def test_first_effects_gather_what_is_there_from_the_start() -> None:
    found = first_effects(
        [
            Fault("tank", "under-fill", size=0.02),
            Fault("tank", "under-fill", size=0.01),
            Fault("software", "wrong-site-north", size=5000.0),
            Fault("map", "tie-east", "below", 5e3, 200.0),  # comes later: a row of the table
            Fault("laser", "off"),
        ]
    )
    assert found == FirstEffects(underfill=0.03, site_north_m=5000.0)
