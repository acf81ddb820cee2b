"""Launch dates as plans tell them: a year, a month, a day, or from one to another; and how far they slip."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from perilune.commerce.fields import FIRST_DAY, LAST_DAY

_PART: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def window(launch: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of a told launch date; `ValueError` if it cannot be read.

    >>> [str(day) for day in window("2027")], [str(day) for day in window("2024-12/2025-02")]
    (['2027-01-01', '2027-12-31'], ['2024-12-01', '2025-02-28'])
    """
    first, slash, last = launch.partition("/")
    start, end = _bounds(first)[0], _bounds(last if slash else first)[1]
    if end < start:
        raise ValueError(f"{launch!r} ends before it begins")
    return start, end


def slip_day_count(before: str, after: str) -> int:
    """Return by how many days a launch date moved, by the last day of each; positive is later.

    >>> slip_day_count("2026", "2027"), slip_day_count("2027", "2027")
    (365, 0)
    """
    return (window(after)[1] - window(before)[1]).days


def _bounds(part: str) -> tuple[datetime.date, datetime.date]:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(
            f'{part!r} is no launch date; write "2027", "2026-11", "2025-01-15" or "2024-12/2025-02"'
        )
    year, month, day = (int(text) if text else 0 for text in found.groups())
    if day:
        return datetime.date(year, month, day), datetime.date(year, month, day)
    first, last = (month, month) if month else (1, 12)
    start = datetime.date(year, first, 1)
    return start, datetime.date(year, last, calendar.monthrange(year, last)[1])


def _checked(launch: str) -> str:
    start, end = window(launch)
    if start < FIRST_DAY or end > LAST_DAY:
        raise ValueError(f"{launch!r} lies outside {FIRST_DAY} to {LAST_DAY}")
    return launch


#: A launch date in what people type.
Launch = Annotated[str, StringConstraints(max_length=21), AfterValidator(_checked)]
