"""What the convex landing gives for the Mars benchmark of Açıkmeşe and Ploen; run it to see the figures.

From the repository's root: ``python -m validation.acikmese.figures``.
"""

from __future__ import annotations

import math
from dataclasses import replace

from perilune.landing.convex import ConvexLanding, FlatLanding, minimum_fuel_landing
from validation.rows import Row, within

_CANT = math.cos(math.radians(27.0))  # six engines of 3.1 kN, canted by 27°, between 30 % and 80 %
_ENGINES_N = 6 * 3100.0 * _CANT
MARS = FlatLanding(
    position_m=(2000.0, 0.0, 1500.0),
    velocity_m_s=(100.0, 0.0, -75.0),
    mass_kg=1905.0,
    dry_mass_kg=1505.0,
    least_thrust_n=0.3 * _ENGINES_N,
    most_thrust_n=0.8 * _ENGINES_N,
    exhaust_m_s=225.0 * 9.807 * _CANT,
    gravity_m_s2=3.7114,
)
#: What is asked, the duration and the propellant that the paper prints.
CASES = {
    "free way": (MARS, 72.0, 387.9),
    "above a cone of 4°": (replace(MARS, glide_slope_rad=math.radians(4.0)), 81.0, 399.5),
}
#: kg, what was found, doubled: the paper prints tenths, and its nodes are not ours.
FROZEN_KG = 0.25


def ours(name: str) -> ConvexLanding:
    """Return our solution of a case."""
    problem, duration_s, _ = CASES[name]
    return minimum_fuel_landing(problem, duration_s=duration_s, step_s=0.5)


def rows() -> list[Row]:
    """Return the rows of the validation page."""
    found = []
    for name, (_, duration_s, published_kg) in CASES.items():
        best = ours(name)
        found.append(
            Row(
                f"least propellant of the Mars landing, {name}, {duration_s:.0f} s",
                f"{best.propellant_kg:.1f} kg",
                f"{published_kg:.1f} kg",
                within(abs(best.propellant_kg - published_kg), FROZEN_KG, "kg"),
                "0.5 kg",
                "Açıkmeşe and Ploen (2007)",
            )
        )
    return found


if __name__ == "__main__":
    for one in rows():
        print(" | ".join((one.quantity, one.ours, one.theirs, one.difference, one.tolerance, one.source)))
