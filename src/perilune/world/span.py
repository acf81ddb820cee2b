"""The span of time that the embedded data cover, and the sentence for dates outside."""

from __future__ import annotations

from typing import Final

from perilune.epoch import DAY_S, Epoch
from perilune.errors import EpochError

#: First and last instant of the embedded data: 2000-2060, widened to where their records begin and end.
SPAN_START: Final = Epoch(-734400)  # 1999-12-24 00:00 TDB
SPAN_END: Final = Epoch(1895918400)  # 2060-01-30 00:00 TDB


def require_inside(epoch: Epoch, first_s: float = 0.0, last_s: float = 0.0) -> None:
    """Raise `EpochError` unless `epoch + first_s` and `epoch + last_s` lie inside the span."""
    for offset_s in (first_s, last_s):
        if not SPAN_START - epoch <= offset_s <= SPAN_END - epoch:
            raise EpochError(
                f"{_named(epoch, offset_s)} lies outside the ephemeris, which covers "
                f"{SPAN_START.iso('TDB', 0)} to {SPAN_END.iso('TDB', 0)} TDB. Choose a date inside it."
            )


def _named(epoch: Epoch, offset_s: float) -> str:
    """Return an instant in words, also where the calendar has no date for it."""
    try:
        return f"{(epoch + offset_s).iso('TDB', 0)} TDB"
    except EpochError:
        return f"{offset_s / DAY_S:.6g} days from the epoch"


def record_of(epoch: Epoch, offset_s: float, record_s: int) -> int:
    """Return which record of `record_s` seconds, counted from the start of the span, holds an instant."""
    whole = epoch.seconds - SPAN_START.seconds
    return int((whole + (epoch.fraction_s + offset_s)) // record_s)


assert (SPAN_END - SPAN_START) % (32 * DAY_S) == 0
