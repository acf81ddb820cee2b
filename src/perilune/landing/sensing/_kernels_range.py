"""Samples of what is sent out and comes back: laser, radar altimeter, Doppler velocimeter."""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground._kernels import elevation_from, ray_length, ray_range
from perilune.landing.sensing import layout as at
from perilune.maths._kernels_random import normal, uniform

_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWELFTH = math.sqrt(1.0 / 12.0)  # -, standard deviation of a uniform value over its width
_ABOVE = 1.1  # -, heights of so many greatest ranges and more are not worth a look: nothing can come back
_UPRIGHT = 0.999999  # cosine; so near to the vertical the range is the height
_COARSE = 0.02  # of the range: a wide beam does not see smaller details
_RING = np.array([[math.cos(a), math.sin(a)] for a in np.arange(6) * (math.pi / 3.0)])
_LEAST_TOLD_M = 0.3  # m, the shortest range that a spike or dust leaves


@kernel(bare=True)
def in_fixed(scene, x, y, z):
    """Return a body vector in mean-Earth axes."""
    c = at.S_TURNED
    return (
        scene[c] * x + scene[c + 1] * y + scene[c + 2] * z,
        scene[c + 3] * x + scene[c + 4] * y + scene[c + 5] * z,
        scene[c + 6] * x + scene[c + 7] * y + scene[c + 8] * z,
    )


@kernel(bare=True)
def _square(x, y, z):
    """Return a unit vector square to a unit vector, always the same one."""
    if abs(y) < 0.9:
        inv = 1.0 / math.sqrt(x * x + z * z)
        return z * inv, 0.0, -x * inv
    inv = 1.0 / math.sqrt(y * y + z * z)
    return 0.0, z * inv, -y * inv


@kernel(bare=True)
def _true_boresight(i, sensors, errors):
    """Return the boresight (body axes) with this run's misalignment about two axes square to it."""
    x, y, z = sensors[i, at.BORE], sensors[i, at.BORE + 1], sensors[i, at.BORE + 2]
    ax, ay, az = _square(x, y, z)
    bx, by, bz = y * az - z * ay, z * ax - x * az, x * ay - y * ax
    a, b = errors[i, at.E_TURN_A], errors[i, at.E_TURN_B]
    x, y, z = x + a * bx - b * ax, y + a * by - b * ay, z + a * bz - b * az
    inv = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * inv, y * inv, z * inv


@kernel(bare=True)
def _place(i, sensors, scene):
    """Return where a sensor is, in mean-Earth axes."""
    mx, my, mz = in_fixed(scene, sensors[i, at.MOUNT], sensors[i, at.MOUNT + 1], sensors[i, at.MOUNT + 2])
    return scene[at.S_POSITION] + mx, scene[at.S_POSITION + 1] + my, scene[at.S_POSITION + 2] + mz


@kernel(bare=True)
def detection(i, sensors, energy, range_m, cosine, closing_m_s):
    """Return the signal-to-noise ratio of a laser's return.

    Lambert's law over a footprint that lies wholly on the ground: electrons fall with the square of the
    range and with the cosine of incidence; shot noise adds to the noise of dark and background. Pulses
    summed over a while smear over as many bins as the range changes by.
    """
    far = 1000.0 / range_m
    electrons = sensors[i, at.ELECTRONS] * energy * sensors[i, at.ALBEDO] * cosine * far * far
    noise = sensors[i, at.NOISE_ELECTRONS]
    smear = closing_m_s * sensors[i, at.INTEGRATION_S] / sensors[i, at.BIN_M]
    return electrons / math.sqrt((electrons + noise * noise) * (1.0 + smear * smear))


@kernel(bare=True)
def chance(snr, threshold):
    """Return the chance that a signal with unit normal noise comes over a threshold."""
    return 0.5 * math.erfc((threshold - snr) * _ROOT_HALF)


