"""What an altimeter should read: the beam, the ground as the flight software believes it, and how that
belief ages.

The ground is a sphere of radius `software.site[3]` (the site's elevation, the flat model), or the on-board
map, or a mixture of both by the fade weight; the terrain state stands on top of it.
"""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground._kernels import elevation
from perilune.landing.software._kernels_filter import MAP, RANGE_BIAS, STATES, TERRAIN, TIE
from perilune.landing.software.table import (
    FADE_HIGH_M,
    FADE_LOW_M,
    MAP_LENGTH_M,
    MAP_SIGMA_M,
    PLAIN_M,
    SITE_M,
    SITE_RADIUS,
    SITE_SLOPE,
    TERRAIN_LENGTH_M,
    TERRAIN_SIGMA_M,
    USES_MAP,
)

#: Places in the shared row of the policies' memory.
FADE, LAST_S, MAP_VARIANCE, ACQUIRED, SITE_DISTANCE, REOPENED_S, REOPENED_KIND, ACCEPTED_S, LAMPS = range(9)
#: DRIFTED: what the terrain state has moved by of itself (m), without readings.
LOOK_S, OFFSET_M, OWN_BIAS, PATH_M, DRIFTED = 9, 10, 11, 12, 13
#: Columns of a reading: as the sensors deliver, then what the policies write (8..10), the lever arm from the
#: navigated point to the sensor (B, m), which sensor it is, and its status.
RANGE, SIGMA, AGE, BORESIGHT, TRUE, HALF_BEAM, PREDICTED, RESIDUAL, INNOVATION_SIGMA = (
    0,
    1,
    2,
    3,
    6,
    7,
    8,
    9,
    10,
)
LEVER, SENSOR, STATUS = 11, 14, 15


@kernel(bare=True)
def model_radius(x, y, z, fade, software, onboard):
    """Return the ground's radius (m) in a direction, as believed without the terrain state."""
    flat = software.site[SITE_RADIUS]
    if fade <= 0.0:
        return flat
    return flat + fade * (MOON_RADIUS_M + elevation(x, y, z, onboard) - flat)


@kernel(bare=True, inline=True)
def height_estimate(nav, memory, software, onboard, turned):
    """Return the estimated height (m) of the navigated point above the ground under it."""
    x = turned[0] * nav[0] + turned[1] * nav[1] + turned[2] * nav[2]
    y = turned[3] * nav[0] + turned[4] * nav[1] + turned[5] * nav[2]
    z = turned[6] * nav[0] + turned[7] * nav[1] + turned[8] * nav[2]
    return _height_at(nav, x, y, z, memory, software, onboard)


@kernel(bare=True)
def _height_at(nav, x, y, z, memory, software, onboard):
    """Return the estimated height (m) above the ground at a place in fixed axes."""
    radius = math.sqrt(x * x + y * y + z * z)
    return radius - model_radius(x, y, z, memory[0, FADE], software, onboard) - nav[16]


@kernel(bare=True)
def height_sigma(nav, P):
    """Return the sigma (m) of the estimated height above the ground."""
    radius = math.sqrt(nav[0] * nav[0] + nav[1] * nav[1] + nav[2] * nav[2])
    total = P[TERRAIN, TERRAIN]
    for i in range(3):
        u = nav[i] / radius
        total -= 2.0 * u * P[i, TERRAIN]
        for j in range(3):
            total += u * nav[j] / radius * P[i, j]
    return math.sqrt(max(total, 0.0))


@kernel(bare=True)
def beam(nav, reading, turned, out):
    """Write where a beam starts and where it looks, in fixed axes, into out[0:3] (m) and out[3:6] (unit).

    A wide beam (radar) answers from the nearest ground in it: its direction nearest to straight down.
    """
    w, a, b, c = nav[6], nav[7], nav[8], nav[9]
    for n in range(2):
        k = LEVER if n == 0 else BORESIGHT
        x, y, z = reading[k], reading[k + 1], reading[k + 2]
        ix = (1 - 2 * (b * b + c * c)) * x + 2 * (a * b - w * c) * y + 2 * (a * c + w * b) * z
        iy = 2 * (a * b + w * c) * x + (1 - 2 * (a * a + c * c)) * y + 2 * (b * c - w * a) * z
        iz = 2 * (a * c - w * b) * x + 2 * (b * c + w * a) * y + (1 - 2 * (a * a + b * b)) * z
        if n == 0:
            ix, iy, iz = ix + nav[0], iy + nav[1], iz + nav[2]
        for i in range(3):
            out[3 * n + i] = turned[3 * i] * ix + turned[3 * i + 1] * iy + turned[3 * i + 2] * iz
    if reading[HALF_BEAM] > 0.0:
        _towards_nadir(out, reading[HALF_BEAM])


