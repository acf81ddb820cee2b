"""The last readings of an altimeter, and the straight line through them.

The window stands in a sensor's row of the policies' memory: 14 how many, 15 the next place, 16 the last
time, from 24 on twelve times (time, range, residual, prediction).
"""

from __future__ import annotations

import math

from perilune._jit import kernel

WINDOW = 12
FIRST = 24
#: Places in a fit: readings, seconds they span, residual's mean (m), slope (m/s) and scatter about the line
#: (m), spread of the range itself (m), change of the prediction (m).
COUNT, SPAN, MEAN, SLOPE, SCATTER, SPREAD, CHANGE = range(7)
#: Readings are noted at most so often: twelve of them then span two seconds.
_SPACING_S = 0.18


@kernel(bare=True)
def forget(m):
    """Empty the window."""
    m[14], m[15], m[16] = 0.0, 0.0, -1e9


@kernel(bare=True)
def note(m, t_s, range_m, residual_m, predicted_m):
    """Put a reading into the window; a gap of two seconds empties it first."""
    if t_s - m[16] > 2.0:
        forget(m)
    if t_s - m[16] < _SPACING_S:
        return
    k = FIRST + 4 * int(m[15])
    m[k], m[k + 1], m[k + 2], m[k + 3] = t_s, range_m, residual_m, predicted_m
    m[14] = min(m[14] + 1.0, 1.0 * WINDOW)
    m[15] = (int(m[15]) + 1) % WINDOW
    m[16] = t_s


@kernel(bare=True)
def fit_window(m, t_s, out):
    """Write the line through the window's residuals, and what the ranges themselves did, into out[0:7]."""
    n = int(m[14])
    for i in range(7):
        out[i] = 0.0
    out[COUNT] = n
    if n < 2:
        return
    s1 = s2 = r0 = r1 = r2 = 0.0
    low, high = 1e300, -1e300
    first, last = 1e300, -1e300
    early = late = 0.0
    for i in range(n):
        k = FIRST + 4 * i
        dt = m[k] - t_s
        s1 += dt
        s2 += dt * dt
        r0 += m[k + 2]
        r1 += m[k + 2] * dt
        r2 += m[k + 2] * m[k + 2]
        low, high = min(low, m[k + 1]), max(high, m[k + 1])
        if dt < first:
            first, early = dt, m[k + 3]
        if dt > last:
            last, late = dt, m[k + 3]
    mean = r0 / n
    spread = s2 - s1 * s1 / n
    slope = (r1 - s1 * mean) / spread if spread > 0.0 else 0.0
    out[SPAN] = last - first
    out[MEAN] = mean
    out[SLOPE] = slope
    out[SCATTER] = math.sqrt(max(r2 - n * mean * mean - slope * slope * spread, 0.0) / max(n - 2, 1))
    out[SPREAD] = high - low
    out[CHANGE] = late - early
