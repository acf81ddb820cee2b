"""What velocimeter and terrain camera tell the filter, each held against it first; the star tracker does so
in `_kernels_star`.

A reading beyond the gate is left out. Gates alone would latch: an inertial unit that errs drives the
estimate away, and from then on every good reading is refused. So an instrument that is refused five times in
a row is believed: the covariance of what it measures, and of what must have driven it away, is opened by what
was seen.

What stays in an instrument (misalignment, bias, scale) is a state of the filter, counted in its sigma, which
each measurement brings along; two instruments of a kind share one set.

work[KEPT] keeps for each instrument how often it was refused in a row, and when it was last taken (seconds
filtered): star tracker 2 and 3, velocimeter 4 and 5, camera 6 and 7; then 8 when a fix was
last taken with its height.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing._kernels_axes import rotation_of
from perilune.landing.software._kernels_filter import (
    BEAM_BIAS,
    BEAM_SCALE,
    BEAM_TURN,
    BORESIGHT,
    CLOCK,
    HEIGHT_FIX_S,
    KEPT,
    MAP,
    STATES,
    TIE,
    innovation_variance,
    turned_out,
    update,
)

STAR, VELOCIMETER, CAMERA = 2, 4, 6
#: Refusals in a row after which an instrument is believed against the estimate.
_OPEN_AFTER = 5.0


@kernel(bare=True)
def refused(work, instrument):
    """Count a refusal; return the seconds since the instrument was last taken where it is to be believed now,
    0 where it is not.
    """
    kept = work[KEPT]
    kept[instrument] += 1.0
    if kept[instrument] < _OPEN_AFTER:
        return 0.0
    return max(kept[CLOCK] - kept[instrument + 1], 0.5)


@kernel(bare=True)
def taken_in(work, instrument):
    work[KEPT, instrument] = 0.0
    work[KEPT, instrument + 1] = work[KEPT, CLOCK]


@kernel(bare=True)
def open_three(P, first, square):
    """Add to the variance of three states."""
    for i in range(first, first + 3):
        P[i, i] += square


@kernel(bare=True)
def ground_velocity(nav, turned, spin_rad_s, out):
    """Write the estimated velocity over the turning ground, in inertial axes (m/s), into out[0:3]."""
    # The spin vector is the z axis of the fixed axes.
    sx, sy, sz = spin_rad_s * turned[6], spin_rad_s * turned[7], spin_rad_s * turned[8]
    out[0] = nav[3] - (sy * nav[2] - sz * nav[1])
    out[1] = nav[4] - (sz * nav[0] - sx * nav[2])
    out[2] = nav[5] - (sx * nav[1] - sy * nav[0])


@kernel(bare=True)
def note_arm(out, mount, k, navigated, j, rate):
    """Write the velocity (m/s, B) of a sensor at mount[k:k+3] against the navigated point at
    navigated[j:j+3], both in B (m), at a turn rate (rad/s), into out[11:14].
    """
    x, y, z = mount[k] - navigated[j], mount[k + 1] - navigated[j + 1], mount[k + 2] - navigated[j + 2]
    out[11] = rate[1] * z - rate[2] * y
    out[12] = rate[2] * x - rate[0] * z
    out[13] = rate[0] * y - rate[1] * x


@kernel(bare=True)
def _stays(nav, out, v, spread, a, share, h):
    """Add `share` of what stays in axis a of the beams' velocity to the row h; return what is known of it
    (m/s, times the share).

    `v` is the velocity (m/s, B), `spread` (9,) the beams' inverse normal matrix. Axes turned by a
    misalignment t see v + v x t.
    """
    bias, turn = share * out[8] * math.sqrt(spread[4 * a]), share * out[10]
    b, c = (a + 1) % 3, (a + 2) % 3
    h[BEAM_BIAS + a] += bias
    h[BEAM_TURN + c] += turn * v[b]
    h[BEAM_TURN + b] -= turn * v[c]
    h[BEAM_SCALE] += share * out[9] * v[a]
    known = bias * nav[1 + BEAM_BIAS + a] + share * out[9] * v[a] * nav[1 + BEAM_SCALE]
    return known + turn * (v[b] * nav[1 + BEAM_TURN + c] - v[c] * nav[1 + BEAM_TURN + b])


@kernel(bare=True)
def _beam_row(nav, out, beam, v, spread, h):
    """Write a beam's row into h; return the expected range rate (m/s). `v` is the sensor's velocity (B)."""
    for j in range(STATES):
        h[j] = 0.0
    expected = 0.0
    ux, uy, uz = v[0] - out[11], v[1] - out[12], v[2] - out[13]
    for k in range(3):
        h[3 + k] = -turned_out(nav, k, beam[0], beam[1], beam[2])
        expected -= v[k] * beam[k]
        expected += _stays(nav, out, v, spread, k, -beam[k], h)
    h[6] = -(beam[1] * uz - beam[2] * uy)
    h[7] = -(beam[2] * ux - beam[0] * uz)
    h[8] = -(beam[0] * uy - beam[1] * ux)
    return expected


@kernel(bare=True)
def _open_velocity(P, work, square):
    """Believe the beams against the estimate once they have been refused often enough."""
    since_s = refused(work, VELOCIMETER)
    if since_s > 0.0:
        open_three(P, 3, square)
        open_three(P, 9, square / (since_s * since_s))


@kernel(bare=True)
def velocimeter_update(
    nav, P, out, beams, turned, spin_rad_s, acceleration, gate_sigma, considered, noise, work
):
    """Take in beam range rates: out[0:n] m/s, 4 number, 5 sigma m/s, 6 age s, 7 bits of valid beams; sigmas
    of what stays: 8 bias m/s, 9 scale, 10 misalignment rad; 11:14 what `note_arm` wrote.

    `beams` (n, 3) are the beam directions in B, `acceleration` (3,) the mean acceleration in I (m/s^2), by
    which the estimate is brought back to the sample. A still ground gives the rate -u.d. Returns
    (NIS over three, number of beams taken; none where fewer than three are left); a beam beyond the gate is
    left out, unless most of them are for half a second: one can err, all together it is the estimate.
    """
    h, u, v, normal, told, spread = work[2], work[3], work[4], work[6], work[7], work[8]
    variance = out[5] * out[5]
    count = int(out[4])
    for k in range(9):
        normal[k], spread[k] = 0.0, 0.0
    for n in range(count):
        _add_beam(beams[n], spread)
    if not _invert(spread):
        return 0.0, 0
    _body_velocity(nav, out, turned, spin_rad_s, acceleration, u, v)
    good, bad, square = 0, 0, 0.0
    for n in range(count):
        if (int(out[7]) >> n) & 1:
            expected = _beam_row(nav, out, beams[n], v, spread, h)
            s = innovation_variance(P, h, variance, work[0])
            residual2 = (out[n] - expected) ** 2
            if residual2 < gate_sigma * gate_sigma * s:
                good += 1
            else:
                bad += 1
                square = max(square, residual2)
    if bad > good and bad > 1:
        _open_velocity(P, work, square)
    elif good > 0:
        taken_in(work, VELOCIMETER)
    taken = 0
    told[0], told[1], told[2] = 0.0, 0.0, 0.0
    for n in range(count):
        if not (int(out[7]) >> n) & 1:
            continue
        expected = _beam_row(nav, out, beams[n], v, spread, h)
        s = innovation_variance(P, h, variance, work[0])
        if (out[n] - expected) ** 2 < gate_sigma * gate_sigma * s:
            taken += 1
            for a in range(3):
                told[a] -= beams[n, a] * out[n]
            _add_beam(beams[n], normal)
    if taken < 3 or not _invert(normal):
        return 0.0, 0
    return _take_velocity(nav, P, out, turned, spin_rad_s, acceleration, considered, noise, work), taken


@kernel(bare=True)
def _add_beam(beam, normal):
    """Add a beam to the normal matrix of the velocity."""
    for a in range(3):
        for b in range(3):
            normal[3 * a + b] += beam[a] * beam[b]


@kernel(bare=True)
def _invert(m):
    """Invert the symmetric matrix m[0:9] in place; False where its beams lie nearly in a plane."""
    a, b, c, d, e, f = m[0], m[1], m[2], m[4], m[5], m[8]
    p, q, r = d * f - e * e, c * e - b * f, b * e - c * d
    size = a * p + b * q + c * r
    if size < 1e-3:
        return False
    m[0], m[1], m[2] = p / size, q / size, r / size
    m[4], m[5], m[8] = (a * f - c * c) / size, (b * c - a * e) / size, (a * d - b * b) / size
    m[3], m[6], m[7] = m[1], m[2], m[5]
    return True


@kernel(bare=True)
def _body_velocity(nav, out, turned, spin_rad_s, acceleration, u, v):
    """Write the sensor's velocity over the ground when it sampled, as estimated, in body axes into v[0:3]."""
    ground_velocity(nav, turned, spin_rad_s, u)
    r = rotation_of(nav, 6)
    for k in range(3):
        u[k] -= out[6] * acceleration[k]
    for k in range(3):
        v[k] = r[k] * u[0] + r[3 + k] * u[1] + r[6 + k] * u[2] + out[11 + k]


