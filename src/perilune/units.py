"""Quantities as people write them (`"100 km"`), turned into SI floats.

A number without a unit is refused with the fix, because a bare 100 has crashed spacecraft before. The product
is taken in decimal arithmetic and rounded once, so `"6500.25 km"` is the float nearest to 6500250 m.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, DecimalException
from types import MappingProxyType
from typing import Final

from perilune.errors import UnitError

_PI: Final = "3.14159265358979323846264338327950288419716939937511"  # -, pi to 50 decimals
_CONTEXT: Final = Context(prec=60)


def _degrees(divisor: int) -> Decimal:
    """Return pi / divisor: 180 gives a degree in radians."""
    return _CONTEXT.divide(Decimal(_PI), Decimal(divisor))


def _table(**units: str) -> dict[str, Decimal]:
    return {name.replace("_", "/"): Decimal(factor) for name, factor in units.items()}


#: dimension -> unit -> SI value of one unit. Exact by definition (SI brochure 9th ed.; AU: IAU 2012 B2).
_UNITS: Final[dict[str, dict[str, Decimal]]] = {
    "length": _table(m="1", km="1000", cm="0.01", mm="0.001", AU="149597870700"),
    "time": _table(s="1", min="60", h="3600", d="86400", ms="0.001", us="1e-6", ns="1e-9"),
    "speed": _table(
        m_s="1", km_s="1000", cm_s="0.01", mm_s="0.001", km_h="0.2777777777777777777777777777777777777778"
    ),
    "acceleration": {"m/s^2": Decimal(1), "km/s^2": Decimal(1000), "mm/s^2": Decimal("0.001")},
    "mass": _table(kg="1", g="0.001", t="1000"),
    "mass flow": _table(kg_s="1", g_s="0.001"),
    "force": _table(N="1", kN="1000", mN="0.001"),
    "angle": {
        "deg": _degrees(180),
        "rad": Decimal(1),
        "mrad": Decimal("0.001"),
        "arcmin": _degrees(180 * 60),
        "arcsec": _degrees(180 * 3600),
    },
    "angular rate": {"rad/s": Decimal(1), "deg/s": _degrees(180), "deg/h": _degrees(180 * 3600)},
    "area": {"m^2": Decimal(1), "cm^2": Decimal("1e-4"), "km^2": Decimal("1e6")},
    "volume": {"m^3": Decimal(1), "l": Decimal("0.001")},
    "density": {"kg/m^3": Decimal(1), "g/cm^3": Decimal(1000)},
    "gm": {"m^3/s^2": Decimal(1), "km^3/s^2": Decimal("1e9")},
    "power": _table(W="1", kW="1000", mW="0.001"),
    "energy": {"J": Decimal(1), "kJ": Decimal(1000), "Wh": Decimal(3600), "kWh": Decimal("3.6e6")},
    "pressure": _table(Pa="1", kPa="1000", MPa="1e6", bar="1e5"),
    "temperature": _table(K="1"),
    "torque": {"N m": Decimal(1)},
    "inertia": {"kg m^2": Decimal(1)},
    "frequency": _table(Hz="1", kHz="1e3", MHz="1e6", GHz="1e9"),
    "data rate": {"bit/s": Decimal(1), "kbit/s": Decimal(1000), "Mbit/s": Decimal("1e6")},
    "dimensionless": {"": Decimal(1), "%": Decimal("0.01"), "percent": Decimal("0.01")},
}

#: What each dimension can be written in; the value is the SI size of the unit.
UNITS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        name: MappingProxyType({unit: float(size) for unit, size in table.items()})
        for name, table in _UNITS.items()
    }
)

_PATTERN: Final = re.compile(r"\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII)
_SPELLINGS: Final = str.maketrans({"²": "^2", "³": "^3", "°": "deg", "µ": "u", "μ": "u", "·": " "})


def quantity(value: object, dimension: str) -> float:
    """Return a written quantity in SI units (radians for angles).

    `value` is text such as `"100 km"`; only a dimensionless one may be a bare number. Raises
    `UnitError`, whose message says what can be written instead.

    >>> quantity("100 km", "length")
    100000.0
    >>> quantity("12.5 %", "dimensionless")
    0.125
    """
    units = _units_of(dimension)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bare(value, dimension, units)
    if not isinstance(value, str):
        raise UnitError(
            f'{value!r} is not a {dimension}. Write it as text with its unit, as "{_example(dimension)}".'
        )
    found = _PATTERN.fullmatch(value)
    if found is None:
        raise UnitError(
            f'{value!r} does not begin with a number. Write a {dimension} as "{_example(dimension)}".'
        )
    number, unit = found.group(1), _normalise(found.group(2))
    if unit not in units:
        raise _wrong_unit(value, number, unit, dimension)
    try:
        result = float(_CONTEXT.multiply(Decimal(number.replace("_", "")), units[unit]))
    except DecimalException:
        result = math.nan  # an exponent beyond all reason
    return _finite(result, value, dimension)


def quantities(values: object, dimension: str, count: int | None = None) -> tuple[float, ...]:
    """Return a list of written quantities in SI units; `count` is how many there must be.

    >>> quantities(["1 km", "2 m"], "length")
    (1000.0, 2.0)
    """
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise UnitError(f'{values!r} is not a list. Write it as ["{_example(dimension)}", …].')
    if count is not None and len(values) != count:
        raise UnitError(f"{list(values)!r} has {len(values)} entries where {count} are needed.")
    return tuple(quantity(value, dimension) for value in values)


def _units_of(dimension: str) -> dict[str, Decimal]:
    if dimension not in _UNITS:
        raise UnitError(f"No dimension {dimension!r}. There are: {', '.join(_UNITS)}.")
    return _UNITS[dimension]


def _bare(value: int | float, dimension: str, units: Mapping[str, Decimal]) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise UnitError(f"A whole number with more than 300 digits is not a finite {dimension}.") from None
    if "" in units:
        return _finite(number, value, dimension)
    if not math.isfinite(number):
        raise UnitError(f"{value!r} is not a finite {dimension}.")
    cure = " or ".join(f'"{value:.17g} {unit}"' for unit in list(units)[:2])
    raise UnitError(f"{value!r} has no unit. Write the {dimension} with its unit: {cure}.")


def _finite(result: float, value: object, dimension: str) -> float:
    if not math.isfinite(result):
        raise UnitError(f"{value!r} is not a finite {dimension}.")
    return result


def _normalise(unit: str) -> str:
    return re.sub(r"\s+", " ", unit.translate(_SPELLINGS).replace("**", "^")).strip()


def _one(dimension: str) -> str:
    return f"{'an' if dimension[0] in 'aei' else 'a'} {dimension}"


def _wrong_unit(value: str, number: str, unit: str, dimension: str) -> UnitError:
    units = [name for name in _UNITS[dimension] if name]
    if not unit:
        cure = " or ".join(f'"{number} {name}"' for name in units[:2])
        return UnitError(f"{value!r} has no unit. Write the {dimension} with its unit: {cure}.")
    others = [name for name, table in _UNITS.items() if unit in table]
    possible = f"{_one(dimension).capitalize()} can be written in {', '.join(units)}."
    if others:
        return UnitError(f"{value!r} is {_one(others[0])}, where {_one(dimension)} is needed. {possible}")
    near = difflib.get_close_matches(unit, units, n=1, cutoff=0.5)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return UnitError(f"{value!r} has an unknown unit {unit!r}.{meant} {possible}")


def _example(dimension: str) -> str:
    unit = next((name for name in _UNITS[dimension] if name), "")
    return f"100 {unit}".strip()
