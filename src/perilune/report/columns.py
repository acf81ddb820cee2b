"""How a column is shown to people: its unit read from its name, its words, the factor to degrees."""

from __future__ import annotations

import math
from typing import Final

_DEGREES: Final = math.degrees(1.0)
#: Ends of names, longest first: factor to what is shown, the unit shown.
_UNITS: Final = {
    "_rad_s": (_DEGREES, "\u00b0/s"),
    "_m_s2": (1.0, "m/s\u00b2"),
    "_m_s": (1.0, "m/s"),
    "_rad": (_DEGREES, "\u00b0"),
    "_kg": (1.0, "kg"),
    "_m": (1.0, "m"),
    "_s": (1.0, "s"),
}
_WORDS: Final = {
    "vertical_m_s": "touchdown speed, down",
    "horizontal_m_s": "touchdown speed, sideways",
    "propellant_kg": "propellant left",
    "rate_rad_s": "body rate",
    "miss_m": "miss distance",
    "slope_rad": "slope of the ground",
    "dv_m_s": "velocity change",
    "tip_ratio": "tip-over energy, share of what it takes",
    "leg_ratio": "leg load, share of what they bear",
    "settled_tilt_rad": "tilt when it stands",
    "slid_m": "way slid by the pads",
    "leg_crush": "leg crush, share of its stroke",
}


def unit_of(column: str) -> tuple[float, str]:
    """Return factor and unit a column is shown in.

    >>> unit_of("vertical_m_s"), unit_of("tip_ratio")
    ((1.0, 'm/s'), (1.0, ''))
    """
    return next((told for suffix, told in _UNITS.items() if column.endswith(suffix)), (1.0, ""))


def words_of(column: str) -> str:
    """Return a column's name as words, without its unit.

    >>> words_of("height_error_m"), words_of("miss_m"), words_of("tip_ratio")
    ('height error', 'miss distance', 'tip-over energy, share of what it takes')
    """
    suffix = next((suffix for suffix in _UNITS if column.endswith(suffix)), "")
    return _WORDS.get(column, column.removesuffix(suffix).replace("_", " "))
