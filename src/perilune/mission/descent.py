"""Between a mission and its descent: the lander that its vehicle is, and what its landing delivers."""

from __future__ import annotations

import math

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.landing.guidance import GuidanceSettings
from perilune.landing.simulate import DescentHistory as FlownDescent
from perilune.landing.simulate import Landing, TouchdownLimits
from perilune.landing.vehicle import Lander, LanderPropulsion
from perilune.mission.delivery import Array, DescentHistory, LandingResult, Leg, Manoeuvre
from perilune.mission.schema import Mission
from perilune.world import ephemeris
from perilune.world.frames import MOON_ICRF, Axes, rotation


def lander(mission: Mission) -> Lander:
    """Return the mission's vehicle as the descent takes it; dry, payload and unusable rest stay."""
    vehicle = mission.spacecraft
    engines = vehicle.propulsion()
    return Lander(
        vehicle.name,
        LanderPropulsion(
            main_thrust_n=engines.main_thrust_n,
            main_isp_s=engines.main_isp_s,
            main_throttle_min=engines.main_min_throttle,
            assist_thrust_n=engines.assist_thrust_n,
            assist_isp_s=engines.assist_isp_s,
            assist_throttle_min=engines.assist_min_throttle,
            attitude_rate_rad_s=engines.attitude_rate_rad_s,
            attitude_lag_s=engines.attitude_lag_s,
            rcs_flow_kg_s=engines.attitude_flow_kg_s,
        ),
        empty_mass_kg=vehicle.require("dry_mass") + mission.payload_mass_kg + engines.residual_kg,
    )


def guidance_settings(mission: Mission) -> GuidanceSettings:
    """Return the settings of a mission's guidance as the descent takes them."""
    return GuidanceSettings(**mission.guidance.model_dump(exclude={"perilune_altitude_m"}))


def touchdown_limits(mission: Mission) -> TouchdownLimits:
    """Return what counts as a landing, as the descent's judge takes it."""
    wish = mission.success
    return TouchdownLimits(
        wish.vertical_speed_m_s,
        wish.horizontal_speed_m_s,
        wish.tilt_rad,
        wish.hard_vertical_speed_m_s,
        wish.hard_horizontal_speed_m_s,
        wish.hard_tilt_rad,
    )


def landing_result(landing: Landing) -> LandingResult:
    """Return the landing's figures, with Earth and Sun as they stand over the place of touchdown."""
    if landing.epoch is None:
        return LandingResult(landing.outcome.value)
    view = {
        body: elevation_rad(body, landing.latitude_rad, landing.longitude_rad, landing.epoch)
        for body in ("earth", "sun")
    }
    return LandingResult(
        outcome=landing.outcome.value,
        epoch=landing.epoch,
        latitude_rad=landing.latitude_rad,
        longitude_rad=landing.longitude_rad,
        miss_distance_m=landing.miss_distance_m,
        vertical_speed_m_s=landing.vertical_speed_m_s,
        horizontal_speed_m_s=landing.horizontal_speed_m_s,
        tilt_rad=landing.tilt_rad,
        propellant_left_kg=landing.propellant_left_kg,
        dv_m_s=landing.dv_m_s,
        dv_ideal_m_s=landing.dv_ideal_m_s,
        powered_start_epoch=landing.pdi_epoch,
        earth_elevation_rad=view["earth"],
        sun_elevation_rad=view["sun"],
    )


def elevation_rad(body: str, latitude_rad: float, longitude_rad: float, epoch: Epoch) -> float:
    """Return a body's elevation above the level horizon of a place on the Moon (mean Earth axes).

    >>> at = Epoch.utc("2025-06-05T19:17:00")
    >>> round(math.degrees(elevation_rad("earth", math.radians(60.5), math.radians(-4.6), at)))
    31
    """
    up = np.array(
        [
            math.cos(latitude_rad) * math.cos(longitude_rad),
            math.cos(latitude_rad) * math.sin(longitude_rad),
            math.sin(latitude_rad),
        ]
    )
    towards = rotation(Axes.ICRF, Axes.MOON_ME, epoch) @ ephemeris.position(body, "moon", epoch)
    from_place = towards - up * MOON_RADIUS_M
    return math.asin(float(up @ from_place) / float(np.linalg.norm(from_place)))