@kernel(bare=True)
def _take_velocity(nav, P, out, turned, spin_rad_s, acceleration, considered, noise, work):
    """Take in the velocity that the beams give together, axis by axis of the body; return NIS over three.

    Axis by axis, because what stays in the beams stays in the velocity that they make together.
    """
    h, u, v, normal, told = work[2], work[3], work[4], work[6], work[7]
    total = 0.0
    for a in range(3):
        _body_velocity(nav, out, turned, spin_rad_s, acceleration, u, v)
        r = rotation_of(nav, 6)
        for j in range(STATES):
            h[j] = 0.0
        h[3], h[4], h[5] = r[a], r[3 + a], r[6 + a]
        b, c = (a + 1) % 3, (a + 2) % 3
        h[6 + b], h[6 + c] = -(v[c] - out[11 + c]), v[b] - out[11 + b]
        residual = -v[a] - _stays(nav, out, v, normal, a, 1.0, h)
        for k in range(3):
            residual += normal[3 * a + k] * told[k]
        white = normal[4 * a] * out[5] * out[5]
        total += update(nav, P, h, residual, white, considered, noise, work)
    return total / 3.0


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
        h[TIE + n], h[BORESIGHT + n] = 1.0, out[7]
        residual -= nav[1 + TIE + n] + out[7] * nav[1 + BORESIGHT + n]
    else:
        # Ground that lies higher than its map has the fix as much too low.
        h[MAP] = -1.0
        residual += nav[1 + MAP]
    return residual


