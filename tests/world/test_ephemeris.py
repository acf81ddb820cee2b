"""The ephemeris: identities, tables that equal it, and the sentence for dates outside."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import ASTRONOMICAL_UNIT_M, EARTH_MOON_MASS_RATIO
from perilune.epoch import Epoch
from perilune.errors import EpochError, NameNotFoundError
from perilune.maths import chebyshev
from perilune.world import ephemeris
from perilune.world.span import SPAN_END, SPAN_START

DAYS = st.floats(0.0, (SPAN_END - SPAN_START) / 86400.0 - 1.0)
BODY = st.sampled_from(ephemeris.BODIES)
TABLED = ("earth", "sun", "venus", "mars", "jupiter", "saturn")


@given(DAYS, BODY, BODY)
def test_positions_are_antisymmetric(day: float, target: str, centre: str) -> None:
    epoch = SPAN_START + day * 86400.0
    there = ephemeris.position(target, centre, epoch)
    back = ephemeris.position(centre, target, epoch)
    np.testing.assert_array_equal(there, -back)


@given(DAYS)
def test_the_barycentre_divides_earth_and_moon_by_their_masses(day: float) -> None:
    epoch = SPAN_START + day * 86400.0
    earth = ephemeris.position("earth", "emb", epoch)
    moon = ephemeris.position("moon", "emb", epoch)
    np.testing.assert_allclose(earth * EARTH_MOON_MASS_RATIO, -moon, atol=1e-6)
    assert 3.56e8 < np.linalg.norm(moon - earth) < 4.07e8


@given(DAYS, st.sampled_from(TABLED))
def test_velocity_and_acceleration_are_slopes(day: float, body: str) -> None:
    epoch = SPAN_START + 3600.0 + day * 86390.0
    h = 300.0
    _, velocity, acceleration = ephemeris.motion(body, "moon", epoch)
    around = [ephemeris.state(body, "moon", epoch + k * h) for k in (-2, -1, 1, 2)]
    slopes = [(a - 8.0 * b + 8.0 * c - d) / (12.0 * h) for a, b, c, d in zip(*around, strict=True)]
    # Rounding of 1.6e12 m (2e-4 m) and of 5e4 m/s (7e-12 m/s) over the step.
    np.testing.assert_allclose(slopes[0], velocity, atol=5e-6)
    np.testing.assert_allclose(slopes[1], acceleration, atol=1e-12)


def test_the_earth_is_about_one_unit_from_the_sun() -> None:
    offsets = np.linspace(0.0, 365.25 * 86400.0, 400)
    distance = np.linalg.norm(ephemeris.positions("earth", "sun", Epoch.tdb("2025-01-01"), offsets), axis=1)
    assert distance.min() == pytest.approx(0.98333 * ASTRONOMICAL_UNIT_M, rel=2e-5)
    assert distance.max() == pytest.approx(1.01664 * ASTRONOMICAL_UNIT_M, rel=2e-5)


@given(DAYS, st.floats(-200.0, 200.0), st.sampled_from(["moon", "earth", "sun"]))
def test_a_table_equals_the_ephemeris(day: float, length_days: float, centre: str) -> None:
    base = SPAN_START + day * 86400.0 + 0.123456789
    end_s = float(np.clip(length_days * 86400.0, SPAN_START - base, SPAN_END - base))
    bodies = tuple(body for body in TABLED if body != centre)
    table = ephemeris.table(centre, bodies, base, 0.0, end_s)
    offset_s = np.linspace(min(0.0, end_s), max(0.0, end_s), 7)
    piece = np.clip(((offset_s - table.start_s) // table.piece_s).astype(int), 0, len(table.coefficients) - 1)
    x = (offset_s - table.start_s - piece * table.piece_s) * 2.0 / table.piece_s - 1.0
    assert np.all(np.abs(x) <= 1.0 + 1e-12)
    values = np.einsum("nkac,nc->nka", table.coefficients[piece], chebyshev.basis(x, 13))
    for k, body in enumerate(bodies):
        expected = ephemeris.positions(body, centre, base, offset_s)
        # Rounding alone: a few parts in 1e16 of the distance (Saturn: 1.6e12 m), 30 km/s times 1e-10 s.
        np.testing.assert_allclose(values[:, k], expected, atol=1e-5 + 1e-15 * np.abs(expected).max())


def test_a_table_is_made_in_a_blink_and_kept() -> None:
    base = Epoch.utc("2025-01-15T06:11:39")
    ephemeris.table("earth", TABLED[1:], base, 0.0, 86400.0)
    start = time.perf_counter()
    first = ephemeris.table("earth", TABLED[1:], base, 0.0, 130 * 86400.0)
    assert time.perf_counter() - start < 0.1  # some 1 ms; room for a busy machine
    assert ephemeris.table("earth", TABLED[1:], base, 0.0, 130 * 86400.0) is first


def test_dates_outside_name_the_span() -> None:
    message = (
        r"2061-01-01T00:00:00 TDB lies outside the ephemeris, which covers "
        r"1999-12-24T00:00:00 to 2060-01-30T00:00:00 TDB\. Choose a date inside it\."
    )
    with pytest.raises(EpochError, match=message):
        ephemeris.position("moon", "earth", Epoch.tdb("2061-01-01"))
    with pytest.raises(EpochError, match="lies outside the ephemeris"):
        ephemeris.table("moon", ("earth",), Epoch.tdb("2059-12-01"), 0.0, 90 * 86400.0)
    with pytest.raises(EpochError, match="lies outside the ephemeris"):
        ephemeris.positions("moon", "earth", Epoch.tdb("2000-01-01"), np.array([0.0, -9 * 86400.0]))
    with pytest.raises(EpochError, match="not a finite number of seconds"):
        ephemeris.positions("moon", "earth", Epoch.tdb("2000-01-01"), np.array([np.nan]))
    assert ephemeris.table("moon", ("earth",), SPAN_END, -5.0, 0.0).coefficients.shape == (1, 1, 3, 13)


def test_an_unknown_body_is_named() -> None:
    with pytest.raises(NameNotFoundError, match=r"No body 'mooon'\. Did you mean 'moon'\?"):
        ephemeris.position("mooon", "earth", Epoch(0))
