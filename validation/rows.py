"""A row of the validation page, and differences written so that they do not change with the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; figures are text with their unit, a dash where there is no single one."""

    quantity: str
    ours: str
    theirs: str
    difference: str
    tolerance: str
    source: str


def within(value: float, frozen: float, unit: str = "") -> str:
    """Return the frozen bound, about twice what was measured, or the value itself where it is broken.

    Rounding differs between processors, so the page says the bound and not the last digit.

    >>> within(3.7e-4, 8e-4, "m"), within(1.25e-3, 8e-4, "m")
    ('≤ 8e-04 m', '1.2e-03 m, above the frozen 8e-04')
    """
    if value <= frozen:
        return f"≤ {frozen:.0e} {unit}".strip()
    return f"{value:.1e} {unit}".strip() + f", above the frozen {frozen:.0e}"