@kernel(bare=True)
def camera_update(nav, P, out, turned, spin_rad_s, gate_sigma, considered, noise, work):
    """Take in a position fix: out[0:3] F (m), 3 sigma across m, 4 sigma up m, 5 age s, 7 sigma of what the
    boresight makes of the height m. It stands on the map, whose tie and height err.

    Returns (mean NIS, number of the three directions taken): east and north are taken together or not at all,
    up only besides them.
    """
    h, u = work[2], work[3]
    ground_velocity(nav, turned, spin_rad_s, u)
    good, square = True, 0.0
    for n in range(2):
        residual = _fix_row(nav, out, turned, u, n, h)
        s = innovation_variance(P, h, out[3] * out[3], work[0])
        good = good and residual * residual < gate_sigma * gate_sigma * s
        square += residual * residual
    if not good:
        since_s = refused(work, CAMERA)
        if since_s == 0.0:
            return math.nan, 0
        open_three(P, 0, square)
        open_three(P, 3, square / (since_s * since_s))
    taken_in(work, CAMERA)
    total, taken = 0.0, 0
    for n in range(3):
        residual = _fix_row(nav, out, turned, u, n, h)
        sigma = out[4] if n == 2 else out[3]
        if n == 2:
            s = innovation_variance(P, h, sigma * sigma, work[0])
            if residual * residual > gate_sigma * gate_sigma * s:
                break
        total += update(nav, P, h, residual, sigma * sigma, considered, noise, work)
        taken += 1
    if taken == 3:
        work[KEPT, HEIGHT_FIX_S] = work[KEPT, CLOCK]
    return total / max(taken, 1), taken
