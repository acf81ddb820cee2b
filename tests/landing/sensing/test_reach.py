"""Reach before flight against the kernel's own budget."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.landing.sensing import _kernels_range as kernels
from perilune.landing.sensing import suite
from perilune.landing.sensing.reach import first_height_m, laser_reach_m


@given(st.floats(0.01, 0.99), st.floats(0.0, 1.3), st.floats(0.0, 500.0), st.floats(0.1, 1.5))
def test_reach_is_the_inverse_of_the_chance(
    chance: float, incidence_rad: float, closing_m_s: float, energy: float
) -> None:
    laser = suite.Laser(greatest_range_m=1e9)
    reach_m = laser_reach_m(
        laser, chance=chance, incidence_rad=incidence_rad, closing_m_s=closing_m_s, energy=energy
    )
    snr = kernels.detection(
        0, suite.sensor_table([laser]), energy, reach_m, math.cos(incidence_rad), closing_m_s
    )
    assert kernels.chance(snr, laser.threshold) == pytest.approx(chance, rel=1e-6)


def test_reach_ends_at_the_greatest_range() -> None:
    assert laser_reach_m(suite.Laser(greatest_range_m=5000.0)) == 5000.0


def test_first_height_is_that_of_the_slant_range() -> None:
    laser = suite.Laser(cant_rad=math.radians(30.0), integration_s=0.0)
    straight = first_height_m(laser, tilt_rad=math.radians(30.0))
    assert straight == pytest.approx(laser_reach_m(laser))
    assert first_height_m(laser, tilt_rad=0.0) < straight
    radar = suite.Radar(cant_rad=math.radians(30.0), half_angle_rad=math.radians(30.0))
    assert first_height_m(radar, tilt_rad=0.0) == pytest.approx(radar.greatest_range_m)
    assert first_height_m(radar, tilt_rad=math.radians(90.0)) == pytest.approx(
        radar.greatest_range_m * math.cos(math.radians(30.0))
    )
