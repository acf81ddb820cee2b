"""Instants: an `Epoch` holds barycentric dynamical time (TDB), and says its scale at every door.

The value is a whole number of TDB seconds since J2000 (2000-01-01 12:00:00 TDB) and a fraction, so that a
nanosecond survives any date. Leap seconds come from ERFA's table; a date past the last known one uses the
last known offset, silently, because that is the best anyone can do. TDB - TT is ERFA's geocentric series
(Fairhead and Bretagnon 1990, accurate to microseconds).
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, overload

import erfa

from perilune.errors import EpochError

DAY_S: Final = 86400  # s, exact
JD_J2000: Final = 2451545.0  # d, Julian date of J2000, exact
_ORDINAL_2000: Final = date(2000, 1, 1).toordinal()
_TT_MINUS_TAI: Final = (32, 0.184)  # s, exact (IAU 1991)
SCALES: Final = ("UTC", "TAI", "TT", "TDB")

_PATTERN: Final = re.compile(
    r"\s*(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d*)?)?)?\s*(Z|[A-Za-z]\w*)?\s*",
    re.ASCII,
)
_EXAMPLE: Final = '"2027-03-01T12:00:00 UTC"'

# Seconds on some scale since that scale's own J2000: (whole, fraction in [0, 1)).
_Parts = tuple[int, float]


@dataclass(frozen=True, slots=True, order=True)
class Epoch:
    """An instant: `seconds + fraction_s` of TDB since J2000, with 0 <= `fraction_s` < 1.

    >>> launch = Epoch.parse("2025-01-15T06:11:39 UTC")
    >>> (launch + 86400.0).iso("UTC")
    '2025-01-16T06:11:39.000'
    """

    seconds: int
    fraction_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction_s < 1.0:
            raise EpochError(f"fraction_s {self.fraction_s!r} is not in [0, 1). Use Epoch.from_tdb_s.")

    @staticmethod
    def parse(text: str) -> Epoch:
        """Return the epoch of ISO text that names its scale (UTC or Z, TAI, TT, TDB)."""
        return _read(text, None)

    @staticmethod
    def utc(text: str) -> Epoch:
        """Return the epoch of ISO text in UTC; a leap second is written 23:59:60."""
        return _read(text, "UTC")

    @staticmethod
    def tai(text: str) -> Epoch:
        """Return the epoch of ISO text in TAI."""
        return _read(text, "TAI")

    @staticmethod
    def tt(text: str) -> Epoch:
        """Return the epoch of ISO text in TT."""
        return _read(text, "TT")

    @staticmethod
    def tdb(text: str) -> Epoch:
        """Return the epoch of ISO text in TDB."""
        return _read(text, "TDB")

    @staticmethod
    def from_tdb_s(tdb_s: float) -> Epoch:
        """Return the epoch of TDB seconds since J2000 (a float holds about 0.1 microsecond there)."""
        return Epoch(0) + tdb_s

    @property
    def tdb_s(self) -> float:
        """TDB seconds since J2000, rounded to a float."""
        return self.seconds + self.fraction_s

    def __add__(self, span_s: float) -> Epoch:
        if not math.isfinite(span_s):
            raise EpochError(f"{span_s!r} s can not be added to an epoch. Give a finite number of seconds.")
        return Epoch(*_sum((self.seconds, self.fraction_s), float(span_s)))

    @overload
    def __sub__(self, other: Epoch) -> float: ...
    @overload
    def __sub__(self, other: float) -> Epoch: ...
    def __sub__(self, other: Epoch | float) -> float | Epoch:
        """Return the TDB seconds from another epoch to this one, or the epoch that many seconds before."""
        if not isinstance(other, Epoch):
            return self + -other
        return (self.seconds - other.seconds) + (self.fraction_s - other.fraction_s)

    def iso(self, scale: str = "UTC", decimals: int = 3) -> str:
        """Return ISO text in `scale`, rounded to `decimals` of a second, without the scale's name."""
        whole, fraction = _to_scale(self, scale)
        unit = 10**decimals
        ticks = whole * unit + round(fraction * unit)
        whole, ticks = ticks // unit, ticks % unit
        day, second = _utc_of_tai(whole) if _checked(scale) == "UTC" else _day_and_second(whole)
        seconds = f"{second - 86340 if second >= DAY_S else second % 60:02d}"
        minute = min(second, DAY_S - 1) // 60
        tail = f".{ticks:0{decimals}d}" if decimals else ""
        return f"{_calendar(day).isoformat()}T{minute // 60:02d}:{minute % 60:02d}:{seconds}{tail}"

    def utc_iso(self, decimals: int = 3) -> str:
        """Return ISO text in UTC with a Z: 2025-01-15T06:11:39.000Z."""
        return self.iso("UTC", decimals) + "Z"

    def jd2(self, scale: str = "TDB") -> tuple[float, float]:
        """Return the Julian date in two parts, the first at midnight; UTC is ERFA's quasi-JD on leap days."""
        whole, fraction = _to_scale(self, scale)
        if _checked(scale) == "UTC":
            day, second = _utc_of_tai(whole)
            length = DAY_S + _tai_minus_utc(day + 1) - _tai_minus_utc(day)
        else:
            (day, second), length = _day_and_second(whole), DAY_S
        return JD_J2000 - 0.5 + day, (second + fraction) / length

    def __str__(self) -> str:
        return f"{self.iso('TDB', 6)} TDB"


