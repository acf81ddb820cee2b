"""Guidance laws by their names, as a mission file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from perilune.errors import InputError
from perilune.landing.software import _kernels_laws as kernels


@dataclass(frozen=True, slots=True)
class Law:
    """A guidance law: its code in the kernels, what it does in a sentence, where it was published."""

    code: int
    what: str
    source: str


#: What brings the lander from the gate to the low gate.
APPROACH_LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "apollo-quadratic": Law(
            kernels.QUADRATIC,
            "Acceleration quadratic in time: place, velocity and acceleration at the low gate at a set time.",
            "Klumpp, Automatica 10 (1974) 133",
        ),
        "fractional-polynomial": Law(
            kernels.FRACTIONAL,
            "Two powers of the time to go, not necessarily whole: shapes how early the thrust is used.",
            "Lu, Journal of Guidance, Control, and Dynamics 43 (2020) 398",
        ),
        "dsouza": Law(
            kernels.DSOUZA,
            "Least effort plus a price of time: acceleration linear in time, the time to go from a quartic.",
            "D'Souza, AIAA 97-3709 (1997)",
        ),
        "gravity-turn": Law(
            kernels.GRAVITY_TURN,
            "Thrust against the velocity, as strong as the height asks for: comes upright by itself, free in "
            "place.",
            "Cheng, JPL; Citron, Dunin and Meissinger, AIAA Journal 2 (1964) 503",
        ),
    }
)

#: What brings the lander from the low gate to the ground.
TERMINAL_LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "site-hold": Law(
            kernels.SITE_HOLD, "Descends over the site at a speed that shrinks with height.", "this project"
        ),
        "velocity-null": Law(
            kernels.VELOCITY_NULL,
            "Nulls the horizontal velocity wherever it is, and descends at touchdown speed.",
            "Luminary 099, P65",
        ),
    }
)


def law_code(name: str, laws: Mapping[str, Law] = APPROACH_LAWS) -> int:
    """Return a law's code in the kernels.

    >>> law_code("dsouza")
    2
    """
    if name in laws:
        return laws[name].code
    near = get_close_matches(name, laws, 1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(laws)}."
    raise InputError(f"No guidance law '{name}'. {hint}")