@kernel(bare=True)
def _towards_nadir(out, half_beam):
    radius = math.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2])
    nx, ny, nz = -out[0] / radius, -out[1] / radius, -out[2] / radius
    cosine = min(max(out[3] * nx + out[4] * ny + out[5] * nz, -1.0), 1.0)
    angle = math.acos(cosine)
    if angle <= half_beam:
        out[3], out[4], out[5] = nx, ny, nz
        return
    s = math.sin(angle)
    p, q = math.sin(angle - half_beam) / s, math.sin(half_beam) / s
    out[3], out[4], out[5] = p * out[3] + q * nx, p * out[4] + q * ny, p * out[5] + q * nz


@kernel(bare=True)
def predict_range(nav, reading, memory, software, onboard, turned, h, out):
    """Write the expected range m, the cosine of incidence on a level ground and the place of the hit (F, m)
    into out[6:11], and the row h (19,) of partial derivatives. Returns whether the beam meets the ground.
    """
    beam(nav, reading, turned, out)
    px, py, pz, dx, dy, dz = out[0], out[1], out[2], out[3], out[4], out[5]
    along = px * dx + py * dy + pz * dz
    radius = math.sqrt(px * px + py * py + pz * pz)
    fade = memory[0, FADE]
    x, y, z = px, py, pz
    reach = 0.0
    for _ in range(4 if fade > 0.0 else 1):
        ground = model_radius(x, y, z, fade, software, onboard) + nav[16]
        inside = along * along - (radius - ground) * (radius + ground)
        if along >= 0.0 or inside <= 0.0:
            return False
        before = reach
        reach = -along - math.sqrt(inside)
        x, y, z = px + reach * dx, py + reach * dy, pz + reach * dz
        if abs(reach - before) < 0.05:
            break
    ground = math.sqrt(x * x + y * y + z * z)
    nx, ny, nz = x / ground, y / ground, z / ground
    cosine = -(nx * dx + ny * dy + nz * dz)
    if cosine < 0.05:
        return False
    _partials(nav, turned, dx, dy, dz, nx, ny, nz, reach, cosine, h)
    out[6], out[7], out[8], out[9], out[10] = reach + nav[17], cosine, x, y, z
    return True


@kernel(bare=True)
def _partials(nav, turned, dx, dy, dz, nx, ny, nz, reach, cosine, h):
    for j in range(STATES):
        h[j] = 0.0
    inv = 1.0 / cosine
    ux = turned[0] * nx + turned[3] * ny + turned[6] * nz
    uy = turned[1] * nx + turned[4] * ny + turned[7] * nz
    uz = turned[2] * nx + turned[5] * ny + turned[8] * nz
    h[0], h[1], h[2] = ux * inv, uy * inv, uz * inv
    ex = turned[0] * dx + turned[3] * dy + turned[6] * dz
    ey = turned[1] * dx + turned[4] * dy + turned[7] * dz
    ez = turned[2] * dx + turned[5] * dy + turned[8] * dz
    cx, cy, cz = ey * uz - ez * uy, ez * ux - ex * uz, ex * uy - ey * ux
    w, a, b, c = nav[6], nav[7], nav[8], nav[9]
    k = reach * inv
    # The beam turns with the body: the lever is range over cosine, brought back to body axes.
    h[6] = k * ((1 - 2 * (b * b + c * c)) * cx + 2 * (a * b + w * c) * cy + 2 * (a * c - w * b) * cz)
    h[7] = k * (2 * (a * b - w * c) * cx + (1 - 2 * (a * a + c * c)) * cy + 2 * (b * c + w * a) * cz)
    h[8] = k * (2 * (a * c + w * b) * cx + 2 * (b * c - w * a) * cy + (1 - 2 * (a * a + b * b)) * cz)
    h[TERRAIN] = -inv
    h[RANGE_BIAS] = 1.0


