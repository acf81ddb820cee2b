"""900 s of six-degree flight about the Moon as a point mass, step by step through the craft's own kernel."""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.landing.craft._kernels import advance


@kernel
def coast(y, craft, levels, valves, health, gm_m3_s2, steps, dt_s):
    """Fly `steps` steps in place; gravity is that of the middle of each step."""
    work = np.zeros(24 + 24 * craft.tanks.shape[0])
    sensed = np.zeros(6)
    gravity = np.zeros(3)
    for n in range(steps):
        r2 = y[0] * y[0] + y[1] * y[1] + y[2] * y[2]
        pull = -0.125 * dt_s * dt_s * gm_m3_s2 / (r2 * math.sqrt(r2))
        x = y[0] * (1.0 + pull) + 0.5 * dt_s * y[3]
        y_ = y[1] * (1.0 + pull) + 0.5 * dt_s * y[4]
        z = y[2] * (1.0 + pull) + 0.5 * dt_s * y[5]
        r2 = x * x + y_ * y_ + z * z
        pull = -gm_m3_s2 / (r2 * math.sqrt(r2))
        gravity[0], gravity[1], gravity[2] = pull * x, pull * y_, pull * z
        advance(y, craft, levels, valves, n % 5, health, gravity, dt_s, sensed, work)