def _checked(scale: str) -> str:
    if scale not in SCALES:
        raise EpochError(f"No time scale {scale!r}. There are: {', '.join(SCALES)}.")
    return scale


def _read(text: str, scale: str | None) -> Epoch:
    found = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise EpochError(f"{text!r} is not a date. Write it as {_EXAMPLE}.")
    named = found.group(8)
    named = "UTC" if named == "Z" else named and named.upper()
    if named is not None and named not in SCALES:
        raise EpochError(
            f"{text!r} names no time scale known here. Write one of {', '.join(SCALES)}, as {_EXAMPLE}."
        )
    if named is None and scale is None:
        raise EpochError(
            f"{text!r} does not say its time scale. Write it with the date, as {text.strip() + ' UTC'!r}."
        )
    if named is not None and scale is not None and named != scale:
        raise EpochError(f"{text!r} is in {named}, where {scale} is asked for. Use Epoch.parse.")
    day, second = _civil(text, found)
    fraction = float("0" + found.group(7)) if found.group(7) and found.group(7) != "." else 0.0
    return _FROM[named or scale or ""](text, day, second, fraction)


def _civil(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Return days since 2000-01-01 and the second of the day (86400 in a leap second)."""
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        days = date(year, month, day).toordinal() - _ORDINAL_2000
    except ValueError:
        raise EpochError(f"{text!r} is not a day of the calendar.") from None
    if hour > 23 or minute > 59 or second > 60 or (second == 60 and (hour, minute) != (23, 59)):
        raise EpochError(f"{text!r} is not a time of the day. Write hours 00-23, minutes and seconds 00-59.")
    return days, hour * 3600 + minute * 60 + second


def _sum(parts: _Parts, span_s: float) -> _Parts:
    whole = math.floor(span_s)
    fraction = parts[1] + (span_s - whole)
    carry = math.floor(fraction)
    fraction -= carry
    # A sum of a hair below a whole second can round up to it.
    return (parts[0] + whole + carry + 1, 0.0) if fraction >= 1.0 else (parts[0] + whole + carry, fraction)


def _tdb_minus_tt_s(parts: _Parts) -> float:
    """Return TDB - TT in seconds at the geocentre, for TT or TDB parts (the difference does not matter)."""
    day, second = divmod(parts[0], DAY_S)
    return float(erfa.dtdb(JD_J2000 + day, (second + parts[1]) / DAY_S, 0.0, 0.0, 0.0, 0.0))


def _from_tdb(text: str, day: int, second: int, fraction: float) -> Epoch:
    if second == DAY_S:
        raise EpochError(f"{text!r}: leap seconds exist in UTC alone.")
    return Epoch(day * DAY_S + second - DAY_S // 2, fraction)


def _tt_to_tdb(parts: _Parts) -> Epoch:
    first = _sum(parts, _tdb_minus_tt_s(parts))
    return Epoch(*_sum(parts, _tdb_minus_tt_s(first)))


def _from_tt(text: str, day: int, second: int, fraction: float) -> Epoch:
    read = _from_tdb(text, day, second, fraction)
    return _tt_to_tdb((read.seconds, read.fraction_s))


def _tai_to_tdb(parts: _Parts) -> Epoch:
    return _tt_to_tdb(_sum((parts[0] + _TT_MINUS_TAI[0], parts[1]), _TT_MINUS_TAI[1]))


def _from_tai(text: str, day: int, second: int, fraction: float) -> Epoch:
    read = _from_tdb(text, day, second, fraction)
    return _tai_to_tdb((read.seconds, read.fraction_s))


def _from_utc(text: str, day: int, second: int, fraction: float) -> Epoch:
    if day < _leap_seconds()[0][0]:
        raise EpochError(
            f"{text!r}: UTC has whole leap seconds since 1972-01-01 only. Give the date in TAI, TT or TDB."
        )
    offset = _tai_minus_utc(day)
    if second == DAY_S and _tai_minus_utc(day + 1) == offset:
        raise EpochError(f"{text!r}: no leap second was added at the end of that day.")
    return _tai_to_tdb((day * DAY_S + second + offset - DAY_S // 2, fraction))


_FROM: Final[dict[str, Callable[[str, int, int, float], Epoch]]] = {
    "UTC": _from_utc,
    "TAI": _from_tai,
    "TT": _from_tt,
    "TDB": _from_tdb,
}


def _to_scale(epoch: Epoch, scale: str) -> _Parts:
    """Return the epoch's parts on a scale; for UTC those of TAI, from which UTC is read off."""
    parts = (epoch.seconds, epoch.fraction_s)
    if _checked(scale) == "TDB":
        return parts
    tt = _sum(parts, -_tdb_minus_tt_s(parts))
    return tt if scale == "TT" else _sum((tt[0] - _TT_MINUS_TAI[0], tt[1]), -_TT_MINUS_TAI[1])


def _day_and_second(whole: int) -> tuple[int, int]:
    return divmod(whole + DAY_S // 2, DAY_S)


@functools.cache
def _leap_seconds() -> tuple[tuple[int, int], ...]:
    """Return (days since 2000-01-01, TAI - UTC in s from that day on), from 1972, of ERFA's table."""
    return tuple(
        (date(int(year), int(month), 1).toordinal() - _ORDINAL_2000, int(offset))
        for year, month, offset in erfa.leap_seconds.get()
        if int(year) >= 1972
    )


def _tai_minus_utc(day: int) -> int:
    table = _leap_seconds()
    return next((offset for first, offset in reversed(table) if day >= first), table[0][1])


def _utc_of_tai(whole: int) -> tuple[int, int]:
    """Return day and second of UTC for a whole TAI second; second 86400 is the leap second."""
    if whole < _leap_seconds()[0][0] * DAY_S - DAY_S // 2 + _leap_seconds()[0][1]:
        raise EpochError("UTC has whole leap seconds since 1972-01-01 only. Ask for TAI, TT or TDB.")
    day, _ = _day_and_second(whole)
    # TAI runs ahead of UTC, so the UTC day is this one or the one before.
    for candidate in (day, day - 1):
        second = whole + DAY_S // 2 - _tai_minus_utc(candidate) - candidate * DAY_S
        if second >= 0:
            return candidate, second
    raise AssertionError("TAI is less than a day ahead of UTC")


def _calendar(day: int) -> date:
    try:
        return date.fromordinal(_ORDINAL_2000 + day)
    except (ValueError, OverflowError):
        raise EpochError("The epoch lies outside the calendar's years 1 to 9999.") from None
