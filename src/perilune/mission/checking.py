"""What checks of a mission file share: how they are kept, and what they look up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from perilune.constants import GM_MOON_M3_S2
from perilune.errors import NameNotFoundError
from perilune.vehicles.catalogue import vehicle
from perilune.vehicles.spacecraft import Vehicle

Check = Callable[..., Iterator[str]]
#: Checks with the key paths they need, in the order in which they are kept.
Kept = list[tuple[tuple[str, ...], Check]]


def keeper(kept: Kept) -> Callable[..., Callable[[Check], Check]]:
    """Return a decorator `needs("key.path", …)` that keeps checks in a list of their module's own."""

    def needs(*paths: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            kept.append((paths, check))
            return check

        return keep

    return needs


def speed_m_s(radius_m: float, other_apsis_m: float) -> float:
    """Return the speed at one apsis of an orbit with the other apsis given."""
    return math.sqrt(2.0 * GM_MOON_M3_S2 * (1.0 / radius_m - 1.0 / (radius_m + other_apsis_m)))


def lander_of(name: str) -> Vehicle | None:
    """Return a vehicle by its name; None where there is none, which another check tells."""
    try:
        return vehicle(name)
    except NameNotFoundError:
        return None


def figure_of(figure: str, known: Vehicle | None, figures: Mapping[str, tuple[float, str]]) -> float | None:
    """Return a figure of the file, or else of the vehicle."""
    if figure in figures:
        return figures[figure][0]
    return known.value(figure) if known else None


def degrees(angle_rad: float) -> str:
    """Return an angle as a sentence has it."""
    return f"{math.degrees(angle_rad):.2f} deg"
