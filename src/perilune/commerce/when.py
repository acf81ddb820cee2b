"""Times as documents tell them: a day, a day somewhere on Earth, or an instant, never more exact.

"2025-01-12" is a day in UTC, "2025-01-12+09:00" a day in Japan, "2025-05-07T05:41+09:00" an instant.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from perilune.commerce.fields import FIRST_DAY, LAST_DAY

_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_ZONED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LONGEST_DAY: Final = datetime.timedelta(days=1, microseconds=-1)


def span(when: str) -> tuple[datetime.datetime, datetime.datetime]:
    """Return the first and the last instant (UTC) a told time may mean; `ValueError` if unreadable.

    >>> [str(instant) for instant in span("2025-01-12+09:00")]
    ['2025-01-11 15:00:00+00:00', '2025-01-12 14:59:59.999999+00:00']
    """
    day = _DAY.fullmatch(when)
    if day is not None:
        zone = "+00:00" if day[2] in (None, "Z") else day[2]
        start = datetime.datetime.fromisoformat(f"{day[1]}T00:00:00{zone}").astimezone(datetime.UTC)
        return start, start + _LONGEST_DAY
    if _ZONED.fullmatch(when) is None:
        raise ValueError(
            f'{when!r} is no time; write "2025-01-12", "2025-01-12+09:00" or "2025-05-07T05:41+09:00"'
        )
    instant = datetime.datetime.fromisoformat(when).astimezone(datetime.UTC)
    return instant, instant


def surely_after(one: str, other: str) -> bool:
    """Tell whether the first time is after the second whatever instants the two mean.

    >>> surely_after("2025-01-13", "2025-01-12+09:00"), surely_after("2025-01-12", "2025-01-12T09:00Z")
    (True, False)
    """
    return span(one)[0] > span(other)[1]


def local_day(when: str) -> str:
    """Return the calendar day as it was told, without its zone.

    >>> local_day("2025-05-07T05:41+09:00")
    '2025-05-07'
    """
    return when[:10]


def _checked(when: str) -> str:
    try:
        first, _ = span(when)
    except OverflowError:
        raise ValueError(f"{when!r} lies outside {FIRST_DAY} to {LAST_DAY}") from None
    if not FIRST_DAY <= first.date() <= LAST_DAY:
        raise ValueError(f"{when!r} lies outside {FIRST_DAY} to {LAST_DAY}")
    return when


#: A day or an instant in what people type.
When = Annotated[str, StringConstraints(max_length=40), AfterValidator(_checked)]
