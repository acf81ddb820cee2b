"""Amounts are exact: what is needed is never rounded down, what there is never up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.commerce.booking.amounts import (
    DIMENSIONS,
    MASS,
    NOTHING,
    PLACES,
    available,
    beyond,
    grams,
    minus,
    needed,
    plus,
    read,
    told,
    total,
    written,
)
from perilune.errors import InputError

MASSES = st.floats(min_value=0.0, max_value=1e5, allow_nan=False)


@given(MASSES, MASSES)
def test_needs_round_up_and_capacities_down(mass_kg: float, volume_m3: float) -> None:
    exact = Fraction(repr(mass_kg))
    need = needed(mass_kg, volume_m3, [0.0] * 4, [0.0] * 4, 1)
    have = available(mass_kg, volume_m3, [0.0] * 4, [0.0] * 4, 1)
    assert 0 <= need[MASS] - exact * 1000 < 1
    assert 0 <= exact * 1000 - have[MASS] < 1
    assert need[MASS] - have[MASS] in (0, 1)


@pytest.mark.parametrize(
    ("mass_kg", "mass_g"), [(4.35, 4350), (8.2, 8200), (1.13, 1130), (0.0001, 1), (30.0, 30000)]
)
def test_a_mass_is_read_as_it_is_written(mass_kg: float, mass_g: int) -> None:
    assert grams(mass_kg) == mass_g


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=11, max_size=11).map(tuple), max_size=20))
def test_sums_and_differences_are_exact(amounts: list[tuple[int, ...]]) -> None:
    whole = total(amounts)
    for amount in amounts:
        whole = minus(whole, amount)
    assert whole == NOTHING
    for amount in amounts:
        assert read(written(amount)) == amount
        assert plus(NOTHING, amount) == amount


def test_beyond_names_the_first_dimension_that_is_short() -> None:
    want = needed(2.0, 0.0, [1.0] * 4, [5.0] * 4, 1)
    have = available(2.0, 0.0, [1.0, 1.0, 0.5, 1.0], [5.0] * 4, 0)
    assert beyond(want, have) == (DIMENSIONS.index("power_descent_mw"), 1000, 500)
    assert beyond(NOTHING, minus(NOTHING, want)) is None


def test_figures_are_told_with_their_unit() -> None:
    assert told(MASS, 1) == "0.001 kg"
    assert told(PLACES, 1) == "1 place on deck"
    assert told(DIMENSIONS.index("power_surface_mw"), 1500) == "1.5 W (surface)"
    assert told(DIMENSIONS.index("rate_lunar_orbit_bit_s"), 9600) == "9600 bit/s (lunar orbit)"
    assert told(1, 200_000) == "200 l"


def test_a_number_beyond_64_bits_is_told() -> None:
    with pytest.raises(InputError, match=r"1e\+17 is beyond what a 64-bit book holds\."):
        grams(1e17)
