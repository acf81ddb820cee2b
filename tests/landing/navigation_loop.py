"""A descent flown past the navigation: a point mass on a given path, with inertial unit, altimeters, star
tracker, velocimeter and faults. The estimate steers nothing here: what a policy does to it shows bare.

The path is a cubic from perilune to the site, both along the ground and in altitude; the Moon does not turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.landing.ground._kernels import elevation, ray_range
from perilune.landing.ground.table import Ground, ground
from perilune.landing.software import policies, table
from perilune.landing.software._kernels_aiding import velocimeter_update
from perilune.landing.software._kernels_filter import STAR_TURN, nees, predict, strapdown
from perilune.landing.software._kernels_policy import altimetry
from perilune.landing.software._kernels_range import _bridge, _far, height_estimate, height_sigma
from perilune.landing.software._kernels_star import star_update
from perilune.maths._kernels_random import normal, uniform
from perilune.maths.random import streams
from perilune.world.terrain import Terrain

#: Columns of the log, once a second.
T, DOWNRANGE, HEIGHT, ESTIMATED, SIGMA, NEES, ALTITUDE_ERROR, SPEED, LEAST_PIVOT, TERRAIN, FILLED = range(11)
LOG_COLUMNS = 20
#: Kinds of faults of an altimeter.
OFF, STUCK, BIAS, NOISE, SPIKES, NEAR_ZERO = range(6)
RATE_HZ = 5


@kernel
def _path(t, plan, out):
    """Write position, velocity, acceleration (in the plane x up at the site, z downrange) into out[0:6]."""
    total, far, fast, high, sink, end = plan[0], plan[1], plan[2], plan[3], plan[4], plan[5]
    u = t / total
    for k in range(2):
        if k == 0:
            p0, v0, p1, v1 = -far, fast, 0.0, 0.0
        else:
            p0, v0, p1, v1 = high, -sink, plan[6], -end
        a, b = v0 * total, v1 * total
        c = 3.0 * (p1 - p0) - 2.0 * a - b
        d = 2.0 * (p0 - p1) + a + b
        out[k] = p0 + u * (a + u * (c + u * d))
        out[2 + k] = (a + u * (2.0 * c + 3.0 * u * d)) / total
        out[4 + k] = (2.0 * c + 6.0 * u * d) / (total * total)


@kernel
def _truth(t, plan, state):
    """Write r 0:3, v 3:6, q 6:10 (z along the thrust, turning about y), force over mass 10:13 (I)."""
    along = np.empty(6)
    _path(t, plan, along)
    angle = along[0] / MOON_RADIUS_M
    rate, turning = along[2] / MOON_RADIUS_M, along[4] / MOON_RADIUS_M
    radius, climb, lift = MOON_RADIUS_M + along[1], along[3], along[5]
    c, s = math.cos(angle), math.sin(angle)
    state[0], state[1], state[2] = radius * c, 0.0, radius * s
    state[3], state[4], state[5] = climb * c - radius * rate * s, 0.0, climb * s + radius * rate * c
    up = lift - radius * rate * rate + GM_MOON_M3_S2 / (radius * radius)
    forward = 2.0 * climb * rate + radius * turning
    fx, fz = up * c - forward * s, up * s + forward * c
    state[10], state[11], state[12] = fx, 0.0, fz
    half = 0.5 * math.atan2(fx, fz)
    state[6], state[7], state[8], state[9] = math.cos(half), 0.0, math.sin(half), 0.0


@kernel
def _pivot(P):
    """Return the least share of a variance that the others do not explain (0 or less: not positive)."""
    low = np.zeros((table.STATES, table.STATES))
    least = 1.0
    for i in range(table.STATES):
        if P[i, i] <= 0.0:
            continue
        for j in range(i + 1):
            s = P[i, j]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            if i == j:
                least = min(least, s / P[i, i])
                low[i, i] = math.sqrt(max(s, 1e-300))
            elif low[j, j] > 0.0:
                low[i, j] = s / low[j, j]
    return least


@kernel
def fly(streams, plan, software, onboard, true, altimeters, faults, aids, first_sigmas, log, events):
    """Fly the path once; return the rows of the log.

    altimeters (n, 8): sigma m, sigma share, greatest range m, cant rad (towards -x when upright), bias m,
    first height it works below m. faults (m, 6): altimeter, kind, below height m, until height m, size.
    aids: 0 star tracker Hz, 1 its sigma rad, 2 velocimeter's greatest height m, 3 its sigma m/s, 4 set where
    the true ground has the relief of the software's model.
    """
    noise = software.noise
    state, after, error = np.zeros(13), np.zeros(13), np.zeros(table.STATES)
    nav, P = np.zeros(table.NAV_SIZE), np.zeros((table.STATES, table.STATES))
    turned = np.zeros(9)
    turned[0] = turned[4] = turned[8] = 1.0
    work = np.zeros(table.WORK_SHAPE)
    count = altimeters.shape[0]
    memory = np.zeros((count + 1, 80))
    memory[1:, 4] = -1e9
    memory[1:, 8] = 1.0
    readings, verdicts = np.zeros((count, 16)), np.zeros(count)
    stuck = np.full(count, -1.0)
    _truth(0.0, plan, state)
    for i in range(table.STATES):
        # Star tracker and velocimeter have no constant errors here.
        error[i] = first_sigmas[i] * normal(streams, 0) if i < STAR_TURN else 0.0
        P[i, i] = software.sigmas[i] ** 2
    for i in range(6):
        nav[i] = state[i] - error[i]
    for i in range(6, 10):
        nav[i] = state[i]
    _turn(nav, -error[6], -error[7], -error[8])
    bias_a, bias_g = error[9:12].copy(), error[12:15].copy()
    scale = np.array(
        [noise[4] * normal(streams, 0), noise[4] * normal(streams, 0), noise[3] * normal(streams, 0)]
    )
    gyro = np.array([noise[5] * normal(streams, 0) for _ in range(3)])
    relief, far, then, law = 0.0, 0.0, 0.0, software.policy
    dv, turn, g = np.zeros(3), np.zeros(3), np.zeros(3)
    sum_v, sum_w = np.zeros(3), np.zeros(3)
    beams = np.zeros((4, 3))
    for n in range(4):
        a = 0.5 * math.pi * n
        beams[n, 0], beams[n, 1] = 0.5 * math.cos(a), 0.5 * math.sin(a)
        beams[n, 2] = -math.sqrt(0.75)
    out = np.zeros(16)
    rows, dt = 0, 0.02
    cycles = int(plan[0] / 0.1)
    for cycle in range(cycles):
        sum_v[:] = 0.0
        sum_w[:] = 0.0
        for part in range(5):
            t = cycle * 0.1 + part * dt
            _truth(t + dt, plan, after)
            _increments(state, after, dt, dv, turn)
            thrust, pitch = dv[2], turn[1]
            for i in range(3):
                # The unit feels thrust along z: scale and misalignment act on that.
                dv[i] += bias_a[i] * dt + scale[i] * thrust + noise[0] * math.sqrt(dt) * normal(streams, 0)
                turn[i] += bias_g[i] * dt + gyro[i] * pitch + noise[1] * math.sqrt(dt) * normal(streams, 0)
                sum_v[i] += dv[i]
                sum_w[i] += turn[i]
            r2 = nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2
            for i in range(3):
                g[i] = -GM_MOON_M3_S2 / (r2 * math.sqrt(r2)) * (nav[i] + 0.5 * dt * nav[3 + i])
            strapdown(nav, dv, turn, g, dt)
            state[:] = after
        t = (cycle + 1) * 0.1
        sum_v /= 0.1
        sum_w /= 0.1
        predict(P, nav, sum_v, sum_w, 0.1, noise, work)
        height = math.sqrt(state[0] ** 2 + state[2] ** 2) - MOON_RADIUS_M
        height -= elevation(state[0], state[1], state[2], true)
        if aids[0] > 0.0 and cycle % int(10 / aids[0]) == 0:
            out[:4] = state[6:10]
            for i in range(3):
                turn[i] = aids[1] * normal(streams, 0)
            _turn_q(out, turn[0], turn[1], turn[2])
            out[4:] = 0.0
            out[4], out[7], out[10] = aids[1], aids[1], 1.0
            star_update(nav, P, out, software.considered, noise, work)
        if height < aids[2] and cycle % 2 == 0:
            out[:] = 0.0
            for n in range(4):
                out[n] = aids[3] * normal(streams, 0)
                for k in range(3):
                    out[n] -= state[3 + k] * _turned(state, k, beams[n])
            out[4], out[5], out[6], out[7] = 4.0, aids[3], 0.0, 15.0
            velocimeter_update(nav, P, out, beams, turned, 0.0, g, 5.0, software.considered, noise, work)
        n = 0
        if cycle % (10 // RATE_HZ) == 0:
            now = abs(MOON_RADIUS_M * math.atan2(state[2], state[0]))
            if aids[4] > 0.0:
                distance = _far(law, now)
                if cycle == 0:
                    relief = law[table.TERRAIN_SIGMA_M] * normal(streams, 0)
                    far = distance
                    then = now
                path = (then - now) * (1.0 if now > law[table.PLAIN_M] else 0.1)
                phi, added = _bridge(
                    far, distance, path, law[table.TERRAIN_SIGMA_M], law[table.TERRAIN_LENGTH_M]
                )
                relief = phi * relief + math.sqrt(added) * normal(streams, 0)
                far, then = distance, now
            for i in range(count):
                _measure(
                    state,
                    altimeters[i],
                    faults,
                    i,
                    height,
                    true,
                    relief,
                    error[16],
                    stuck,
                    streams,
                    readings[n],
                )
                if readings[n, 15] == 1.0:
                    n += 1
        altimetry(
            nav, P, readings, n, memory, software.policy, software, onboard, turned, t, verdicts, events, work
        )
        if cycle % 10 == 9:
            row = log[rows]
            row[T], row[HEIGHT] = t, height
            row[DOWNRANGE] = MOON_RADIUS_M * math.atan2(state[2], state[0])
            row[ESTIMATED] = height_estimate(nav, memory, software, onboard, turned)
            row[SIGMA] = height_sigma(nav, P)
            row[NEES] = nees(nav, P, state[0:3], state[3:6], state[6:10], work)
            row[ALTITUDE_ERROR] = math.sqrt(nav[0] ** 2 + nav[1] ** 2 + nav[2] ** 2) - math.sqrt(
                state[0] ** 2 + state[2] ** 2
            )
            radius = math.sqrt(state[0] ** 2 + state[2] ** 2)
            row[SPEED] = (
                (nav[3] - state[3]) * state[0]
                + (nav[4] - state[4]) * state[1]
                + (nav[5] - state[5]) * state[2]
            ) / radius
            row[LEAST_PIVOT] = _pivot(P)
            row[TERRAIN] = nav[16]
            row[FILLED] = relief
            rows += 1
    return rows


@kernel
def _turn(nav, x, y, z):
    q = nav[6:10].copy()
    _turn_q(q, x, y, z)
    nav[6:10] = q


@kernel
def _turn_q(q, x, y, z):
    """Turn the quaternion q[0:4] by a small rotation vector in body axes."""
    a, b, c, d = q[0], q[1], q[2], q[3]
    x, y, z = 0.5 * x, 0.5 * y, 0.5 * z
    w = math.sqrt(1.0 - x * x - y * y - z * z)
    q[0] = a * w - b * x - c * y - d * z
    q[1] = a * x + b * w + c * z - d * y
    q[2] = a * y - b * z + c * w + d * x
    q[3] = a * z + b * y - c * x + d * w


@kernel
def _turned(state, k, b):
    w, x, y, z = state[6], state[7], state[8], state[9]
    if k == 0:
        return (1 - 2 * (y * y + z * z)) * b[0] + 2 * (x * y - w * z) * b[1] + 2 * (x * z + w * y) * b[2]
    if k == 1:
        return 2 * (x * y + w * z) * b[0] + (1 - 2 * (x * x + z * z)) * b[1] + 2 * (y * z - w * x) * b[2]
    return 2 * (x * z - w * y) * b[0] + 2 * (y * z + w * x) * b[1] + (1 - 2 * (x * x + y * y)) * b[2]


@kernel
def _increments(state, after, dt, dv, turn):
    """Write what a perfect inertial unit gives over a step (B): speed from the mean force, turn about y."""
    first = 2.0 * math.atan2(state[8], state[6])
    last = 2.0 * math.atan2(after[8], after[6])
    turn[0], turn[2] = 0.0, 0.0
    turn[1] = (last - first + math.pi) % (2.0 * math.pi) - math.pi
    force0 = math.sqrt(state[10] ** 2 + state[12] ** 2)
    force1 = math.sqrt(after[10] ** 2 + after[12] ** 2)
    dv[0], dv[1], dv[2] = 0.0, 0.0, 0.5 * (force0 + force1) * dt


@kernel
def _measure(state, altimeter, faults, i, height, true, relief, bias, stuck, streams, reading):
    """Write the reading of an altimeter, faults and all; status 0 where there is none."""
    reading[:] = 0.0
    # Canted from -z towards nadir, as far as the cant goes.
    radius = math.sqrt(state[0] ** 2 + state[2] ** 2)
    zx, zz = _turned(state, 0, np.array([0.0, 0.0, 1.0])), _turned(state, 2, np.array([0.0, 0.0, 1.0]))
    tilt = math.acos(min((zx * state[0] + zz * state[2]) / radius, 1.0))
    cant = min(altimeter[3], tilt)
    bx, bz = math.sin(cant), -math.cos(cant)
    b = np.array([bx, 0.0, bz])
    dx, dz = _turned(state, 0, b), _turned(state, 2, b)
    if dx * state[0] + dz * state[2] > -0.1 * radius or height > altimeter[5]:
        return
    value, cosine = ray_range(state[0], state[1], state[2], dx, 0.0, dz, true, 50e3)
    value -= relief / max(cosine, 0.05)
    if value < 0.0 or value > altimeter[2]:
        return
    sigma = altimeter[0] + altimeter[1] * value
    reading[6], reading[1] = value, sigma
    factor = 1.0
    value += altimeter[4] + bias
    frozen = False
    for k in range(faults.shape[0]):
        kind = int(faults[k, 1])
        if int(faults[k, 0]) != i or height > faults[k, 2] or height < faults[k, 3]:
            continue
        if kind == OFF:
            return
        if kind == STUCK:
            frozen = True
        if kind == BIAS:
            value += faults[k, 4]
        if kind == NOISE:
            factor = faults[k, 4]
        if kind == SPIKES and uniform(streams, 0) < 0.1:
            value *= uniform(streams, 0)
        if kind == NEAR_ZERO:
            value, factor = faults[k, 4], 0.1 / sigma
    value += factor * sigma * normal(streams, 0)
    if frozen and stuck[i] < 0.0:
        stuck[i] = value
    if not frozen:
        stuck[i] = -1.0
    reading[0] = stuck[i] if frozen else value
    reading[3], reading[5] = bx, bz
    reading[14], reading[15] = i, 1.0


#: Path: 700 s from 600 km and 15 km down to a metre at the site.
PATH = np.array([700.0, 590e3, 1690.0, 15e3, 10.0, 1.0, 1.0, 0.0])
LASER = (1.0, 1e-3, 20e3, math.radians(30.0), 0.0, 15e3, 0.0, 0.0)
RADAR = (0.5, 1e-2, 20e3, math.radians(30.0), 0.0, 10e3, 0.0, 0.0)
NO_AIDS = np.zeros(5)
AIDS = np.array([1.0, 1e-4, 2000.0, 0.1, 0.0])
RELIEF = np.array([0.0, 0.0, 0.0, 0.0, 1.0])


def plain(*features: object) -> Ground:
    """Return a level ground with named features on it."""
    step = math.radians(1.0)
    flat = Terrain("level", np.zeros((180, 360)), -89.5 * step, -179.5 * step, step, step)
    return ground(flat, features=features)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Flown:
    log: np.ndarray
    events: np.ndarray

    def at_height(self, height_m: float) -> np.ndarray:
        """Return the first row below a true height."""
        return self.log[int(np.argmax(self.log[:, HEIGHT] < height_m))]

    @property
    def error_m(self) -> np.ndarray:
        return self.log[:, ESTIMATED] - self.log[:, HEIGHT]


def descend(
    policy: str | policies.Policy,
    seed: int = 1,
    true: Ground | None = None,
    onboard: Ground | None = None,
    altimeters: tuple[tuple[float, ...], ...] = (LASER,),
    faults: tuple[tuple[float, ...], ...] = (),
    aids: np.ndarray = AIDS,
    path: np.ndarray = PATH,
    site_elevation_m: float = 0.0,
    first: policies.FirstEstimate | None = None,
) -> Flown:
    """Fly one descent under a policy."""
    level = plain()
    chosen = policies.software(policy, np.array([MOON_RADIUS_M + site_elevation_m, 0.0, 0.0]), first=first)
    chosen.site[table.SPIN] = 0.0
    log, events = np.zeros((1000, LOG_COLUMNS)), table.first_events()
    rows = fly(
        streams(seed, 0, ("navigation",)),
        path,
        chosen,
        onboard or level,
        true or level,
        np.array(altimeters).reshape(-1, 8),
        np.array([[*row, 0.0, 0.0][:6] for row in faults]).reshape(-1, 6),
        aids,
        chosen.sigmas,
        log,
        events,
    )
    return Flown(log[:rows], events)


def stepped(drop_m: float, before_m: float = 65e3) -> Ground:
    """Return level ground that lies `drop_m` higher up to `before_m` before the site (7.6 km of slope)."""
    step = math.radians(0.25)
    latitude = math.radians(-89.875) + step * np.arange(720)
    high = latitude * MOON_RADIUS_M < -before_m
    grid = np.repeat(np.where(high, drop_m, 0.0)[:, None], 1440, axis=1)
    return ground(Terrain("stepped", grid, float(latitude[0]), -math.pi + 0.5 * step, step, step))
