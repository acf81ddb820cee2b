"""How the liquid in a partly filled sphere sways: one pendulum, from the linear theory of sloshing.

All pressure on a sphere passes through its centre, so the first lateral mode is a pendulum hung there. Its
length and mass follow from potential flow (Budiansky, J. Aerospace Sci. 27, 1960; McIver, J. Fluid Mech. 201,
1989; NASA SP-106, 1966, chapter 2). The rest of the liquid stays at the centre. `tests/landing/craft/
test_slosh.py` computes both columns anew, by Ritz's method with harmonic polynomials, and compares them with
the frequencies that McIver printed.
"""

from __future__ import annotations

from typing import Final

#: By the square root of the filled share of the volume, from 0 to 1 in equal steps: where a shallow pool goes
#: like the square root, and where the sphere is full, both columns are smooth in it.
STEPS: Final = 16
#: Pendulum length over the sphere's radius (the inverse of the frequency w^2 R / g). Computed, 1e-4.
LENGTH: Final = (
    1.0, 0.9755, 0.9502, 0.9240, 0.8966, 0.8681, 0.8381, 0.8065, 0.7729,
    0.7369, 0.6980, 0.6554, 0.6075, 0.5520, 0.4842, 0.3903, 0.0,
)  # fmt: skip
#: Share of the liquid that sways. Computed, 1e-4.
SHARE: Final = (
    1.0, 0.9753, 0.9491, 0.9212, 0.8915, 0.8597, 0.8254, 0.7883, 0.7479,
    0.7035, 0.6542, 0.5987, 0.5350, 0.4600, 0.3679, 0.2447, 0.0,
)  # fmt: skip
