"""The last readings of an altimeter, and the straight line through them.

The window stands in a sensor's row of the policies' memory: 14 how many, 15 the next place, 16 the last
time, from 24 on twelve times (time s, range less what velocity alone makes of it m).
"""

from __future__ import annotations

import math

from perilune._jit import kernel

WINDOW = 12
FIRST = 24
#: Places in a fit: readings, seconds they span, slope (m/s) and scatter about the line (m).
COUNT, SPAN, SLOPE, SCATTER = range(4)
#: Readings are noted at most so often: twelve of them then span two seconds.
_SPACING_S = 0.18
#: A gap that makes a new window of what follows.
GAP_S = 2.0


@kernel(bare=True)
def forget(m):
    """Empty the window."""
    m[14], m[15], m[16] = 0.0, 0.0, -1e9


@kernel(bare=True)
def note(m, t_s, moved_m):
    """Put a reading into the window; a long gap empties it first."""
    if t_s - m[16] > GAP_S:
        forget(m)
    if t_s - m[16] < _SPACING_S:
        return
    k = FIRST + 2 * int(m[15])
    m[k], m[k + 1] = t_s, moved_m
    m[14] = min(m[14] + 1.0, 1.0 * WINDOW)
    m[15] = (int(m[15]) + 1) % WINDOW
    m[16] = t_s


@kernel(bare=True)
def fit_window(m, t_s, out):
    """Write the line through the window into out[0:4]; its slope is range rate less the expected one."""
    n = int(m[14])
    out[COUNT], out[SPAN], out[SLOPE], out[SCATTER] = n, 0.0, 0.0, 0.0
    if n < 2:
        return
    t1 = t2 = r1 = r2 = rt = 0.0
    first = 0.0
    origin = m[FIRST + 1]
    for i in range(n):
        dt = m[FIRST + 2 * i] - t_s
        r = m[FIRST + 2 * i + 1] - origin
        t1 += dt
        t2 += dt * dt
        r1 += r
        r2 += r * r
        rt += r * dt
        first = min(first, dt)
    spread = t2 - t1 * t1 / n
    slope = (rt - t1 * r1 / n) / spread
    out[SPAN] = m[16] - t_s - first
    out[SLOPE] = slope
    out[SCATTER] = math.sqrt(max(r2 - r1 * r1 / n - slope * slope * spread, 0.0) / max(n - 2, 1))
