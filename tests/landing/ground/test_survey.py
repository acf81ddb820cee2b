"""A survey keeps the ground's heights at its pixels, and nothing smaller."""

from __future__ import annotations

import math

import numpy as np
import pytest
from grounds import place

from perilune.errors import InputError
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.roughness import maria
from perilune.landing.ground.survey import surveyed
from perilune.landing.ground.table import ground, with_seed
from perilune.world.terrain import Terrain
from perilune.world.tiles import Window

HERE = (math.radians(60.5), math.radians(-4.6))
WINDOW = Window.around([HERE[0]], [HERE[1]], 5e3)


def test_a_survey_is_the_ground_without_its_details() -> None:
    rough = with_seed(ground(Terrain.embedded(), roughness=maria(*HERE)), 3)
    tile = surveyed(rough, WINDOW, 100.0)
    on_map = ground(Terrain.embedded(), tiles=[tile])
    away = np.array(
        [
            kernels.elevation(*place(60.5 + 0.0007 * k, -4.6), on_map)
            - kernels.elevation(*place(60.5 + 0.0007 * k, -4.6), rough)
            for k in range(-80, 80)
        ]
    )
    # 2 degrees of median slope over half a pixel: metres, while the relief is tens of metres.
    assert 0.1 < away.std() < 4.0
    assert np.ptp(tile.heights_m) > 20.0


def test_surveys_that_make_no_map_are_told() -> None:
    smooth = ground(Terrain.embedded())
    with pytest.raises(InputError, match=r"A survey with pixels of 0 m has 0 x 0 of them\. Choose one that"):
        surveyed(smooth, WINDOW, 0.0)
    with pytest.raises(InputError, match=r"pixels of 0\.1 m has \d+ x \d+ of them.* to 20 million"):
        surveyed(smooth, WINDOW, 0.1)
