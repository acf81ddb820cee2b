"""What the books are made of: events that somebody caused at a moment.

An event is plain JSON data with a kind; state is what follows from all of them in their order (`books`).
Nothing here knows where events are kept (`archive`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_SPELLING: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Who does something, when and why.

    `at` is when it is recorded (UTC, ISO 8601 with microseconds and "Z"); `party` the customer, buyer or
    authority the actor acts for ("" for the house itself).
    """

    at: str
    actor: str
    reason: str = ""
    party: str = ""

    @property
    def day(self) -> str:
        """Return the UTC day of recording, ISO 8601.

        >>> Moment("2025-01-15T06:11:39.000000Z", "anna").day
        '2025-01-15'
        """
        return self.at[:10]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded: the kind of event, its data, and the day from which it counts.

    `effective` is an ISO day; "" stands for the day of recording.
    """

    kind: str
    data: Mapping[str, Any]
    effective: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded event; `seq` counts from 1 in its chain."""

    seq: int
    kind: str
    data: Mapping[str, Any]
    effective: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Decision:
    """What an order leads to: the events to record, and what is answered to whoever gave it."""

    events: tuple[Draft, ...]
    answer: Mapping[str, Any] = field(default_factory=dict)


def canonical(data: object) -> str:
    """Return JSON with one spelling for one content: sorted keys, no blanks; NaN and infinities raise.

    >>> canonical({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return _SPELLING.encode(data)
