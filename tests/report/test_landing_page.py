import math
import re
from dataclasses import replace

import numpy as np
import pytest
from pages import parsed
from replays import FALL_S, replay

from perilune.report import landing_charts
from perilune.report.landing_page import render_landing
from perilune.report.landing_story import events, story


@pytest.fixture(scope="module")
def page():
    return render_landing(replay())


def test_the_page_is_whole_and_needs_nothing_else(page):
    assert parsed(page).links == []
    pictures = re.findall(r'href="([^"]{0,40})', page)
    assert all(place.startswith("data:image/png;base64,") for place in pictures)
    assert len(pictures) == 2
    assert "http:" not in page.replace("http://www.w3.org", "")
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r"base64,[^\"]*", "", page))


def test_every_drawing_is_there(page):
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == [
        "Height above the ground",
        "Height above the ground, the end",
        "The way down",
        "Height error and three sigmas",
        "Attitude error and three sigmas",
        "Residuals of lrf",
        "Residuals of doppler",
        "Residuals of tracker",
        "Speeds over the ground",
        "Acquisition deadline",
        "Attitude",
        "Engines and propellant",
        "Ground track",
        "About the site",
        "The last 300 m",
    ]


def test_rejected_readings_have_colours_of_their_own(page):
    legend = page[page.index("Height above the ground</figcaption>") :]
    legend = legend[: legend.index("</figure>")]
    for words in ("accepted", "rejected by the gate", "sensor isolated"):
        assert words in legend


def test_the_story_goes_from_the_rim_to_the_ground():
    told = story(replay())
    order = ["first valid altimeter", "began to reject the lrf", "the sensor was isolated",
             "estimate reached the ground", "Propellant was gone", f"fell freely for {FALL_S:.0f}",
             "hit the ground", "first cause: altimeter isolated"]  # fmt: skip
    places = [told.index(words) for words in order]
    assert places == sorted(places)


def test_events_are_in_order_and_begin_with_the_phases():
    found = events(replay())
    assert [event.t_s for event in found] == sorted(event.t_s for event in found)
    words = " ".join(event.words for event in found)
    for needed in ("braking", "lrf isolated", "estimate at the ground", "propellant gone"):
        assert needed in words


def test_a_landing_is_told_as_one():
    told = story(replay("reacquire"))
    assert "It landed 200\u00a0m from the site" in told
    assert "isolated" not in told
    assert 'pill good">landed' in render_landing(replay("reacquire"))


def test_a_run_without_altimeters_or_ground_is_told_too():
    bare = replace(
        replay(),
        facts=replace(replay().facts, sensors=(("imu", "imu"),), full_thrust_n=0.0, limits={}),
        measurements={name: column[:0] for name, column in replay().measurements.items()},
        reliefs=(),
    )
    page = render_landing(bare)
    parsed(page)
    assert "Ground track" not in page
    assert "Acquisition deadline" not in page


def test_attitude_error_is_the_angle_between_the_two():
    found = landing_charts.attitude_error_rad(replay())
    t_s = replay().states["t_s"]
    assert np.allclose(found, 2e-4 * np.abs(np.sin(t_s / 40.0)), atol=1e-12)


def test_needed_height_is_that_of_constant_deceleration():
    fall, thrust_n, mass_kg = np.array([66.0]), 1600.0, 460.0
    net = thrust_n / mass_kg - 1.6242
    assert math.isclose(
        landing_charts.needed_height_m(fall, thrust_n, mass_kg)[0], 66.0**2 / (2 * net) + 132.0, rel_tol=1e-4
    )