def descent_history(landing: Landing) -> DescentHistory | None:
    """Return the powered descent as the report draws it; vertical speed is positive upwards."""
    flown = landing.history
    if flown is None:
        return None
    return DescentHistory(
        base=flown.base,
        time_s=flown.time_s,
        altitude_m=flown.height_m,
        elevation_m=flown.altitude_m - flown.height_m,
        to_go_m=flown.downrange_m,
        vertical_speed_m_s=-flown.descent_speed_m_s,
        horizontal_speed_m_s=flown.horizontal_speed_m_s,
        mass_kg=flown.mass_kg,
        throttle=flown.thrust_n / max(float(flown.thrust_n.max()), 1e-9),
        pitch_rad=flown.pitch_rad,
        phase=flown.phase,
    )


def descent_legs(landing: Landing) -> tuple[Leg, ...]:
    """Return the way from the deorbit burn to the ground: burn, coast, powered descent."""
    legs = []
    if landing.deorbit is not None:
        burn = landing.deorbit
        states = np.stack([burn.state.vector, burn.final.vector])
        legs.append(_leg("Deorbit burn", burn.epoch, np.array([0.0, burn.final.epoch - burn.epoch]), states))
    if landing.coast is not None:
        legs.append(coast_leg("Coast to braking", "descent", landing.coast))
    if landing.history is not None:
        legs.append(_powered_leg(landing.history))
    return tuple(legs)


def _powered_leg(flown: FlownDescent) -> Leg:
    return _leg(
        "Powered descent", flown.base, flown.time_s, np.hstack([flown.position_m, flown.velocity_m_s])
    )


def _leg(name: str, base: Epoch, time_s: Array, states: Array) -> Leg:
    return Leg(name, "descent", MOON_ICRF, base, time_s, states[:, :3], states[:, 3:])


def coast_leg(name: str, phase: str, arc: Trajectory, step_s: float = math.inf) -> Leg:
    """Return an arc as a leg: all accepted steps, and states between where they are wider than `step_s`."""
    nodes = arc.nodes()
    time_s = np.sort(nodes[:, 0])
    if math.isfinite(step_s):
        counts = np.maximum(1, np.ceil(np.diff(time_s) / step_s)).astype(int)
        pieces = [
            np.linspace(a, b, n, endpoint=False) for a, b, n in zip(time_s, time_s[1:], counts, strict=False)
        ]
        time_s = np.concatenate([*pieces, time_s[-1:]])
    states = arc.states(time_s)
    return Leg(name, phase, arc.frame, arc.base, time_s, states[:, :3], states[:, 3:])


def descent_manoeuvres(landing: Landing, mass_before_kg: float) -> tuple[Manoeuvre, ...]:
    """Return the deorbit burn and the phases of the powered descent as manoeuvres, from the mass before."""
    burns = []
    mass_kg = mass_before_kg
    if landing.deorbit is not None:
        burn = landing.deorbit
        burns.append(
            Manoeuvre(
                "Deorbit", "descent", burn.epoch, burn.dv_m_s, burn.duration_s, burn.propellant_kg, mass_kg
            )
        )
        mass_kg = burn.final_mass_kg
    for phase in landing.phases:
        if phase.dv_m_s > 0.0:
            name = f"Descent, {phase.name}"
            figures = (phase.dv_m_s, phase.duration_s, phase.propellant_kg)
            burns.append(Manoeuvre(name, "descent", phase.epoch, *figures, mass_kg))
        mass_kg -= phase.propellant_kg
    return tuple(burns)
