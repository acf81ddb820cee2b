"""Arrivals: where they are, how fast, and that the site comes to lie under their plane."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune import constants
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.epoch import Epoch
from perilune.transfer.arrival import (
    NORTHBOUND,
    SOUTHBOUND,
    arrivals,
    node_drift,
    node_rate,
    plane_direction,
    planes,
    reachable_inclinations,
)
from perilune.transfer.burning import osculating
from perilune.transfer.flyby_family import inclination_at_moon
from perilune.transfer.request import unit
from tests.transfer.arrivals import placed
from tests.transfer.chains import request, setting

LOW = math.degrees(request().site_latitude_rad)


@settings(max_examples=60)
@given(
    inclination_deg=st.floats(LOW + 0.5, 180.0 - LOW - 0.5),
    branch=st.sampled_from([NORTHBOUND, SOUTHBOUND]),
    energy_m2_s2=st.floats(-5e4, 2e5),
    argument_rad=st.floats(-3.1, 3.1),
)
def test_an_arrival_is_a_perilune_whose_plane_holds_the_site(
    inclination_deg: float, branch: int, energy_m2_s2: float, argument_rad: float
) -> None:
    here = setting()
    inclination_rad = math.radians(inclination_deg)
    state = arrivals(here, np.array([energy_m2_s2]), inclination_rad, branch, np.array([argument_rad]))[0]
    relative = state - here.moon(0.0)
    r, v = relative[:3], relative[3:]
    assert np.linalg.norm(r) == pytest.approx(here.perilune_radius_m, abs=1e-3)
    assert abs(r @ v) < 1e-6 * np.linalg.norm(r) * np.linalg.norm(v)
    c3 = v @ v - 2.0 * constants.GM_MOON_M3_S2 / np.linalg.norm(r)
    assert c3 == pytest.approx(energy_m2_s2, abs=1e-2)
    assert inclination_at_moon(here, relative) == pytest.approx(inclination_rad, abs=1e-8)
    # The direction that the shooting condition holds in the plane.
    h = np.cross(r, v) / np.linalg.norm(np.cross(r, v))
    assert abs(h @ plane_direction(here, inclination_rad)) < 1e-9
    # The same by hand: turn the plane about the pole by its drift, and the site lies in it at landing.
    turn = node_drift(here, inclination_rad)
    c, s = math.cos(turn), math.sin(turn)
    fixed = here.pole_from_icrf @ h
    landed = np.array([c * fixed[0] - s * fixed[1], s * fixed[0] + c * fixed[1], fixed[2]])
    site = unit(request().site_longitude_rad, request().site_latitude_rad)
    assert abs(landed @ site) < 1e-9
    northward = np.cross(landed, site)[2]
    assert (northward > 0.0) == (branch == NORTHBOUND)


def test_an_offset_turns_the_direction_about_the_pole() -> None:
    here = setting()
    plain, turned = (here.pole_from_icrf @ plane_direction(here, 1.4, offset) for offset in (0.0, 0.01))
    assert turned[2] == pytest.approx(plain[2], abs=1e-12)
    angle = math.atan2(plain[1], plain[0]) - math.atan2(turned[1], turned[0])
    assert angle == pytest.approx(0.01, abs=1e-12)


def test_inclinations_reach_from_one_side_of_the_pole_to_the_other() -> None:
    reach = np.degrees(reachable_inclinations(setting(), 29))
    assert reach[0] >= LOW
    assert reach[-1] <= 180.0 - LOW
    assert reach[14] == pytest.approx(90.0)
    assert np.allclose(np.diff(reach), 2.0, atol=0.1)


def test_the_node_drifts_as_flown_under_the_second_degree() -> None:
    """Six days of 300 km at 60 deg under degree 2 alone; C22 and averaging leave a few per cent."""
    radius_m = constants.MOON_RADIUS_M + 300e3
    start = placed(
        Epoch.utc("2025-05-10T00:00:00"),
        radius_m,
        math.sqrt(constants.GM_MOON_M3_S2 / radius_m),
        math.radians(60.0),
        0.3,
        0.0,
    )
    span_s = 6 * 86400.0
    arc = propagate(start, start.epoch + span_s, ForceModel(("moon",), moon_degree=2))
    before, after = osculating(start).normal, osculating(arc.final).normal
    pole = setting().pole_from_icrf[2]
    nodes = [np.cross(pole, normal) for normal in (before, after)]
    turned = math.asin(float(np.cross(*nodes) @ pole) / float(np.prod([np.linalg.norm(n) for n in nodes])))
    assert turned / span_s == pytest.approx(node_rate(radius_m, 0.0, math.radians(60.0)), rel=0.1)


def test_every_polar_plane_is_swept_for_a_site_at_the_pole() -> None:
    here = setting()
    at_pole = replace(here, request=replace(here.request, site_latitude_rad=-math.pi / 2.0))
    found = planes(at_pole, 10)
    assert len(found) == 20
    assert {inclination for _, inclination, _ in found} == {math.pi / 2.0}
    assert len({node for _, _, node in found}) == 20


def test_the_inclinations_asked_for_are_kept_to() -> None:
    here = setting()
    asked = (math.radians(80.0), math.radians(86.0))
    bounded = replace(here, request=replace(here.request, orbit_inclination_rad=asked))
    reach = reachable_inclinations(bounded, 5)
    assert reach[0] == asked[0]
    assert reach[-1] == asked[1]
