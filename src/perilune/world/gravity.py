"""The gravity field of the Moon: GRGM1200A to degree 200, in the principal axes of the Moon."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

from perilune.errors import InputError
from perilune.maths.arrays import FloatArray
from perilune.world import embedded

FILE: Final = "gravity_grgm1200a_200.npz"
LUNAR_DEGREE_MAX: Final = 200  # -, what is embedded


@dataclass(frozen=True, slots=True, eq=False)
class GravityField:
    """A field of spherical harmonics, fully normalised (geodesy, 4 pi), in body-fixed axes.

    Degree n and order m stand at n (n + 1) / 2 + m of `c` and `s`.
    """

    name: str
    gm_m3_s2: float
    radius_m: float
    degree: int
    c: FloatArray
    s: FloatArray


@functools.cache
def grgm1200a(degree: int = LUNAR_DEGREE_MAX) -> GravityField:
    """Return the lunar field cut after `degree` (Lemoine et al. 2014); tide-free, GM of its label.

    >>> grgm1200a(50).c.size
    1326
    """
    if not 0 <= degree <= LUNAR_DEGREE_MAX:
        raise InputError(f"No lunar field of degree {degree}. Ask for a degree from 0 to {LUNAR_DEGREE_MAX}.")
    arrays = embedded.arrays(FILE)
    count = (degree + 1) * (degree + 2) // 2
    gm_m3_s2, radius_m = float(arrays["gm_m3_s2"]), float(arrays["radius_m"])
    return GravityField("GRGM1200A", gm_m3_s2, radius_m, degree, arrays["c"][:count], arrays["s"][:count])
