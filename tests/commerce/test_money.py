"""Money is exact: nothing is lost or made by reading, splitting, converting or rounding."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from perilune.commerce.exchange import Rate, convert, convert_parts, rate_on, ratio
from perilune.commerce.fields import LARGEST
from perilune.commerce.money import (
    CURRENCIES,
    WHOLE_BP,
    Amount,
    Money,
    PositiveAmount,
    half_even,
    portion,
    split,
    total,
)
from perilune.errors import InputError, NameNotFoundError, RefusedError

CURRENCY = st.sampled_from(sorted(CURRENCIES))
MONEY = st.builds(Money, st.integers(-LARGEST, LARGEST) | st.integers(-10_000, 10_000), CURRENCY)
WEIGHTS = st.lists(st.integers(0, 10**12) | st.integers(0, 100), min_size=1, max_size=12).filter(any)
RATES = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**9)
#: Amounts that stay within 64 bits at every rate above, from any currency to any other.
CONVERTIBLE = st.builds(Money, st.integers(-(10**9), 10**9), CURRENCY)


def split_loses_nothing(amount: Money, weights: list[int]) -> None:
    shares = split(amount, weights)
    assert sum(share.minor for share in shares) == amount.minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - Fraction(amount.minor * weight, sum(weights))) < 1
        assert share.minor * amount.minor >= 0


def print_reads_back(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount
    assert Money.parse(str(amount).replace(",", "")) == amount
    assert Money.of(json.loads(json.dumps(amount.data()))) == amount


def portions_never_drift(amount: Money, shares: list[int]) -> None:
    carry, given_out, exact = 0, 0, Fraction(0)
    for share in shares:
        part, carry = portion(amount, share, carry)
        given_out += part.minor
        exact += Fraction(amount.minor * share, WHOLE_BP)
        assert given_out + Fraction(carry, WHOLE_BP) == exact
        assert abs(carry) * 2 <= WHOLE_BP


def conversion_is_nearest(amount: Money, rate: Fraction, currency: str) -> None:
    exact = amount.minor * rate * Fraction(10 ** CURRENCIES[currency], 10 ** CURRENCIES[amount.currency])
    got = convert(amount, rate, currency).minor
    assert 2 * abs(got - exact) <= 1
    if 2 * abs(got - exact) == 1:
        assert got % 2 == 0
    assert convert(-amount, rate, currency).minor == -got


def converted_parts_add_up(minors: list[int], rate: Fraction, pair: tuple[str, str]) -> None:
    parts = [Money(minor, pair[0]) for minor in minors]
    whole = convert(total(parts, pair[0]), rate, pair[1])
    converted = convert_parts(parts, rate, pair[1])
    assert total(converted, pair[1]) == whole
    scale = rate * Fraction(10 ** CURRENCIES[pair[1]], 10 ** CURRENCIES[pair[0]])
    for part, got in zip(parts, converted, strict=True):
        assert abs(got.minor - part.minor * scale) < 2


LAWS: dict[Callable[..., None], tuple[Any, ...]] = {
    split_loses_nothing: (MONEY, WEIGHTS),
    print_reads_back: (MONEY,),
    portions_never_drift: (
        st.builds(Money, st.integers(-(10**14), 10**14), CURRENCY),
        st.lists(st.integers(0, WHOLE_BP), min_size=1, max_size=8),
    ),
    conversion_is_nearest: (CONVERTIBLE, RATES, CURRENCY),
    converted_parts_add_up: (
        st.lists(st.integers(0, 10**8), min_size=1, max_size=8),
        RATES,
        st.tuples(CURRENCY, CURRENCY),
    ),
}
NAMED = [pytest.param(law, of, id=law.__name__) for law, of in LAWS.items()]


def try_law(law: Callable[..., None], of: tuple[Any, ...], cases: int) -> int:
    tried = 0

    @settings(max_examples=cases, deadline=None, database=None)
    @given(st.tuples(*of))
    def run(arguments: tuple[Any, ...]) -> None:
        nonlocal tried
        tried += 1
        law(*arguments)

    run()
    return tried


@pytest.mark.parametrize(("law", "of"), NAMED)
def test_no_minor_unit_is_lost_or_made(law: Callable[..., None], of: tuple[Any, ...]) -> None:
    assert try_law(law, of, 300) > 0


@pytest.mark.slow
def test_no_minor_unit_is_lost_or_made_in_100_000_cases(capsys: pytest.CaptureFixture[str]) -> None:
    cases = 100_000 // len(LAWS)
    tried = {law.__name__: try_law(law, of, cases) for law, of in LAWS.items()}
    with capsys.disabled():
        sys.stdout.write(f"\n{sum(tried.values())} cases, none lost or made a minor unit: {tried}\n")
    assert sum(tried.values()) >= 100_000


def test_a_cent_is_not_lost_where_it_cannot_be_divided() -> None:
    assert [share.minor for share in split(Money(1, "USD"), [10, 10, 80])] == [0, 0, 1]
    assert [share.minor for share in split(Money(500_000, "USD"), [10, 10, 80])] == [50_000, 50_000, 400_000]


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (1, 3, 0), (2, 3, 1), (0, 7, 0), (-2, 3, -1)],
)
def test_ties_go_to_the_even_number(numerator: int, denominator: int, quotient: int) -> None:
    assert half_even(numerator, denominator) == quotient


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12", "'12' is not an amount of money. Write it as \"1500000.00 USD\"."),
        ("1e5 USD", "'1e5 USD' is not an amount of money. Write it as \"1500000.00 USD\"."),
        ("1,00 USD", "'1,00 USD' is not an amount of money. Write it as \"1500000.00 USD\"."),
        ("１２ USD", "'１２ USD' is not an amount of money. Write it as \"1500000.00 USD\"."),
        ("1.001 USD", "'1.001 USD' has 3 decimals; USD has 2."),
        ("1.0 JPY", "'1.0 JPY' has 1 decimals; JPY has 0."),
        ("92233720368547758.08 USD", "9223372036854775808 USD is beyond what a 64-bit ledger holds."),
        ("9" * 5_000 + " USD", None),
    ],
)
def test_what_is_no_amount_is_refused_with_the_cure(text: str, sentence: str | None) -> None:
    with pytest.raises(InputError) as refusal:
        Money.parse(text)
    assert len(str(refusal.value)) < 200
    if sentence is not None:
        assert str(refusal.value) == sentence


def test_an_unknown_currency_is_refused_with_the_nearest() -> None:
    with pytest.raises(NameNotFoundError, match=r"No currency 'EUX'. Did you mean 'EUR'\?"):
        Money.parse("1.00 EUX")
    with pytest.raises(NameNotFoundError):
        Money(1, "LUF")


def test_two_currencies_neither_add_nor_compare() -> None:
    dollars, euros = Money(100, "USD"), Money(100, "EUR")
    cure = "1.00 USD and 1.00 EUR are of two currencies. Convert one with a dated exchange rate first."
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__ge__):
        with pytest.raises(InputError) as refusal:
            operation(dollars, euros)
        assert str(refusal.value) == cure
    assert dollars != euros


def test_sums_beyond_64_bits_are_refused() -> None:
    with pytest.raises(InputError, match="is beyond what a 64-bit ledger holds"):
        Money(LARGEST, "JPY") + Money(1, "JPY")


@pytest.mark.parametrize("written", [{"minor": 1.5, "currency": "USD"}, {"minor": True, "currency": "USD"},
                                     {"minor": "1", "currency": "USD"}, {"minor": 2**63, "currency": "USD"},
                                     {"minor": 1}, {"minor": 1, "currency": "usd"}, 12, "12"])  # fmt: skip
def test_an_amount_from_outside_is_a_whole_number_of_minor_units(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Amount).validate_python(written)


def test_a_positive_amount_says_what_it_needs() -> None:
    with pytest.raises(ValidationError, match=r"0.00 USD is not positive. Give an amount above zero"):
        TypeAdapter(PositiveAmount).validate_python("0.00 USD")


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(InputError, match="cannot divide an amount"):
        split(Money(1, "USD"), weights)


def recorded(base: str, quote: str, rate: str, day: str, at: str = "2020-01-01") -> Rate:
    return Rate(base, quote, *ratio(rate), day, "a bank", at)


def test_the_rate_of_a_day_is_the_latest_on_or_before_it() -> None:
    rates = {
        "USD/JPY": [
            recorded("USD", "JPY", "100", "2025-01-10"),
            recorded("USD", "JPY", "110", "2025-01-20", "2025-01-20"),
            recorded("USD", "JPY", "111", "2025-01-20", "2025-02-01"),
        ]
    }
    assert rate_on(rates, "USD", "JPY", "2025-01-10") == 100
    assert rate_on(rates, "USD", "JPY", "2025-01-19") == 100
    assert rate_on(rates, "USD", "JPY", "2025-01-20") == 111
    assert rate_on(rates, "USD", "JPY", "2025-01-20", known_at="2025-01-31") == 110
    assert rate_on(rates, "JPY", "USD", "2030-01-01") == Fraction(1, 111)
    assert rate_on(rates, "JPY", "JPY", "1990-01-01") == 1


def test_a_missing_rate_is_refused_with_the_order_that_records_it() -> None:
    rates = {"USD/JPY": [recorded("USD", "JPY", "100", "2025-01-10")]}
    with pytest.raises(RefusedError) as refusal:
        rate_on(rates, "USD", "JPY", "2025-01-09")
    assert refusal.value.rule == "rate"
    assert str(refusal.value) == (
        "There is no exchange rate from USD to JPY on or before 2025-01-09. "
        "Record one: perilune ledger rate --base USD --quote JPY --day 2025-01-09 --rate … --source …."
    )


def test_a_cross_goes_through_one_currency_exactly() -> None:
    rates = {
        "EUR/USD": [recorded("EUR", "USD", "1.1", "2025-01-01")],
        "EUR/JPY": [recorded("EUR", "JPY", "163", "2025-01-01")],
    }
    assert rate_on(rates, "USD", "JPY", "2025-01-02") == Fraction(1630, 11)
    assert rate_on(rates, "JPY", "USD", "2025-01-02") == Fraction(11, 1630)


@pytest.mark.parametrize("text", ["0", "0/5", "1/0", "-1", "1e3", "", "1.", "9" * 40, "nan", "1 / 2"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"is not an exchange rate|is impossible"):
        ratio(text)
