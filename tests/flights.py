"""A flight made by hand for tests of what comes after flying: shapes are right in kind, not in dynamics."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from perilune.constants import GM_EARTH_M3_S2, GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.mission.delivery import (
    BudgetRow,
    Delivery,
    DescentHistory,
    Flyby,
    Injection,
    InsertionResult,
    LandingResult,
    Leg,
    LunarOrbitResult,
    Manoeuvre,
    OrbitState,
    Outcome,
    Provenance,
    Transfer,
)
from perilune.mission.load import load
from perilune.mission.log import flight_log
from perilune.operations.milestones import assess
from perilune.world.frames import EARTH_ICRF, MOON_ICRF

M2 = Path(__file__).resolve().parents[1] / "missions" / "m2.toml"

INJECTION = Epoch.utc("2025-01-15T07:40:00")
FLYBY = Epoch.utc("2025-02-14T22:44:10")
FARTHEST = Epoch.utc("2025-03-20T04:00:00")
INSERTION = Epoch.utc("2025-05-06T20:41:20")
CIRCULAR = Epoch.utc("2025-05-27T21:00:00")
BRAKING = Epoch.utc("2025-06-05T19:04:30")
TOUCHDOWN = Epoch.utc("2025-06-05T19:16:40")


def ellipse(
    base: Epoch, low_m: float, high_m: float, gm: float, span_s: float, count: int, turn: float = 0.0
):
    """Return times, positions and velocities on a Kepler ellipse, uniform in eccentric anomaly."""
    a, e = 0.5 * (low_m + high_m), (high_m - low_m) / (high_m + low_m)
    n = math.sqrt(gm / a**3)
    anomaly = np.linspace(0.0, span_s * n, count)
    time_s = (anomaly - e * np.sin(anomaly)) / n
    b = a * math.sqrt(1.0 - e * e)
    rate = n / (1.0 - e * np.cos(anomaly))
    x, y = a * (np.cos(anomaly) - e), b * np.sin(anomaly)
    vx, vy = -a * np.sin(anomaly) * rate, b * np.cos(anomaly) * rate
    c, s = math.cos(turn), math.sin(turn)
    axes = np.array([[c, s * 0.3, s * 0.95], [-s, c * 0.3, c * 0.95]])
    return time_s, np.stack([x, y], 1) @ axes, np.stack([vx, vy], 1) @ axes


def legs() -> tuple[Leg, ...]:
    first = ellipse(INJECTION, 6.56e6, 4.7e8, GM_EARTH_M3_S2, 30.6 * 86400.0, 1600, turn=2.0)
    inside = first[0] <= FLYBY - INJECTION
    phasing = Leg("Phasing", "phasing", EARTH_ICRF, INJECTION, *(part[inside] for part in first))
    second = ellipse(FLYBY, 3.8e8, 1.09e9, GM_EARTH_M3_S2, 90.0 * 86400.0, 900, turn=0.6)
    inside = second[0] <= INSERTION - FLYBY
    cruise = Leg("Transfer", "transfer", EARTH_ICRF, FLYBY, *(part[inside] for part in second))
    low, high, circle = MOON_RADIUS_M + 70e3, MOON_RADIUS_M + 5800e3, MOON_RADIUS_M + 100e3
    capture = Leg(
        "Capture orbit",
        "capture",
        MOON_ICRF,
        INSERTION,
        *ellipse(INSERTION, low, high, GM_MOON_M3_S2, 1.8e6, 3000),
    )
    kept = ellipse(CIRCULAR, circle - 15e3, circle + 12e3, GM_MOON_M3_S2, BRAKING - CIRCULAR, 6000)
    orbit = Leg("Low lunar orbit", "lunar_orbit", MOON_ICRF, CIRCULAR, *kept)
    down = ellipse(BRAKING, MOON_RADIUS_M, circle, GM_MOON_M3_S2, TOUCHDOWN - BRAKING, 400)
    descent = Leg("Descent", "descent", MOON_ICRF, BRAKING, *down)
    return phasing, cruise, capture, orbit, descent


def manoeuvres() -> tuple[Manoeuvre, ...]:
    rows = (
        ("DSM-1", "deep_space", INJECTION + 9.9 * 86400.0, 18.1, 425.0, 320.0, 1000.0),
        ("DSM-2", "deep_space", INJECTION + 15.0 * 86400.0, 12.3, 425.0, 320.0, 994.2),
        ("LOI", "insertion", INSERTION + -270.0, 241.3, 425.0, 320.0, 990.3),
        ("LOM-1", "lunar_orbit", INSERTION + 7.0 * 86400.0, 210.0, 425.0, 320.0, 917.0),
        ("LOM-2", "lunar_orbit", CIRCULAR + -600.0, 232.0, 425.0, 320.0, 857.6),
        ("Deorbit", "descent", BRAKING + -3000.0, 18.6, 425.0, 320.0, 796.4),
        ("Braking", "descent", BRAKING, 1790.0, 1625.0, 297.3, 791.7),
    )
    burns = []
    for name, phase, start, dv, thrust, isp, mass in rows:
        spent = mass * (1.0 - math.exp(-dv / (isp * 9.80665)))
        length = spent * isp * 9.80665 / thrust
        burns.append(Manoeuvre(name, phase, start, dv, length, spent, mass, thrust, isp, "retrograde"))
    return tuple(burns)


def descent_history() -> DescentHistory:
    time_s = np.linspace(0.0, TOUCHDOWN - BRAKING, 731)
    share = time_s / time_s[-1]
    horizontal = 1690.0 * (1.0 - share) ** 0.9
    altitude = 18e3 * (1.0 - share) ** 1.3
    way = np.concatenate([[0.0], np.cumsum(0.5 * (horizontal[1:] + horizontal[:-1]) * np.diff(time_s))])
    phase = tuple("braking" if s < 0.85 else "approach" if s < 0.95 else "terminal" for s in share)
    return DescentHistory(
        base=BRAKING,
        time_s=time_s,
        altitude_m=altitude,
        elevation_m=-2400.0 + 300.0 * np.sin(12.0 * share),
        to_go_m=way[-1] - way,
        vertical_speed_m_s=np.gradient(altitude, time_s),
        horizontal_speed_m_s=horizontal,
        mass_kg=791.7 - 363.0 * share,
        throttle=np.where(share < 0.85, 1.0, 0.62),
        pitch_rad=np.radians(5.0 + 85.0 * share**3),
        phase=phase,
    )


def transfer() -> Transfer:
    burns = manoeuvres()
    return Transfer(
        launch_epoch=Epoch.utc("2025-01-15T06:11:39"),
        injection=Injection(INJECTION, 185e3, math.radians(28.7), -2.1e6, math.radians(0.4)),
        flyby=Flyby(FLYBY, 8412e3, 902.0),
        max_earth_distance_m=1.084e9,
        max_earth_distance_epoch=FARTHEST,
        dv_flyby_to_insertion_m_s=0.0,
        insertion=InsertionResult(INSERTION, 241.3, 520.0, 70.1e3, 5803e3),
        manoeuvres=burns,
        dv_total_m_s=sum(burn.dv_m_s for burn in burns),
        node_mismatch_m=0.2,
        node_mismatch_m_s=2e-4,
    )


def lunar_orbit() -> LunarOrbitResult:
    polar = math.radians(88.0)
    orbits = (
        OrbitState(INSERTION + 300.0, "capture ellipse", 70.1e3, 5803e3, polar),
        OrbitState(CIRCULAR, "circular orbit", 97e3, 103e3, polar),
    )
    return LunarOrbitResult(orbits, CIRCULAR, 82e3, 114e3)


LANDED = LandingResult(
    outcome="landed",
    epoch=TOUCHDOWN,
    latitude_rad=math.radians(60.50002),
    longitude_rad=math.radians(-4.60001),
    miss_distance_m=0.7,
    vertical_speed_m_s=1.21,
    horizontal_speed_m_s=0.08,
    tilt_rad=math.radians(0.6),
    propellant_left_kg=53.1,
    dv_m_s=1790.0,
    dv_ideal_m_s=1722.0,
    powered_start_epoch=BRAKING,
    earth_elevation_rad=math.radians(28.0),
    sun_elevation_rad=math.radians(21.0),
)


def delivery(landing: LandingResult = LANDED, outcome: Outcome = Outcome.LANDED) -> Delivery:
    mission = load(M2)
    flown, kept = transfer(), lunar_orbit()
    budget = tuple(
        BudgetRow(b.name, b.phase, b.dv_m_s, b.propellant_kg, b.mass_before_kg - b.propellant_kg)
        for b in flown.manoeuvres
    )
    return Delivery(
        mission=mission.about.name,
        vehicle=mission.about.vehicle,
        outcome=outcome,
        provenance=Provenance("0.1.0", "0123456789abcdef", 0, {"de440-excerpt": "a1b2c3"}),
        milestones=assess(mission.milestones, flight_log(mission, flown, kept, landing)),
        transfer=flown,
        lunar_orbit=kept,
        landing=landing,
        budget=budget,
        legs=legs(),
        descent=descent_history(),
    )


def crashed() -> Delivery:
    landing = replace(LANDED, outcome="crashed", vertical_speed_m_s=38.0, propellant_left_kg=0.0)
    return delivery(landing, Outcome.CRASHED)