@kernel(bare=True)
def map_variance(P, turned, x, y, z, onboard):
    """Return the variance (m^2) of the map's elevation at a place that is known as well as P says.

    The map is asked one sigma to the east, west, north and south: on a cliff that is all of the cliff.
    """
    radius = math.sqrt(x * x + y * y + z * z)
    flat = math.hypot(x, y)
    centre = elevation(x, y, z, onboard)
    total = 0.0
    for n in range(2):
        if n == 0:
            ax, ay, az = -y / flat, x / flat, 0.0
        else:
            s = z / radius
            ax, ay, az = -s * x / flat, -s * y / flat, flat / radius
        ix = turned[0] * ax + turned[3] * ay + turned[6] * az
        iy = turned[1] * ax + turned[4] * ay + turned[7] * az
        iz = turned[2] * ax + turned[5] * ay + turned[8] * az
        # Where the map is read is place plus tie: a camera knows their sum better than either.
        t = TIE + n
        variance = P[t, t] + 2.0 * (ix * P[0, t] + iy * P[1, t] + iz * P[2, t])
        variance += ix * (ix * P[0, 0] + 2.0 * (iy * P[0, 1] + iz * P[0, 2]))
        variance += iy * (iy * P[1, 1] + 2.0 * iz * P[1, 2]) + iz * iz * P[2, 2]
        s = math.sqrt(max(variance, 0.0))
        for sign in (-1.0, 1.0):
            d = sign * s
            e = elevation(x + d * ax, y + d * ay, z + d * az, onboard) - centre
            total += 0.5 * e * e
    return total


@kernel(bare=True)
def _far(policy, distance_m):
    """Return the distance from the site as relief counts it: a tenth while over the plain."""
    return policy[SITE_M] + max(distance_m - policy[PLAIN_M], 0.0) + 0.1 * min(distance_m, policy[PLAIN_M])


@kernel(bare=True)
def _bridge(before_m, now_m, path_m, sigma_m, length_m):
    """Return (factor, variance added) of relief that is 0 at the site and has `sigma_m` far from it."""
    step = max(path_m, abs(before_m - now_m)) / length_m
    tie = math.exp(-(before_m + now_m) / length_m)
    first = 1.0 - math.exp(-2.0 * before_m / length_m)
    last = 1.0 - math.exp(-2.0 * now_m / length_m)
    phi = max(math.exp(-step) - tie, 0.0) / first
    return phi, sigma_m * sigma_m * max(last - phi * phi * first, 0.0)


@kernel(bare=True)
def _aside(policy, offset_m):
    """Return the sigma (m) by which ground that a canted beam meets `offset_m` aside differs from the ground
    under the craft; beyond 100 m that is the terrain state's own affair.
    """
    return policy[SITE_SLOPE] * min(offset_m, 100.0)


@kernel(bare=True)
def age_aside(nav, P, memory, policy, offset_m):
    """Carry the range bias to a new offset of the beam's foot, and return its weight for this beam.

    The instrument's own part stays; the ground's shrinks with the offset, and is another after as long a way.
    With several altimeters the state is that of the most canted one; for others it counts as less.
    """
    shared = memory[0]
    if policy[SITE_SLOPE] <= 0.0:
        return 1.0
    # An estimate below the ground has its beam's foot behind it; lengths of ways have no sign.
    offset_m = max(offset_m, 0.0)
    if shared[OWN_BIAS] == 0.0:
        shared[OWN_BIAS] = P[RANGE_BIAS, RANGE_BIAS] + 1e-6
    own, before = shared[OWN_BIAS], shared[OFFSET_M]
    first = own + _aside(policy, before) ** 2
    here = own + _aside(policy, offset_m) ** 2
    if offset_m < 0.9 * before and shared[PATH_M] < before:
        return math.sqrt(here / first)
    fresh = math.exp(-shared[PATH_M] / (0.5 * (before + offset_m) + 5.0))
    shared[OFFSET_M], shared[PATH_M] = offset_m, 0.0
    both = own + fresh * _aside(policy, before) * _aside(policy, offset_m)
    phi = both / first
    nav[17] *= phi
    for j in range(STATES):
        P[RANGE_BIAS, j] *= phi
    for j in range(STATES):
        P[j, RANGE_BIAS] *= phi
    P[RANGE_BIAS, RANGE_BIAS] += max(here - phi * both, 0.0)
    return 1.0


