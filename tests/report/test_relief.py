import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import MOON_RADIUS_M
from perilune.report.relief import direction, north_up, sample, shaded, towards

LATITUDE, LONGITUDE = st.floats(-1.4, 1.4), st.floats(-3.1, 3.1)


@given(LATITUDE, LONGITUDE, st.floats(-4e5, 4e5), st.floats(-4e5, 4e5))
def test_there_and_back(latitude, longitude, x_m, y_m):
    here = north_up(latitude, longitude)
    back = here.metres(here.directions(np.array([x_m]), np.array([y_m])))
    assert np.allclose(np.ravel(back), [x_m, y_m], atol=1e-5)


@given(LATITUDE, LONGITUDE)
def test_north_up_has_north_up(latitude, longitude):
    here = north_up(latitude, longitude)
    north = direction(latitude + 1e-4, longitude)
    x, y = here.metres(north[None, :])
    assert abs(float(x[0])) < 1e-4
    assert math.isclose(float(y[0]), 1e-4 * MOON_RADIUS_M, rel_tol=1e-6)


def test_a_course_lies_along_x():
    there = towards(direction(0.8, 0.7), direction(0.9, 0.7) - direction(0.8, 0.7))
    x, y = there.metres(direction(0.82, 0.7)[None, :])
    assert math.isclose(float(x[0]), 0.02 * MOON_RADIUS_M, rel_tol=1e-9)
    assert abs(float(y[0])) < 1e-6


def test_a_sample_is_the_ground_where_it_says():
    here = north_up(0.5, 0.1)

    def hill(directions):
        x, y = here.metres(directions)
        return 100.0 * np.exp(-((x - 500.0) ** 2 + y**2) / 300.0**2)

    relief = sample("hill", here, hill, x_m=(-1000.0, 1000.0), y_m=(-500.0, 500.0), most=5000)
    i, j = np.unravel_index(relief.height_m.argmax(), relief.height_m.shape)
    assert abs(relief.x_low_m + j * relief.step_m - 500.0) <= relief.step_m
    assert abs(relief.y_low_m + i * relief.step_m) <= relief.step_m
    picture = relief.picture(1.0)
    assert picture.x_low <= -1000.0
    assert picture.x_high >= 1000.0


def test_slopes_towards_the_light_are_bright():
    x = np.linspace(-1.0, 1.0, 101)
    hill = 20.0 * np.exp(-10.0 * (x[None, :] ** 2 + x[:, None] ** 2))
    picture = shaded(hill, 1.0)
    assert picture[35, 35] > picture[65, 65]  # the first row is the north: upper left against lower right
    assert shaded(np.zeros((4, 4)), 1.0).std() == 0.0
