"""What a star tracker tells the filter, held against it first as `_kernels_aiding` says."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_aiding import STAR, open_three, refused, taken_in
from perilune.landing.software._kernels_filter import (
    KEPT,
    SPAN_S,
    STAR_TURN,
    STATES,
    TURNS,
    TURNS_KEPT,
    innovation_variance,
    update,
)

_STAR_GATE_SIGMA = 6.0


@kernel(bare=True)
def _triad(out, axes):
    """Write the boresight out[8:11] and two axes square to it into axes[0:9]."""
    x, y, z = out[8], out[9], out[10]
    axes[0], axes[1], axes[2] = x, y, z
    if abs(x) < 0.9:
        u, v, w = 0.0, z, -y
    else:
        u, v, w = -z, 0.0, x
    size = math.sqrt(u * u + v * v + w * w)
    u, v, w = u / size, v / size, w / size
    axes[3], axes[4], axes[5] = u, v, w
    axes[6], axes[7], axes[8] = y * w - z * v, z * u - x * w, x * v - y * u


@kernel(bare=True)
def _attitude_now(nav, out, kept, now):
    """Write the measured attitude, turned on by what was turned within its age, into now[0:4].

    The turns themselves count, cycle by cycle: while a craft begins to turn by 5 deg/s^2, the last rate times
    an age of 0.2 s is off by 0.05 deg, thirty times what a star tracker errs by.
    """
    a, b, c, d = out[0], out[1], out[2], out[3]
    cycles = out[5] / max(kept[SPAN_S], 1e-3)
    for n in range(TURNS_KEPT - 1, -1, -1):
        share = cycles - n if n == TURNS_KEPT - 1 else min(cycles - n, 1.0)
        if share > 0.0:
            half, k = 0.5 * share, TURNS + 3 * n
            x = half * (kept[k] - nav[13] * kept[SPAN_S])
            y = half * (kept[k + 1] - nav[14] * kept[SPAN_S])
            z = half * (kept[k + 2] - nav[15] * kept[SPAN_S])
            a, b, c, d = (
                a - b * x - c * y - d * z,
                b + a * x + c * z - d * y,
                c + a * y - b * z + d * x,
                d + a * z + b * y - c * x,
            )
    norm = 1.0 / math.sqrt(a * a + b * b + c * c + d * d)
    now[0], now[1], now[2], now[3] = a * norm, b * norm, c * norm, d * norm


@kernel(bare=True)
def _missing_turn(nav, now, turn):
    """Write the rotation vector (rad, B) from the estimated to a measured attitude into turn[0:3]."""
    w, x, y, z = now[0], now[1], now[2], now[3]
    a, b, c, d = nav[6], nav[7], nav[8], nav[9]
    scale = 2.0 / (a * w + b * x + c * y + d * z)
    turn[0] = scale * (a * x - b * w - c * z + d * y)
    turn[1] = scale * (a * y - c * w - d * x + b * z)
    turn[2] = scale * (a * z - d * w - b * y + c * x)


@kernel(bare=True)
def star_update(nav, P, out, considered, noise, work):
    """Take in an attitude: out[0:4] quaternion B -> I, 4 sigma across the boresight rad, 5 age s, 6 sigma of
    its constant misalignment rad, 7 sigma about the boresight rad, 8:11 boresight (B).

    Returns its NIS over three, NaN where it was refused.
    """
    h, axes, now, turn = work[2], work[3], work[4], work[5]
    _triad(out, axes)
    _attitude_now(nav, out, work[KEPT], now)
    good = True
    for n in range(3):
        residual = _star_row(nav, out, now, axes, n, turn, h)
        sigma = out[7] if n == 0 else out[4]
        s = innovation_variance(P, h, sigma * sigma, work[0])
        good = good and residual * residual < _STAR_GATE_SIGMA**2 * s
    if not good:
        since_s = refused(work, STAR)
        if since_s == 0.0:
            return math.nan
        square = turn[0] * turn[0] + turn[1] * turn[1] + turn[2] * turn[2]
        open_three(P, 6, square)
        open_three(P, 12, square / (since_s * since_s))
    taken_in(work, STAR)
    total = 0.0
    for n in range(3):
        residual = _star_row(nav, out, now, axes, n, turn, h)
        sigma = out[7] if n == 0 else out[4]
        total += update(nav, P, h, residual, sigma * sigma, considered, noise, work)
    return total / 3.0


@kernel(bare=True)
def _star_row(nav, out, now, axes, n, turn, h):
    """Write the row of the turn about axis n into h; return its residual (rad)."""
    _missing_turn(nav, now, turn)
    for j in range(STATES):
        h[j] = 0.0
    residual = 0.0
    for k in range(3):
        part = axes[3 * n + k]
        h[6 + k], h[STAR_TURN + k] = part, part * out[6]
        residual += part * (turn[k] - out[6] * nav[1 + STAR_TURN + k])
    return residual