@kernel(bare=True)
def age_terrain(nav, P, memory, software, onboard, turned, speed_m_s, t_s):
    """Carry the terrain state over the ground flown since the last call, and fade the map out near it."""
    policy, shared = software.policy, memory[0]
    site = software.site
    x = turned[0] * nav[0] + turned[1] * nav[1] + turned[2] * nav[2]
    y = turned[3] * nav[0] + turned[4] * nav[1] + turned[5] * nav[2]
    z = turned[6] * nav[0] + turned[7] * nav[1] + turned[8] * nav[2]
    scale = site[SITE_RADIUS] / math.sqrt(x * x + y * y + z * z)
    distance = math.sqrt((scale * x - site[0]) ** 2 + (scale * y - site[1]) ** 2 + (scale * z - site[2]) ** 2)
    if shared[LAST_S] == 0.0:
        # The first call: the state starts with what is unknown of the ground here.
        shared[LAST_S], shared[SITE_DISTANCE] = t_s, distance
        shared[FADE] = policy[USES_MAP]
        far = 1.0 - math.exp(-2.0 * _far(policy, distance) / max(policy[TERRAIN_LENGTH_M], 1.0))
        flat = policy[TERRAIN_SIGMA_M] ** 2 * far
        if policy[USES_MAP] > 0.0:
            P[TERRAIN, TERRAIN] = policy[MAP_SIGMA_M] ** 2 + P[MAP, MAP]
            P[TERRAIN, MAP], P[MAP, TERRAIN] = P[MAP, MAP], P[MAP, MAP]
        else:
            P[TERRAIN, TERRAIN] = flat
        return
    path = speed_m_s * (t_s - shared[LAST_S])
    shared[PATH_M] += path
    before = shared[SITE_DISTANCE]
    # What the estimate's place is corrected by is no ground flown over: a noisy range that moves it would
    # have the ground below change, and so be believed the more.
    distance = min(max(distance, before - path), before + path)
    shared[LAST_S], shared[SITE_DISTANCE] = t_s, distance
    if policy[TERRAIN_SIGMA_M] <= 0.0:
        return
    if policy[USES_MAP] > 0.0:
        # What the map leaves out stands on what it errs by on the whole. That the site's elevation is known
        # is the same knowledge, and not used a second time where the map fades.
        phi = math.exp(-path / policy[MAP_LENGTH_M])
        added = (policy[MAP_SIGMA_M] ** 2 + shared[MAP_VARIANCE]) * (1.0 - phi * phi)
        whole = (1.0 - phi) * shared[FADE]
    else:
        phi, added = _bridge(
            _far(policy, before),
            _far(policy, distance),
            path if distance > policy[PLAIN_M] else 0.1 * path,
            policy[TERRAIN_SIGMA_M],
            policy[TERRAIN_LENGTH_M],
        )
        whole = 0.0
    ground = phi * nav[1 + TERRAIN] + whole * nav[1 + MAP]
    shared[DRIFTED] += ground - nav[1 + TERRAIN]
    nav[1 + TERRAIN] = ground
    for j in range(STATES):
        P[TERRAIN, j] = phi * P[TERRAIN, j] + whole * P[MAP, j]
    for j in range(STATES):
        P[j, TERRAIN] = phi * P[j, TERRAIN] + whole * P[j, MAP]
    P[TERRAIN, TERRAIN] += added
    if shared[FADE] > 0.0:
        _fade(nav, x, y, z, memory, software, onboard, t_s)


@kernel(bare=True)
def _fade(nav, x, y, z, memory, software, onboard, t_s):
    """Lower the map's weight with the height, never raise it; the believed ground itself does not move."""
    policy, shared = software.policy, memory[0]
    if t_s < shared[LOOK_S]:
        return
    height = _height_at(nav, x, y, z, memory, software, onboard)
    if height > policy[FADE_HIGH_M]:
        # Far above it the map need not be asked each time: nothing comes down at more than 300 m/s.
        shared[LOOK_S] = t_s + min((height - policy[FADE_HIGH_M]) / 300.0, 5.0)
        return
    wanted = (height - policy[FADE_LOW_M]) / max(policy[FADE_HIGH_M] - policy[FADE_LOW_M], 1.0)
    wanted = min(max(wanted, 0.0), shared[FADE])
    before = model_radius(x, y, z, shared[FADE], software, onboard)
    shared[FADE] = wanted
    nav[16] += before - model_radius(x, y, z, wanted, software, onboard)
