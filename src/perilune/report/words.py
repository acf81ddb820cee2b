"""How the report writes dates and numbers."""

from __future__ import annotations

import math
import re

from perilune.epoch import Epoch
from perilune.operations.milestones import MilestoneResult


def spaced(written: str) -> str:
    """Return an ISO date as people read it.

    >>> spaced("2025-01-15T06:11:39 UTC")
    '2025-01-15 06:11:39 UTC'
    """
    return re.sub(r"(\d)T(\d)", r"\1 \2", written)


def short(name: str) -> str:
    """Return a manoeuvre's name as short as a drawing needs it.

    >>> short("Deep-space manoeuvre 1 (apogee 1)"), short("Deorbit")
    ('DSM 1', 'Deorbit')
    """
    return re.sub(r"^Deep-space manoeuvre (\d+).*", r"DSM \1", name)


def when(epoch: Epoch | None, absent: str = "-") -> str:
    """Return an epoch in UTC to the second, without naming the scale."""
    return absent if epoch is None else spaced(epoch.iso("UTC", 0))


def number(value: float | None, decimals: int, unit: str = "", factor: float = 1.0) -> str:
    """Return a number with thin spaces between thousands; a dash where it is not known.

    >>> number(-0.01, 1), number(-1234.5, 0, "m")
    ('0.0', '\u22121\u202f234\xa0m')
    """
    if value is None or not math.isfinite(value):
        return "\u2013"
    shown = round(value * factor, decimals) + 0.0  # no minus before a zero
    text = f"{shown:,.{decimals}f}".replace(",", "\u202f").replace("-", "\u2212")
    return f"{text}\u00a0{unit}" if unit else text


def difference(milestone: MilestoneResult) -> str:
    """Return how far a milestone was reached from its public date, nothing inside a public day."""
    reached, start, end = milestone.achieved_epoch, milestone.public_epoch, milestone.public_until_epoch
    if reached is None or start is None:
        return "\u2013"
    if end is not None and start <= reached <= end:
        return "same day"
    late_s = reached - (start if reached < start or end is None else end)
    return ("+" if late_s >= 0.0 else "\u2212") + span(abs(late_s))


def span(span_s: float) -> str:
    """Return a span of time in the unit that fits it.

    >>> span(75.0), span(7200.0), span(200000.0)
    ('1.2 min', '2.0 h', '2.3 d')
    """
    if span_s >= 86400.0:
        return f"{span_s / 86400.0:.1f} d"
    return f"{span_s / 3600.0:.1f} h" if span_s >= 3600.0 else f"{span_s / 60.0:.1f} min"
