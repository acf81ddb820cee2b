"""What star tracker, velocimeter and terrain camera tell the filter, each held against it first.

A reading beyond the gate is left out. Gates alone would latch: an inertial unit that errs drives the
estimate away, and from then on every good reading is refused. So an instrument that is refused five times in
a row is believed: the covariance of what it measures, and of what must have driven it away, is opened by what
was seen.

work[KEPT] keeps for each instrument how often it was refused in a row, and when it was last taken (seconds
filtered): star tracker 2 and 3, velocimeter 4 and 5, camera 6 and 7.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.software._kernels_filter import (
    CLOCK,
    KEPT,
    STATES,
    TIE,
    innovation_variance,
    rotation_columns,
    turned_out,
    update,
)

STAR, VELOCIMETER, CAMERA = 2, 4, 6
#: Refusals in a row after which an instrument is believed against the estimate.
_OPEN_AFTER = 5.0
_STAR_GATE_SIGMA = 6.0


@kernel(bare=True)
def _refused(work, instrument):
    """Count a refusal; return the seconds since the instrument was last taken where it is to be believed now,
    0 where it is not.
    """
    kept = work[KEPT]
    kept[instrument] += 1.0
    if kept[instrument] < _OPEN_AFTER:
        return 0.0
    return max(kept[CLOCK] - kept[instrument + 1], 0.5)


@kernel(bare=True)
def _taken(work, instrument):
    work[KEPT, instrument] = 0.0
    work[KEPT, instrument + 1] = work[KEPT, CLOCK]


@kernel(bare=True)
def _open(P, first, square):
    """Add to the variance of three states."""
    for i in range(first, first + 3):
        P[i, i] += square


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
def _attitude_now(nav, out, mean_w, now):
    """Write the measured attitude, turned on by the rate times its age, into now[0:4]."""
    half = 0.5 * out[5]
    a, b, c = half * (mean_w[0] - nav[13]), half * (mean_w[1] - nav[14]), half * (mean_w[2] - nav[15])
    now[0] = out[0] - out[1] * a - out[2] * b - out[3] * c
    now[1] = out[1] + out[0] * a + out[2] * c - out[3] * b
    now[2] = out[2] + out[0] * b - out[1] * c + out[3] * a
    now[3] = out[3] + out[0] * c + out[1] * b - out[2] * a


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
def star_update(nav, P, out, mean_w, considered, noise, work):
    """Take in an attitude: out[0:4] quaternion B -> I, 4 sigma across the boresight rad, 5 age s, 6 sigma of
    its constant misalignment rad, 7 sigma about the boresight rad, 8:11 boresight (B).

    Returns its NIS over three, NaN where it was refused. The estimate is turned on by the rate times the age,
    so that latency costs nothing at a steady rate.
    """
    h, axes, now, turn = work[2], work[3], work[4], work[5]
    _triad(out, axes)
    _attitude_now(nav, out, mean_w, now)
    _missing_turn(nav, now, turn)
    good = True
    for n in range(3):
        _star_row(axes, n, h)
        residual = h[6] * turn[0] + h[7] * turn[1] + h[8] * turn[2]
        sigma = out[7] if n == 0 else out[4]
        s = innovation_variance(P, h, sigma * sigma + out[6] * out[6], work[0])
        good = good and residual * residual < _STAR_GATE_SIGMA**2 * s
    if not good:
        since_s = _refused(work, STAR)
        if since_s == 0.0:
            return math.nan
        square = turn[0] * turn[0] + turn[1] * turn[1] + turn[2] * turn[2]
        _open(P, 6, square)
        _open(P, 12, square / (since_s * since_s))
    _taken(work, STAR)
    total = 0.0
    for n in range(3):
        _star_row(axes, n, h)
        _missing_turn(nav, now, turn)
        residual = h[6] * turn[0] + h[7] * turn[1] + h[8] * turn[2]
        sigma = out[7] if n == 0 else out[4]
        total += update(nav, P, h, residual, sigma * sigma, out[6] * out[6], considered, noise, work)
    return total / 3.0


@kernel(bare=True)
def _star_row(axes, n, h):
    for j in range(STATES):
        h[j] = 0.0
    h[6], h[7], h[8] = axes[3 * n], axes[3 * n + 1], axes[3 * n + 2]


@kernel(bare=True)
def ground_velocity(nav, turned, spin_rad_s, out):
    """Write the estimated velocity over the turning ground, in inertial axes (m/s), into out[0:3]."""
    # The spin vector is the z axis of the fixed axes.
    sx, sy, sz = spin_rad_s * turned[6], spin_rad_s * turned[7], spin_rad_s * turned[8]
    out[0] = nav[3] - (sy * nav[2] - sz * nav[1])
    out[1] = nav[4] - (sz * nav[0] - sx * nav[2])
    out[2] = nav[5] - (sx * nav[1] - sy * nav[0])


@kernel(bare=True)
def _beam_row(nav, out, beam, turned, spin_rad_s, acceleration, h, u):
    """Write a beam's row into h; return (expected range rate m/s, variance of what stays)."""
    ground_velocity(nav, turned, spin_rad_s, u)
    for j in range(STATES):
        h[j] = 0.0
    expected = 0.0
    for k in range(3):
        u[k] -= out[6] * acceleration[k]
        d = turned_out(nav, k, beam[0], beam[1], beam[2])
        h[3 + k] = -d
        expected -= u[k] * d
        # The sensor sits on an arm: while the craft turns it moves otherwise than the navigated point.
        expected -= out[11 + k] * beam[k]
    r = rotation_columns(nav)
    ux = r[0] * u[0] + r[3] * u[1] + r[6] * u[2]
    uy = r[1] * u[0] + r[4] * u[1] + r[7] * u[2]
    uz = r[2] * u[0] + r[5] * u[1] + r[8] * u[2]
    h[6] = -(beam[1] * uz - beam[2] * uy)
    h[7] = -(beam[2] * ux - beam[0] * uz)
    h[8] = -(beam[0] * uy - beam[1] * ux)
    # A misaligned beam sees the speed across it.
    across2 = max(ux * ux + uy * uy + uz * uz - expected * expected, 0.0)
    stays = out[8] * out[8] + (out[9] * expected) ** 2 + out[10] * out[10] * across2
    return expected, stays


