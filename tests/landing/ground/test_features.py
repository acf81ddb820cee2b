"""Named features: the laws they stand on, and mistakes in them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from grounds import RIM, TARGET

from perilune.errors import InputError
from perilune.landing.ground.features import Crater, feature_row, fresh_shape


def test_fresh_craters_follow_pike() -> None:
    # Pike (1977), simple: depth 0.196 D^1.010, rim 0.036 D^1.014; complex: 1.044 D^0.301, 0.236 D^0.399 (km).
    assert fresh_shape(1e3) == pytest.approx((196.0, 36.0))
    assert fresh_shape(100e3) == pytest.approx((1044.0 * 100**0.301, 236.0 * 100**0.399))
    # The two branches meet within the scatter of the data.
    assert fresh_shape(14.9e3)[0] == pytest.approx(fresh_shape(15.1e3)[0], rel=0.3)


def test_a_crater_without_depth_takes_the_law() -> None:
    row = feature_row(Crater("c", 0.1, 0.2, 10e3))
    assert (row[7], row[6]) == pytest.approx(fresh_shape(10e3))


def test_mistakes_are_told() -> None:
    with pytest.raises(InputError, match=r"Rim and floor of the scarp 'Atlas, southern rim' are one point"):
        feature_row(
            replace(RIM, floor_latitude_rad=RIM.rim_latitude_rad, floor_longitude_rad=RIM.rim_longitude_rad)
        )
    with pytest.raises(InputError, match=r"Mission 1's target.* has radius_m 0\. Give one above 0 m"):
        feature_row(replace(TARGET, radius_m=0.0))
    with pytest.raises(InputError, match=r"'c' has diameter_m nan\."):
        feature_row(Crater("c", 0.0, 0.0, math.nan))
    with pytest.raises(InputError, match=r"'c' acts over 600 km\. Up to 500 km can be laid over"):
        feature_row(Crater("c", 0.0, 0.0, 200e3))
    with pytest.raises(InputError, match=r"has an elevation of inf m\. Give a finite one"):
        feature_row(replace(TARGET, elevation_m=math.inf))