@kernel(bare=True)
def laser_range(i, sensors, errors, memory, effects, streams, scene, ground, out):
    """Sample a laser range finder: 0 range, 1 sigma, 3:6 boresight, 6 true range, 7 half width 0, 8 SNR."""
    # All draws first: what one sample takes leaves the next one's as they are.
    wobble, luck = normal(streams, i), uniform(streams, i)
    _common(i, sensors, out)
    reach_m = sensors[i, at.MAX_M]
    true_m, cosine = -1.0, 0.0
    dx, dy, dz = 0.0, 0.0, 0.0
    if scene[at.S_HEIGHT] < _ABOVE * reach_m:
        bx, by, bz = _true_boresight(i, sensors, errors)
        dx, dy, dz = in_fixed(scene, bx, by, bz)
        x, y, z = _place(i, sensors, scene)
        true_m, cosine = ray_range(x, y, z, dx, dy, dz, ground, reach_m)
    out[6] = true_m
    if true_m < sensors[i, at.MIN_M] or _too_high(i, effects, scene):
        return _told(i, sensors, effects, memory, streams, -1.0, 0.0, out)
    closing = abs(scene[at.S_VELOCITY] * dx + scene[at.S_VELOCITY + 1] * dy + scene[at.S_VELOCITY + 2] * dz)
    energy = (1.0 + errors[i, at.E_ENERGY]) * (1.0 - effects[i, at.ENERGY_LOST])
    snr = detection(i, sensors, energy, true_m, cosine, closing)
    if luck >= chance(snr, sensors[i, at.THRESHOLD]):
        return _told(i, sensors, effects, memory, streams, -1.0, 0.0, out)
    out[8] = snr / (1.0 + effects[i, at.NOISE])
    sine = math.sqrt(max(1.0 - cosine * cosine, 0.0))
    spread = sensors[i, at.DIVERGENCE] * true_m * sine / max(cosine, 0.05) * _ROOT_TWELFTH
    sigma = sensors[i, at.SIGMA] + sensors[i, at.SIGMA_SHARE] * true_m
    sigma = math.sqrt(sigma * sigma + (spread * spread + sensors[i, at.BIN_M] ** 2) / (snr * snr))
    told = true_m * (1.0 + errors[i, at.E_SCALE]) + errors[i, at.E_BIAS]
    return (
        _told(i, sensors, effects, memory, streams, told, sigma * wobble, out) if told > 0.0 else at.INVALID
    )


@kernel(bare=True)
def radar_range(i, sensors, errors, memory, effects, streams, scene, ground, out):
    """Sample a beam-limited radar altimeter: the nearest point within its beam. Columns as for the laser."""
    wobble = normal(streams, i)
    _common(i, sensors, out)
    out[7] = sensors[i, at.HALF_ANGLE]
    reach_m = sensors[i, at.MAX_M]
    true_m = -1.0
    if scene[at.S_HEIGHT] < _ABOVE * reach_m:
        bx, by, bz = _true_boresight(i, sensors, errors)
        true_m = _nearest(i, sensors, scene, ground, reach_m, *in_fixed(scene, bx, by, bz))
    out[6] = true_m
    if true_m < sensors[i, at.MIN_M] or _too_high(i, effects, scene):
        return _told(i, sensors, effects, memory, streams, -1.0, 0.0, out)
    sigma = sensors[i, at.SIGMA] + sensors[i, at.SIGMA_SHARE] * true_m
    told = true_m * (1.0 + errors[i, at.E_SCALE]) + errors[i, at.E_BIAS]
    return (
        _told(i, sensors, effects, memory, streams, told, sigma * wobble, out) if told > 0.0 else at.INVALID
    )


