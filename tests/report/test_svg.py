import math
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perilune.report.svg import Chart, Disc, Line, Point, draw, ticks

FINITE = st.floats(-1e12, 1e12)


@given(FINITE, st.floats(1e-6, 1e12), st.integers(2, 10))
def test_ticks_are_inside_even_and_not_too_many(low, span, count):
    high = low + span
    found = ticks(low, high, count)
    if span < 1e-9 * abs(low):
        return  # no axis is as narrow as a float's last digits
    slack = 1e-6 * span + 1e-9 * abs(low)
    assert all(low - slack <= value <= high + slack for value in found)
    assert len(found) <= count + 1


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=30))
def test_every_point_lands_inside_the_frame(points):
    x, y = np.array(points).T
    svg = draw(Chart("t", "x", "y", (Line(x, y),)))
    path = re.search(r'class="line c0" d="([^"]*)"', svg)
    numbers = [float(n) for n in re.findall(r"-?\d+\.\d", path[1])]
    assert all(60.0 <= n <= 628.0 for n in numbers[::2])
    assert all(10.0 <= n <= 380.0 for n in numbers[1::2])


def test_what_is_not_finite_breaks_the_line():
    line = Line(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, math.nan, 1.0, 0.0]))
    assert (
        draw(Chart("t", "x", "y", (line,))).count(
            "M", draw(Chart("t", "x", "y", (line,))).index('class="line')
        )
        == 2
    )


def test_equal_axes_keep_a_circle_round():
    angle = np.linspace(0.0, 2.0 * math.pi, 200)
    svg = draw(Chart("t", "x", "y", (Line(np.cos(angle), np.sin(angle)),), equal=True))
    path = re.search(r'class="line c0" d="([^"]*)"', svg)
    numbers = np.array([float(n) for n in re.findall(r"-?\d+\.\d", path[1])]).reshape(-1, 2)
    assert abs(np.ptp(numbers[:, 0]) - np.ptp(numbers[:, 1])) < 0.5


def test_labels_of_one_place_stand_apart_and_inside():
    x = np.array([0.0, 100.0])
    points = tuple(Point(0.0, 50.0, name) for name in ("launch", "second manoeuvre", "third"))
    disc = Disc(0.0, 50.0, 1.0, "earth", "Earth")
    drawn = draw(Chart("t", "x", "y", (Line(x, x),), points, (disc,)))
    found = re.findall(r'class="mark" x="([0-9.]+)" y="([0-9.]+)" text-anchor="(\w+)"', drawn)
    assert len(set(found)) == 3
    assert len({(y, anchor) for _, y, anchor in found}) == 3
