"""The shapes of what orders and questions of the ledger say."""

from __future__ import annotations

import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from perilune.commerce.event import Moment
from perilune.commerce.fields import Day
from perilune.commerce.money import CURRENCIES
from perilune.errors import InputError, NameNotFoundError


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise NameNotFoundError("currency", code, CURRENCIES)
    return code


#: A currency of ISO 4217.
Currency = Annotated[
    str, StringConstraints(min_length=3, max_length=3, pattern="^[A-Z]{3}$"), AfterValidator(_currency)
]
#: ENTITY:NAME or ENTITY:NAME:DETAIL.
AccountName = Annotated[str, StringConstraints(min_length=3, max_length=200)]
#: An account, or "" where one is chosen.
AccountOrNone = Annotated[str, StringConstraints(max_length=200)]
#: What a transfer is known by.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._/-]{0,127}$")]
#: A key, or "" where one is chosen.
KeyOrNone = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9:._/-]{0,127})?$")]


def _moment(text: str) -> str:
    if text:
        try:
            datetime.datetime.fromisoformat(text)
        except ValueError:
            raise InputError(
                f'{text!r} is no day or moment. Write "2026-03-31" or "2026-03-31T12:00:00Z"'
            ) from None
    return text.removesuffix("Z")


#: A day or a moment (UTC) of recording, as much of it as is given; "" for whatever is known.
KnownAt = Annotated[
    str,
    StringConstraints(pattern=r"^(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{6})?)?Z?)?)?$"),
    AfterValidator(_moment),
    Field(description="Only what was recorded until this day or moment (UTC)."),
]
AsOf = Annotated[Day | None, Field(description="Only what counts until this day; everything if left out.")]

WRITE: Final = "ledger:write"
READ: Final = "ledger:read"


def day_of(day: Day | None, moment: Moment) -> str:
    """Return a day as an event has it; the day of recording if none is given."""
    return day.isoformat() if day else moment.day
