"""Times as documents tell them are never taken for more exact than they are."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from perilune.commerce.when import When, local_day, span, surely_after

READ: TypeAdapter[str] = TypeAdapter(When)
DAYS = st.dates(datetime.date(1960, 1, 1), datetime.date(2190, 1, 1)).map(str)
ZONES = st.sampled_from(["", "Z", "+09:00", "-05:00", "+00:00", "+14:00", "-12:00"])
TIMES = st.builds(lambda day, zone: day + zone, DAYS, ZONES) | st.builds(
    lambda day, hour, zone: f"{day}T{hour:02d}:30{zone or 'Z'}", DAYS, st.integers(0, 23), ZONES
)


@given(TIMES, TIMES)
def test_one_of_two_times_at_most_is_surely_after_the_other(one: str, other: str) -> None:
    assert not (surely_after(one, other) and surely_after(other, one))
    assert not surely_after(one, one)
    if surely_after(one, other):
        assert span(one)[0] > span(other)[0]


@given(TIMES)
def test_a_time_that_is_read_keeps_its_spelling_and_its_day(when: str) -> None:
    assert READ.validate_python(when) == when
    first, last = span(when)
    assert first <= last < first + datetime.timedelta(days=1)
    assert abs((first.date() - datetime.date.fromisoformat(local_day(when))).days) <= 1


def test_a_day_in_japan_begins_before_the_day_in_utc() -> None:
    assert span("2025-05-07+09:00")[0].isoformat() == "2025-05-06T15:00:00+00:00"
    assert not surely_after("2025-05-07+09:00", "2025-05-06")
    assert surely_after("2025-05-08+09:00", "2025-05-06")


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("2025", "is no time; write"),
        ("2025-05-07T05:41", "is no time; write"),
        ("2025-02-30", "day is out of range"),
        ("2025-05-07T25:00Z", "hour must be in"),
        ("1900-01-01", "lies outside"),
        ("2200-01-01", "lies outside"),
        ("0001-01-01+14:00", "lies outside"),
        ("٢٠٢٥-01-01", "is no time"),
        ("2025-05-07T05:41+99:99", "offset"),
    ],
)
def test_what_is_no_time_is_refused(when: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        READ.validate_python(when)
