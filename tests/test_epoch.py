"""Epochs: scales, leap seconds, nanoseconds, and the sentences for what can not be read."""

from __future__ import annotations

import math
import warnings

import erfa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import DAY_S, SCALES, Epoch
from perilune.errors import EpochError

# Seconds of TDB from 1973 to 2099: where UTC exists and calendars agree.
SECONDS = st.integers(-27 * 365 * DAY_S, 99 * 365 * DAY_S)
FRACTIONS = st.integers(0, 10**9 - 1).map(lambda tick: tick / 1e9)


@pytest.mark.parametrize(
    ("text", "tdb"),
    [
        # erfa.d2dtf of utctai, taitt, tttdb with dtdb at the geocentre; astropy 8.0.2 gives the same digits.
        ("2025-01-15T06:11:39 UTC", "2025-01-15T06:12:48.184320"),
        ("2016-12-31T23:59:60 UTC", "2017-01-01T00:01:08.183951"),
        ("2017-01-01T00:00:00 UTC", "2017-01-01T00:01:09.183951"),
        ("1999-05-05T05:05:05Z", "1999-05-05T05:06:09.185436"),
        ("2000-01-01T12:00:00 TDB", "2000-01-01T12:00:00.000000"),
        ("2000-01-01 12:00 tdb", "2000-01-01T12:00:00.000000"),
    ],
)
def test_known_instants(text: str, tdb: str) -> None:
    assert Epoch.parse(text).iso("TDB", 6) == tdb


def test_agrees_with_erfa_on_every_scale() -> None:
    jd_utc = erfa.dtf2d("UTC", 2025, 5, 6, 20, 41, 12.5)
    jd_tai = erfa.utctai(*jd_utc)
    jd_tt = erfa.taitt(*jd_tai)
    jd_tdb = erfa.tttdb(*jd_tt, erfa.dtdb(*jd_tt, 0.0, 0.0, 0.0, 0.0))
    epoch = Epoch.utc("2025-05-06T20:41:12.5")
    for scale, reference in zip(SCALES, (jd_utc, jd_tai, jd_tt, jd_tdb), strict=True):
        ours = epoch.jd2(scale)
        difference_d = (ours[0] - reference[0]) + (ours[1] - reference[1])
        assert abs(difference_d) * DAY_S < 1e-10, scale


def test_leap_second_day_is_a_second_longer() -> None:
    start, end = Epoch.utc("2016-12-31"), Epoch.utc("2017-01-01")
    # TDB runs against TT by at most 3.3e-10, 29 microseconds a day.
    assert end - start == pytest.approx(DAY_S + 1, abs=3e-5)
    assert Epoch.utc("2016-12-31T23:59:60.25").utc_iso(2) == "2016-12-31T23:59:60.25Z"
    assert Epoch.utc("2016-12-31T23:59:60.9996").utc_iso() == "2017-01-01T00:00:00.000Z"
    assert Epoch.utc("2016-12-31T23:59:59.9996").utc_iso() == "2016-12-31T23:59:60.000Z"
    assert Epoch.utc("2016-12-31T23:59:60").jd2("UTC")[1] == pytest.approx(86400 / 86401)


def test_dates_past_the_last_known_leap_second_say_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Epoch.utc("2059-12-31T00:00:00").utc_iso() == "2059-12-31T00:00:00.000Z"


@given(SECONDS, FRACTIONS, st.sampled_from(SCALES))
def test_text_round_trip_keeps_the_nanosecond(seconds: int, fraction_s: float, scale: str) -> None:
    epoch = Epoch(seconds, fraction_s)
    again = Epoch.parse(f"{epoch.iso(scale, 9)} {scale}")
    assert abs(again - epoch) < 1.01e-9


@given(SECONDS, FRACTIONS, st.floats(-1e9, 1e9, allow_nan=False))
def test_adding_a_span_and_taking_it_off(seconds: int, fraction_s: float, span_s: float) -> None:
    epoch = Epoch(seconds, fraction_s)
    assert abs((epoch + span_s) - epoch - span_s) <= 4e-16 * abs(span_s) + 3e-16
    assert epoch - span_s == epoch + -span_s
    assert abs((epoch + span_s) - span_s - epoch) < 1e-15 * max(1.0, abs(span_s)) + 1e-15


@given(SECONDS, FRACTIONS)
def test_order_and_hash_follow_the_instant(seconds: int, fraction_s: float) -> None:
    epoch = Epoch(seconds, fraction_s)
    assert epoch < epoch + 1e-6
    assert hash(Epoch(seconds, fraction_s)) == hash(epoch)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2027-03-01", "does not say its time scale. Write it with the date, as '2027-03-01 UTC'"),
        ("nan", "'nan' is not a date. Write it as \"2027-03-01T12:00:00 UTC\""),
        ("2027-02-30 UTC", "is not a day of the calendar"),
        ("2027-03-01T25:00:00 UTC", "is not a time of the day. Write hours 00-23"),
        ("2027-03-01T12:00:00 GPS", "names no time scale known here. Write one of UTC, TAI, TT, TDB"),
        ("2015-12-31T23:59:60 UTC", "no leap second was added at the end of that day"),
        ("2016-12-31T23:59:60 TT", "leap seconds exist in UTC alone"),
        ("1960-01-01 UTC", "UTC has whole leap seconds since 1972-01-01 only. Give the date in TAI"),
    ],
)
def test_a_date_that_can_not_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(EpochError) as caught:
        Epoch.parse(text)
    assert message in str(caught.value)


def test_the_wrong_door_is_named() -> None:
    with pytest.raises(EpochError, match="is in TDB, where UTC is asked for"):
        Epoch.utc("2025-01-01 TDB")
    with pytest.raises(EpochError, match=r"No time scale .GPS.\. There are: UTC, TAI, TT, TDB"):
        Epoch(0).iso("GPS")


@pytest.mark.parametrize("span_s", [math.nan, math.inf])
def test_no_span_that_is_not_a_number(span_s: float) -> None:
    with pytest.raises(EpochError, match="Give a finite number of seconds"):
        Epoch(0) + span_s
    with pytest.raises(EpochError):
        Epoch(0, span_s)