@kernel(bare=True)
def _nearest(i, sensors, scene, ground, reach_m, dx, dy, dz):
    """Return the range to the nearest ground within the beam about a direction (mean-Earth axes), -1 for
    none.

    First the ground in the beam's direction nearest to the vertical, then six points on a ring about it (half
    of the beam away): what is nearer counts, if it lies in the beam. Points of the ground and not rays, so
    that each costs one elevation; hidden ones count too, which none is that is nearer than what hides it.
    """
    x, y, z = _place(i, sensors, scene)
    r = math.sqrt(x * x + y * y + z * z)
    ux, uy, uz = x / r, y / r, z / r
    half = sensors[i, at.HALF_ANGLE]
    nx, ny, nz = _towards(dx, dy, dz, -ux, -uy, -uz, half)
    facing = -(nx * ux + ny * uy + nz * uz)
    if facing < sensors[i, at.LEAST_COSINE]:
        return -1.0
    if facing > _UPRIGHT:
        best = r - MOON_RADIUS_M - elevation_from(ux, uy, uz, _COARSE * scene[at.S_HEIGHT], ground)[0]
        best = max(best, 0.0)
    else:
        best = ray_length(x, y, z, nx, ny, nz, ground, reach_m)
    if best < 0.0 or best > reach_m:
        return -1.0
    edge, ring_m = math.cos(half), best * math.tan(0.5 * half)
    px, py, pz = x + best * nx, y + best * ny, z + best * nz
    ax, ay, az = _square(ux, uy, uz)
    bx, by, bz = uy * az - uz * ay, uz * ax - ux * az, ux * ay - uy * ax
    for k in range(6):
        a, b = ring_m * _RING[k, 0], ring_m * _RING[k, 1]
        qx, qy, qz = px + a * ax + b * bx, py + a * ay + b * by, pz + a * az + b * bz
        inv = 1.0 / math.sqrt(qx * qx + qy * qy + qz * qz)
        qx, qy, qz = qx * inv, qy * inv, qz * inv
        out = MOON_RADIUS_M + elevation_from(qx, qy, qz, _COARSE * best, ground)[0]
        qx, qy, qz = qx * out - x, qy * out - y, qz * out - z
        away = math.sqrt(qx * qx + qy * qy + qz * qz)
        if away < best and (qx * dx + qy * dy + qz * dz) >= edge * away:
            best = away
    return best


@kernel(bare=True)
def _towards(dx, dy, dz, wx, wy, wz, most_rad):
    """Return the unit vector within an angle about d that comes nearest to w (both unit vectors)."""
    cosine = dx * wx + dy * wy + dz * wz
    if cosine >= math.cos(most_rad):
        return wx, wy, wz
    sx, sy, sz = wx - cosine * dx, wy - cosine * dy, wz - cosine * dz
    norm = math.sqrt(sx * sx + sy * sy + sz * sz)
    if norm < 1e-9:
        return dx, dy, dz
    c, s = math.cos(most_rad), math.sin(most_rad) / norm
    return c * dx + s * sx, c * dy + s * sy, c * dz + s * sz


@kernel(bare=True)
def _common(i, sensors, out):
    for k in range(3):
        out[3 + k] = sensors[i, at.BORE + k]


@kernel(bare=True)
def _too_high(i, effects, scene):
    return effects[i, at.CEILING_M] > 0.0 and scene[at.S_HEIGHT] > effects[i, at.CEILING_M]


@kernel(bare=True)
def spiked(i, effects, streams, value, least):
    """Return a value after spikes: a negative size makes it shorter, as dust and side lobes do."""
    if effects[i, at.SPIKE_SHARE] > 0.0 and uniform(streams, i) < effects[i, at.SPIKE_SHARE]:
        size = effects[i, at.SPIKE_SIZE]
        share = uniform(streams, i)
        value += size * share if size < 0.0 else size * (2.0 * share - 1.0)
        return max(value, least)
    return value


@kernel(bare=True)
def _told(i, sensors, effects, memory, streams, value_m, noise_m, out):
    """Write what an altimeter tells after all faults (a negative value is no return); return the status."""
    if effects[i, at.STUCK] != 0.0 and memory[i, at.LAST] > 0.0:
        value_m = memory[i, at.LAST]
    elif effects[i, at.FALSE] != 0.0:
        value_m = effects[i, at.FALSE_VALUE] + noise_m
    elif value_m >= 0.0:
        value_m = value_m * (1.0 + effects[i, at.SCALE]) + effects[i, at.BIAS]
        value_m += noise_m * (1.0 + effects[i, at.NOISE])
        value_m = spiked(i, effects, streams, value_m, _LEAST_TOLD_M)
    if value_m < 0.0:
        return at.INVALID
    memory[i, at.LAST] = value_m
    out[0] = value_m
    out[1] = sensors[i, at.SIGMA] + sensors[i, at.SIGMA_SHARE] * value_m
    return at.VALID


