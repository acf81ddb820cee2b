"""The shapes that what people type must have: every text and number bounded, so that nothing overflows."""

from __future__ import annotations

import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LARGEST: Final = 2**63 - 1  # -, what a signed 64-bit integer of a database holds
FIRST_DAY: Final = datetime.date(1957, 10, 4)
LAST_DAY: Final = datetime.date(2199, 12, 31)


class Asked(BaseModel):
    """What an order or a question says; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


def _printable(text: str) -> str:
    if not all(char.isprintable() for char in text):
        raise ValueError("holds a character that cannot be printed; write plain text on one line")
    return text


def _written(text: str) -> str:
    if not all(char.isprintable() or char in "\n\t" for char in text):
        raise ValueError("holds a character that cannot be printed; write plain text")
    return text


def _within(day: datetime.date) -> datetime.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"lies outside {FIRST_DAY} to {LAST_DAY}")
    return day


#: A stable id that people choose: "m2", "takasago-electrolyser".
Id = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$", max_length=64)
]
#: A short name or title on one line.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
#: A text of up to 4,000 characters; may be empty.
Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_written)]
#: SHA-256 in hexadecimal.
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
#: A calendar day.
Day = Annotated[datetime.date, AfterValidator(_within)]
#: A count that any database holds.
Count = Annotated[int, Field(ge=0, le=LARGEST)]
#: A share of a whole, in parts of ten thousand (1,000 = 10 %).
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
