"""A landing as the closed loop leaves it, made up here: what the report's tests need and no flight.

The lander comes from the south over a rim 3.2 km high, 65 km before the site; a laser range finder measures
from 14 km on, and the policy isolates it when the floor falls away. The motion is a curve, not a solution.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.loop.rows import COLUMNS, LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.report.landing_maps import reliefs
from perilune.report.relief import direction, towards
from perilune.report.replay import Facts, Replay

SITE = math.radians(47.5), math.radians(44.4)
SENSORS = (("lrf", "laser"), ("imu", "imu"), ("doppler", "velocimeter"), ("tracker", "star-tracker"))
RIM_M, FLOOR_M = 60.0, -3140.0
END_S, DRY_S, FALL_S = 780.0, 708.0, 72.0


def along_track(x_m):
    """The ground under the track by distance before the site: a rim, then the floor."""
    step = 0.5 + 0.5 * np.tanh((np.asarray(x_m) + 65e3) / 1600.0)
    return RIM_M + (FLOOR_M - RIM_M) * step


def plane():
    north = direction(math.radians(47.5) + 1e-3, SITE[1])
    return towards(direction(*SITE), north - direction(*SITE))


def elevation(directions):
    x_m, y_m = plane().metres(directions)
    craters = 40.0 * np.sin(x_m / 2100.0) * np.sin(y_m / 1700.0)
    return along_track(x_m) + craters * (np.abs(x_m) > 8e3)


@cache
def replay(policy: str = "latch") -> Replay:
    rng = np.random.default_rng(1)
    t = np.arange(0.0, END_S + 0.05, 0.1)
    part = np.clip(t / DRY_S, 0.0, 1.0)
    x = -720e3 * (1.0 - part) ** 2.1 - 200.0
    believed_altitude = FLOOR_M + 3200.0 + 22e3 * (1.0 - part) ** 1.35
    fall = np.where(t > DRY_S, 0.5 * 1.62 * (t - DRY_S) ** 2, 0.0)
    altitude = np.maximum(believed_altitude - fall, along_track(x))
    estimated = FLOOR_M + np.maximum(believed_altitude - FLOOR_M - 3200.0, 0.0)
    if policy != "latch":
        estimated = altitude + 3.0 * np.exp(-t / 300.0)
    ground = elevation(plane().directions(x, 0.0 * x))
    height = np.maximum(altitude - ground, 0.0)
    directions = plane().directions(x, 0.0 * x)
    columns = dict.fromkeys(LOG_COLUMNS, np.zeros_like(t))
    columns |= {"t_s": t, "to_go_m": -x, "true_ground_m": ground, "true_height_m": height}
    columns["height_m"] = np.maximum(estimated - FLOOR_M, 0.0)
    for i, axis in enumerate("xyz"):
        columns[f"true_position_{axis}_m"] = (MOON_RADIUS_M + altitude) * directions[:, i]
        columns[f"position_{axis}_m"] = (MOON_RADIUS_M + estimated) * directions[:, i]
        for kind in ("true_velocity", "velocity"):
            place = "true_position" if kind.startswith("true") else "position"
            columns[f"{kind}_{axis}_m_s"] = np.gradient(columns[f"{place}_{axis}_m"], t)
        columns[f"sigma_attitude_{axis}_rad"] = 2e-4 + 1e-7 * t
    columns["true_latitude_rad"] = np.arcsin(directions[:, 2])
    columns["true_longitude_rad"] = np.arctan2(directions[:, 1], directions[:, 0])
    columns["true_climb_m_s"] = np.gradient(altitude, t)
    columns["climb_m_s"] = np.gradient(estimated, t)
    columns["true_ground_speed_m_s"] = columns["ground_speed_m_s"] = np.gradient(x, t)
    angle = 0.5 * np.radians(80.0) * (1.0 - part)
    columns["true_q0"], columns["true_q1"] = np.cos(angle), np.sin(angle)
    off = angle + 1e-4 * np.sin(t / 40.0)
    columns["q0"], columns["q1"] = np.cos(off), np.sin(off)
    columns["true_rate_x_rad_s"] = np.gradient(2.0 * angle, t)
    columns["sigma_height_m"] = 100.0 * np.exp(-t / 200.0) + 1.0
    columns["phase"] = np.digitize(t, [40.0, 560.0, 660.0]).astype(float)
    columns["main_throttle"] = ((t > 40.0) & (t < DRY_S)).astype(float)
    columns["assist_throttle"] = np.where((t > 40.0) & (t < DRY_S), 0.3 + 0.2 * np.sin(t / 50.0), 0.0)
    columns["main_propellant_kg"] = 400.0 * np.clip(1.0 - t / DRY_S, 0.0, 1.0)
    columns["rcs_propellant_kg"] = 10.0 - t / 200.0
    columns["mass_kg"] = columns["believed_mass_kg"] = 375.0 + columns["main_propellant_kg"]
    columns["nees"] = rng.chisquare(9, len(t))
    measured = _measurements(rng, policy, t, columns)
    facts = Facts(
        "Mission 1 as flown", "RESILIENCE", policy, 7, 12,
        "propellant_exhausted" if policy == "latch" else "landed",
        "altimeter isolated" if policy == "latch" else "none",
        "2023-04-25T16:28:15.000", "Atlas", *SITE, FLOOR_M, SENSORS,
        ("coast", "braking", "approach", "terminal"),
        ("none", "accepted", "rejected by gate", "isolated", "used to re-acquire", "not in use", "invalid"),
        ("nothing", "valid", "invalid"), 1625.0, 375.0,
        {"vertical_m_s": 2.0, "horizontal_m_s": 0.5, "tilt_rad": math.radians(5.0)},
        ("lrf: none",) if policy == "none" else (),
        "0123abcd", "0.1.0", "perilune land missions/m1-as-flown.toml --policy latch --seed 7 --run 12",
    )  # fmt: skip
    return Replay(facts, _row(policy, columns, measured), columns, measured,
                  reliefs(columns, *SITE, elevation))  # fmt: skip


def _measurements(rng, policy, t, columns):
    rows = []
    isolated_s = math.inf
    for i in range(0, len(t), 2):
        true = columns["true_height_m"][i]
        if true > 14e3 or t[i] >= END_S:
            continue
        value = true + 2.0 * rng.standard_normal()
        residual = value - columns["height_m"][i]
        verdict = 1.0
        if rng.random() < 0.01:
            value, residual, verdict = 0.0, math.nan, 6.0
        elif policy == "latch" and abs(residual) > 30.0:
            isolated_s = min(isolated_s, t[i] + 2.0)
            verdict = 2.0 if t[i] < isolated_s else 3.0
        rows.append([t[i], 0.0, 2.0 if verdict == 6.0 else 1.0, verdict, value, value - residual, residual,
                     4.0, true, 0.02, true, (residual / 4.0) ** 2])  # fmt: skip
    for i in range(0, len(t), 5):
        for sensor, sigma in ((2.0, 0.1), (3.0, 1e-4)):
            if sensor == 3.0 or columns["true_height_m"][i] < 5000.0:
                error = sigma * rng.standard_normal()
                residual = math.nan if sensor == 3.0 else error
                rows.append([t[i], sensor, 1.0, 1.0, error, 0.0, residual, sigma, 0.0, 0.1, math.nan,
                             (error / sigma) ** 2])  # fmt: skip
    table = np.array(sorted(rows, key=lambda row: (row[0], row[1])))
    return {name: table[:, k] for k, name in enumerate(MEASUREMENT_COLUMNS)}


def _row(policy, columns, measured):
    row = dict.fromkeys(COLUMNS, math.nan)
    lrf = measured["sensor"] == 0.0
    first = int(np.flatnonzero(lrf)[0])
    i = int(measured["t_s"][first] * 10.0)
    row |= {
        "run": 12.0, "outcome": 3.0, "first_cause": 1.0, "ignition_s": 40.0, "end_s": END_S,
        "latitude_rad": columns["true_latitude_rad"][-1], "longitude_rad": columns["true_longitude_rad"][-1],
        "miss_m": 200.0, "downrange_miss_m": -200.0, "crossrange_miss_m": 3.0,
        "horizontal_m_s": 0.4, "tilt_rad": 0.02, "rate_rad_s": 0.001,
        "height_error_m": columns["height_m"][-1] - columns["true_height_m"][-1],
        "worst_height_error_m": float(np.abs(columns["height_m"] - columns["true_height_m"]).max()),
        "dv_m_s": 2050.0, "propellant_kg": 0.0,
        "valid_height_m": columns["true_height_m"][i], "valid_speed_m_s": 90.0,
        "acquired_height_m": columns["true_height_m"][i], "acquired_speed_m_s": 90.0,
        "rejected": float(np.sum(measured["verdict"] == 2.0)), "longest_rejection_s": 2.0,
        "input:knowledge_up": 31.5, "input:main_thrust": -0.004,
    }  # fmt: skip
    if policy == "latch":
        row |= {"vertical_m_s": 1.62 * FALL_S, "dry_s": DRY_S, "dry_height_m": 0.5 * 1.62 * FALL_S**2,
                "free_fall_s": FALL_S, "zero_height_m": 3900.0}  # fmt: skip
    else:
        row |= {"vertical_m_s": 1.1, "outcome": 0.0, "first_cause": 0.0, "propellant_kg": 12.0}
    return row
