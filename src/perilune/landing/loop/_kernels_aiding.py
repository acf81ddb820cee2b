"""The measurements of a cycle: altimeters are laid by for their policy, all others go to the filter."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.constants import MOON_SPIN_RAD_S
from perilune.landing.craft.table import IMU_X
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_record import keep_measurement
from perilune.landing.sensing._kernels import measure
from perilune.landing.sensing.layout import (
    BEAM,
    HAZARD_CAMERA,
    IMU,
    KIND,
    LASER,
    MOUNT,
    NOTHING,
    OUT_COLUMNS,
    RADAR,
    STAR_TRACKER,
    TERRAIN_CAMERA,
    VALID,
    VELOCIMETER,
)  # fmt: skip
from perilune.landing.software._kernels_aiding import camera_update, note_arm, velocimeter_update
from perilune.landing.software._kernels_divert import ACCEPTED, divert_on
from perilune.landing.software._kernels_range import BORESIGHT, LEVER, SENSOR, STATUS
from perilune.landing.software._kernels_reading import GATED, INVALID, TAKEN
from perilune.landing.software._kernels_star import star_update

_AGE, _BEAM_AGE = 2, 6  # places of the age (s) in a range and in beam rates


@kernel(bare=True, inline=True)
def take_measurements(given, flight):
    """Ask every sensor but the inertial units for what it delivers now."""
    flight.now[at.N_READINGS] = 0.0
    for i in range(given.sensors.shape[0]):
        kind = int(given.sensors[i, KIND])
        if kind == IMU:
            continue
        got = measure(
            i, given.sensors, given.errors, flight.sensor_memory, flight.effects, flight.streams,
            flight.scene, given.ground, flight.reading,
        )  # fmt: skip
        if got == NOTHING:
            continue
        if kind in (LASER, RADAR):
            lay_by(i, got, given, flight)
        else:
            take_in(i, kind, got, given, flight)


@kernel(bare=True, inline=True)
def lay_by(i, got, given, flight):
    """Keep an altimeter's reading for the policy, with its beam as it lies now and its lever arm."""
    n = int(flight.now[at.N_READINGS])
    reading, kept = flight.reading, flight.readings[n]
    for k in range(OUT_COLUMNS):
        kept[k] = reading[k]
    kept[SENSOR], kept[STATUS] = i, got
    turn_back(kept, BORESIGHT, flight.rate, reading[_AGE])
    for k in range(3):
        kept[LEVER + k] = given.sensors[i, MOUNT + k] - given.believed.body[IMU_X + k]
    flight.now[at.N_READINGS] += 1.0


@kernel(bare=True, inline=True)
def take_in(i, kind, got, given, flight):
    """Give a measurement of attitude, velocity or place to the filter."""
    now, reading, work = flight.now, flight.reading, flight.work
    verdict, nis = INVALID, math.nan
    if got != VALID:
        pass
    elif kind == STAR_TRACKER:
        nis = star_update(
            flight.nav, flight.covariance, reading, given.software.considered, given.software.noise, work
        )
        verdict = GATED if math.isnan(nis) else TAKEN
    elif kind == VELOCIMETER:
        turn_beams_back(i, given, flight)
        note_arm(reading, given.sensors[i], MOUNT, given.believed.body, IMU_X, flight.rate)
        nis, taken = velocimeter_update(
            flight.nav, flight.covariance, reading, flight.beams, flight.turned, MOON_SPIN_RAD_S,
            flight.acceleration, given.software.gates[0], given.software.considered, given.software.noise,
            work,
        )  # fmt: skip
        verdict = TAKEN if taken > 0 else GATED
    elif kind == TERRAIN_CAMERA:
        nis, taken = camera_update(
            flight.nav, flight.covariance, reading, flight.turned, MOON_SPIN_RAD_S, given.software.gates[1],
            given.software.considered, given.software.noise, work,
        )  # fmt: skip
        verdict = TAKEN if taken >= 2 else GATED
        if taken >= 2:
            flight.figures[at.FIXES] += 1.0
    elif kind == HAZARD_CAMERA:
        verdict = consider_place(given, flight)
    if verdict == TAKEN and not math.isnan(nis):
        now[at.N_NIS_SUM] += nis
        now[at.N_NIS_COUNT] += 1.0
    if flight.marks.shape[0] > now[at.N_MARKS]:
        keep_measurement(flight.marks, now, i, got, verdict, nis)
        row = int(now[at.N_MARKS]) - 1
        flight.marks[row, 4] = reading[0]


@kernel(bare=True, inline=True)
def turn_beams_back(i, given, flight):
    """Write the velocimeter's beams as they lie now."""
    beams = flight.beams
    for b in range(4):
        for k in range(3):
            beams[b, k] = given.sensors[i, BEAM + 3 * b + k]
        turn_back(beams[b], 0, flight.rate, flight.reading[_BEAM_AGE])


@kernel(bare=True, inline=True)
def consider_place(given, flight):
    """Divert to the place that the hazard camera advises, if guidance can; return the verdict."""
    east_m, north_m = flight.reading[0], flight.reading[1]
    verdict = TAKEN
    # A place a metre away is the one aimed at; one out of reach is refused.
    if east_m * east_m + north_m * north_m > 1.0:
        answer = divert_on(flight.memory, flight.estimate, given.lander, given.aim, east_m, north_m)
        verdict = TAKEN if answer == ACCEPTED else GATED
    return verdict


@kernel(bare=True)
def turn_back(vector, first, rate, age_s):
    """Turn a body direction vector[first:first+3] into the body axes of now, `age_s` after it was sampled.

    A craft that turns by 5 deg/s turns a beam by half a degree in 0.1 s: 1.6 m/s of a speed of 200 m/s.
    """
    x, y, z = -rate[0] * age_s, -rate[1] * age_s, -rate[2] * age_s
    a, b, c = vector[first], vector[first + 1], vector[first + 2]
    da, db, dc = y * c - z * b, z * a - x * c, x * b - y * a
    vector[first] = a + da + 0.5 * (y * dc - z * db)
    vector[first + 1] = b + db + 0.5 * (z * da - x * dc)
    vector[first + 2] = c + dc + 0.5 * (x * db - y * da)