@kernel(bare=True)
def velocimeter_update(
    nav, P, out, beams, turned, spin_rad_s, acceleration, gate_sigma, considered, noise, work
):
    """Take in beam range rates: out[0:n] m/s, 4 number, 5 sigma m/s, 6 age s, 7 bits of valid beams; sigmas
    of what stays: 8 bias m/s, 9 scale, 10 misalignment rad; 11:14 velocity of the sensor against the
    navigated point (rate x arm, B, m/s).

    `beams` (n, 3) are the beam directions in B, `acceleration` (3,) the mean acceleration in I (m/s^2), by
    which the estimate is brought back to the sample. A still ground gives the rate -u.d. Returns
    (mean NIS of the beams taken, number taken); a beam beyond the gate is left out, unless most of them are
    for half a second: one beam can err, all together it is the estimate.
    """
    h, u = work[2], work[3]
    variance = out[5] * out[5]
    good, bad, square = 0, 0, 0.0
    for n in range(int(out[4])):
        if (int(out[7]) >> n) & 1:
            expected, stays = _beam_row(nav, out, beams[n], turned, spin_rad_s, acceleration, h, u)
            s = innovation_variance(P, h, variance + stays, work[0])
            residual2 = (out[n] - expected) ** 2
            if residual2 < gate_sigma * gate_sigma * s:
                good += 1
            else:
                bad += 1
                square = max(square, residual2)
    if bad > good and bad > 1:
        since_s = _refused(work, VELOCIMETER)
        if since_s > 0.0:
            _open(P, 3, square)
            _open(P, 9, square / (since_s * since_s))
    elif good > 0:
        _taken(work, VELOCIMETER)
    total, taken = 0.0, 0
    for n in range(int(out[4])):
        if not (int(out[7]) >> n) & 1:
            continue
        expected, stays = _beam_row(nav, out, beams[n], turned, spin_rad_s, acceleration, h, u)
        s = innovation_variance(P, h, variance + stays, work[0])
        residual = out[n] - expected
        if residual * residual < gate_sigma * gate_sigma * s:
            total += update(nav, P, h, residual, variance, stays, considered, noise, work)
            taken += 1
    return total / max(taken, 1), taken


@kernel(bare=True)
def _fix_row(nav, out, turned, u, n, h):
    """Write the row of a fix's east, north or up (n) into h; return its residual (m)."""
    radius = math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2)
    flat = math.hypot(out[0], out[1])
    if n == 0:
        ax, ay, az = -out[1] / flat, out[0] / flat, 0.0
    elif n == 1:
        s = out[2] / radius
        ax, ay, az = -s * out[0] / flat, -s * out[1] / flat, flat / radius
    else:
        ax, ay, az = out[0] / radius, out[1] / radius, out[2] / radius
    for j in range(STATES):
        h[j] = 0.0
    residual = 0.0
    for k in range(3):
        fix = turned[k] * out[0] + turned[3 + k] * out[1] + turned[6 + k] * out[2]
        h[k] = turned[k] * ax + turned[3 + k] * ay + turned[6 + k] * az
        residual += h[k] * (fix - nav[k] + u[k] * out[5])
    if n < 2:
        h[TIE + n] = 1.0
        residual -= nav[18 + n]
    return residual


@kernel(bare=True)
def camera_update(nav, P, out, turned, spin_rad_s, gate_sigma, considered, noise, work):
    """Take in a position fix: out[0:3] F (m), 3 sigma across m, 4 sigma up m, 5 age s, 7 sigma of what stays
    (boresight) across m; the tie is in it. Its height stands on the map: noise[10] stays in that.

    Returns (mean NIS, number of the three directions taken): east and north are taken together or not at all,
    up only besides them.
    """
    h, u = work[2], work[3]
    ground_velocity(nav, turned, spin_rad_s, u)
    good, square = True, 0.0
    stays = out[7] * out[7]
    for n in range(2):
        residual = _fix_row(nav, out, turned, u, n, h)
        s = innovation_variance(P, h, out[3] * out[3] + stays, work[0])
        good = good and residual * residual < gate_sigma * gate_sigma * s
        square += residual * residual
    if not good:
        since_s = _refused(work, CAMERA)
        if since_s == 0.0:
            return math.nan, 0
        _open(P, 0, square)
        _open(P, 3, square / (since_s * since_s))
    _taken(work, CAMERA)
    total, taken = 0.0, 0
    for n in range(3):
        residual = _fix_row(nav, out, turned, u, n, h)
        sigma = out[4] if n == 2 else out[3]
        stays = noise[10] * noise[10] if n == 2 else out[7] * out[7]
        if n == 2:
            s = innovation_variance(P, h, sigma * sigma + stays, work[0])
            if residual * residual > gate_sigma * gate_sigma * s:
                break
        total += update(nav, P, h, residual, sigma * sigma, stays, considered, noise, work)
        taken += 1
    return total / max(taken, 1), taken
