"""What a check of a manifest finds: a figure against its limit, a margin, a sentence where it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOLDS: Final = "holds"
BREAKS: Final = "breaks"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `value` against `limit` in `unit`; `margin` is negative where it breaks.

    `state` is "holds", "breaks" or "unknown" (something is not known yet); `subject` names what it is about,
    `sentence` tells what is wrong and what to do, and is empty where it holds.
    """

    check: str
    subject: str
    state: str
    value: float | None
    limit: float | None
    margin: float | None
    unit: str
    sentence: str = ""


def at_most(check: str, subject: str, value: float, limit: float, unit: str, sentence: str) -> Finding:
    """Return the finding of a value that may not exceed a limit."""
    held = value <= limit
    return Finding(
        check,
        subject,
        HOLDS if held else BREAKS,
        value,
        limit,
        limit - value,
        unit,
        "" if held else sentence,
    )


def at_least(check: str, subject: str, value: float, limit: float, unit: str, sentence: str) -> Finding:
    """Return the finding of a value that may not fall below a limit."""
    held = value >= limit
    return Finding(
        check,
        subject,
        HOLDS if held else BREAKS,
        value,
        limit,
        value - limit,
        unit,
        "" if held else sentence,
    )


def unknown(check: str, subject: str, sentence: str) -> Finding:
    """Return the finding that something is not known."""
    return Finding(check, subject, UNKNOWN, None, None, None, "", sentence)