@kernel(bare=True)
def beam_rates(i, sensors, errors, memory, effects, streams, scene, out):
    """Sample a Doppler velocimeter: 0:4 beam range rates, 4 beams, 5 sigma, 7 bits of valid beams.

    The ground is taken as level for the beams' lengths and incidence: they only decide on validity.
    """
    beams = int(sensors[i, at.BEAMS])
    out[4] = beams
    out[5] = sensors[i, at.SIGMA]
    if scene[at.S_HEIGHT] > sensors[i, at.MAX_M]:
        return at.INVALID
    x, y, z = scene[at.S_POSITION], scene[at.S_POSITION + 1], scene[at.S_POSITION + 2]
    inv = 1.0 / math.sqrt(x * x + y * y + z * z)
    valid, fastest = 0, 0.0
    rx, ry, rz = scene[at.S_RATE], scene[at.S_RATE + 1], scene[at.S_RATE + 2]
    mx, my, mz = sensors[i, at.MOUNT], sensors[i, at.MOUNT + 1], sensors[i, at.MOUNT + 2]
    # The sensor moves with its arm about the body's origin.
    vx, vy, vz = in_fixed(scene, ry * mz - rz * my, rz * mx - rx * mz, rx * my - ry * mx)
    vx, vy, vz = vx + scene[at.S_VELOCITY], vy + scene[at.S_VELOCITY + 1], vz + scene[at.S_VELOCITY + 2]
    tx, ty, tz = errors[i, at.E_TURN], errors[i, at.E_TURN + 1], errors[i, at.E_TURN + 2]
    for k in range(beams):
        bx, by, bz = (
            sensors[i, at.BEAM + 3 * k],
            sensors[i, at.BEAM + 3 * k + 1],
            sensors[i, at.BEAM + 3 * k + 2],
        )
        dx, dy, dz = in_fixed(scene, bx + ty * bz - tz * by, by + tz * bx - tx * bz, bz + tx * by - ty * bx)
        cosine = -(dx * x + dy * y + dz * z) * inv
        rate = -(dx * vx + dy * vy + dz * vz)
        wobble = normal(streams, i)
        sigma = sensors[i, at.SIGMA] + sensors[i, at.SIGMA_SHARE] * abs(rate)
        told = rate * (1.0 + errors[i, at.E_RATE_SCALE] + effects[i, at.SCALE]) + errors[i, at.E_BEAMS + k]
        told += effects[i, at.BIAS] + sigma * wobble * (1.0 + effects[i, at.NOISE])
        told = spiked(i, effects, streams, told, -math.inf)
        if effects[i, at.STUCK] != 0.0:
            told = memory[i, at.LAST + k]
        elif effects[i, at.FALSE] != 0.0:
            told = effects[i, at.FALSE_VALUE]
        memory[i, at.LAST + k] = told
        out[k] = told
        if cosine < sensors[i, at.LEAST_COSINE] or abs(rate) > sensors[i, at.FASTEST_M_S]:
            continue
        away = scene[at.S_HEIGHT] / cosine
        if sensors[i, at.MIN_M] <= away <= sensors[i, at.MAX_M] and k >= effects[i, at.BEAMS_LOST]:
            valid += 1 << k
            fastest = max(fastest, abs(told))
    out[5] += sensors[i, at.SIGMA_SHARE] * fastest
    out[7] = valid
    out[8], out[9], out[10] = (
        sensors[i, at.STAYS_BIAS],
        sensors[i, at.STAYS_SCALE],
        sensors[i, at.STAYS_TURN],
    )
    if _too_high(i, effects, scene) or valid == 0:
        return at.INVALID
    return at.VALID
