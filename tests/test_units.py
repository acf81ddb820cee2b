"""Quantities: right to the last digit, and a bare number refused with the fix."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.errors import UnitError
from perilune.units import UNITS, quantities, quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("100 km", "length", 100000.0),
        ("6500.25 km", "length", 6500250.0),
        ("-1200.5km", "length", -1200500.0),
        ("1 AU", "length", 149597870700.0),
        ("36 h", "time", 129600.0),
        ("2.0 km/s", "speed", 2000.0),
        ("398600.44 km^3/s^2", "gm", 398600440000000.0),
        ("398600.44 km³/s²", "gm", 398600440000000.0),
        ("180 deg", "angle", math.pi),
        ("3600 arcsec", "angle", math.pi / 180),
        ("28.5°", "angle", math.radians(28.5)),
        ("10 m**2", "area", 10.0),
        ("1_000 kg", "mass", 1000.0),
        ("5 %", "dimensionless", 0.05),
        (0.3, "dimensionless", 0.3),
        ("0.3", "dimensionless", 0.3),
        ("36 km/h", "speed", 10.0),
    ],
)
def test_values(text: object, dimension: str, value: float) -> None:
    assert quantity(text, dimension) == value


@pytest.mark.parametrize(
    ("text", "dimension", "message"),
    [
        (100, "length", '100 has no unit. Write the length with its unit: "100 m" or "100 km".'),
        ("100", "length", '\'100\' has no unit. Write the length with its unit: "100 m" or "100 km".'),
        ("100 kms", "length", "has an unknown unit 'kms'. Did you mean 'km'?"),
        ("5 kg", "length", "'5 kg' is a mass, where a length is needed."),
        ("nan km", "length", "does not begin with a number"),
        ("1e400 km", "length", "is not a finite length"),
        (math.nan, "length", "nan is not a finite length"),
        (math.inf, "dimensionless", "inf is not a finite dimensionless"),
        (True, "length", "True is not a length"),
        (None, "mass", 'None is not a mass. Write it as text with its unit, as "100 kg".'),
        ("5 km", "lengths", "No dimension 'lengths'. There are: length"),
    ],
)
def test_refusals_carry_the_cure(text: object, dimension: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(text, dimension)
    assert message in str(caught.value)


def test_lists() -> None:
    assert quantities(["1 km", "2 m", "-3 km"], "length", 3) == (1000.0, 2.0, -3000.0)
    with pytest.raises(UnitError, match="has 2 entries where 3 are needed"):
        quantities(["1 km", "2 m"], "length", 3)
    with pytest.raises(UnitError, match="is not a list"):
        quantities("1 km", "length")


@given(st.floats(-1e12, 1e12), st.sampled_from([(d, u) for d, table in UNITS.items() for u in table]))
def test_a_written_number_is_its_multiple_of_the_unit(value: float, unit: tuple[str, str]) -> None:
    dimension, name = unit
    assert quantity(f"{value!r} {name}", dimension) == pytest.approx(
        value * UNITS[dimension][name], rel=3e-16
    )
