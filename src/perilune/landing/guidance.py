"""Where the guidance aims: the gates between its phases, and the first steering of the braking burn.

Braking steers by the linear-tangent law, with thrust fraction and time to go corrected every second by a
predictor; the approach flies Apollo's quadratic law from the gate to the low gate; the last metres are a
vertical descent whose speed shrinks with height. `_kernels_guidance` holds the laws, this module their
targets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_MOON_M3_S2, MOON_SPIN_RAD_S
from perilune.landing import _kernels_braking as kernels
from perilune.landing.optimal import MinimumFuelDescent
from perilune.landing.software.laws import TERMINAL_LAWS, law_code
from perilune.landing.vehicle import Lander

FloatArray = NDArray[np.float64]

MEMORY_SIZE = 104


@dataclass(frozen=True, slots=True)
class GuidanceSettings:
    """The choices of the guidance; the defaults land.

    `ignition_fraction` is the share of full thrust at which braking is planned: what is left steers out
    dispersions.
    """

    ignition_fraction: float = 0.96
    gate_thrust_fraction: float = 0.90
    approach_duration_s: float = 45.0
    upward_share: float = 0.4
    low_gate_height_m: float = 30.0
    low_gate_speed_m_s: float = 2.5
    touchdown_speed_m_s: float = 1.0
    terminal_tilt_rad: float = math.radians(12.0)
    law: str = "apollo-quadratic"
    terminal_law: str = "site-hold"
    exponents: tuple[float, float] = (1.0, 2.0)  # of the fractional polynomial; these are Apollo's
    time_price_m2_s4: float = 0.0  # D'Souza's Gamma: what a second costs, beside half the square of thrust
    terminal_time_s: float = 1.5  # s, assumed: velocity null at the rate of Apollo's P66 (P65: 10 s)
    approach_tilt_rad: float = 1.4
    divert_heights_m: tuple[float, float] = (50.0, 300.0)  # m, assumed; SLIM avoids hazards from 50 m

    @property
    def after_gate_s(self) -> float:
        """Return how long approach and terminal descent take as planned, in s."""
        slope = (self.low_gate_speed_m_s - self.touchdown_speed_m_s) / self.low_gate_height_m
        return self.approach_duration_s + math.log(self.low_gate_speed_m_s / self.touchdown_speed_m_s) / slope


@dataclass(frozen=True, slots=True)
class Gate:
    """Where braking ends and the approach begins, relative to the site and the ground."""

    height_m: float
    distance_m: float
    horizontal_speed_m_s: float
    descent_speed_m_s: float
    duration_s: float
    net_up_m_s2: float


def approach_gate(
    lander: Lander, mass_kg: float, gravity_m_s2: float, settings: GuidanceSettings
) -> Gate | None:
    """Return the gate from which the approach needs `gate_thrust_fraction` of full thrust at first, then
    less.

    The net acceleration upwards is constant, the horizontal one falls linearly to zero at the low gate, so
    that the lander comes upright. None where the thrust does not carry the lander.
    """
    available = settings.gate_thrust_fraction * lander.propulsion.thrust_n / mass_kg
    if available <= 1.05 * gravity_m_s2:
        return None
    t = settings.approach_duration_s
    net_up = settings.upward_share * (available - gravity_m_s2)
    backwards = math.sqrt(available**2 - (gravity_m_s2 + net_up) ** 2)
    horizontal_speed = 0.5 * backwards * t
    return Gate(
        height_m=settings.low_gate_height_m + settings.low_gate_speed_m_s * t + 0.5 * net_up * t * t,
        distance_m=horizontal_speed * t / 3.0,
        horizontal_speed_m_s=horizontal_speed,
        descent_speed_m_s=settings.low_gate_speed_m_s + net_up * t,
        duration_s=t,
        net_up_m_s2=net_up,
    )


def aim_table(
    site_m: FloatArray, gate: Gate, settings: GuidanceSettings, latest_ignition_s: float
) -> FloatArray:
    """Return the targets row of the kernels for a site in mean-Earth axes (m)."""
    return np.array(
        [
            *site_m,
            GM_MOON_M3_S2,
            MOON_SPIN_RAD_S,
            gate.height_m,
            gate.distance_m,
            gate.horizontal_speed_m_s,
            gate.descent_speed_m_s,
            gate.duration_s,
            settings.low_gate_height_m,
            settings.low_gate_speed_m_s,
            gate.net_up_m_s2,
            settings.touchdown_speed_m_s,
            settings.ignition_fraction,
            settings.terminal_tilt_rad,
            latest_ignition_s,
            law_code(settings.law),
            *settings.exponents,
            settings.time_price_m2_s4,
            law_code(settings.terminal_law, TERMINAL_LAWS),
            settings.terminal_time_s,
            settings.approach_tilt_rad,
            *settings.divert_heights_m,
        ]
    )


def first_memory(
    estimate: FloatArray, site_m: FloatArray, ideal: MinimumFuelDescent, settings: GuidanceSettings
) -> FloatArray:
    """Return the memory before ignition: the steering's axes, and a guess of it from the optimum."""
    up = estimate[:3] / np.linalg.norm(estimate[:3])
    back = -(estimate[3:6] - estimate[3:6] @ up * up)
    back /= np.linalg.norm(back)
    site_up = site_m / np.linalg.norm(site_m)
    ahead = site_m - estimate[:3]
    ahead = ahead - ahead @ site_up * site_up
    start = math.tan(ideal.elevation_start_rad)
    end = math.tan(min(ideal.elevation_end_rad + ideal.downrange_rad, 1.4))
    memory = np.zeros(MEMORY_SIZE)
    memory[1] = estimate[8]
    memory[2:8] = (
        start,
        0.0,
        (end - start) / ideal.duration_s,
        0.0,
        ideal.duration_s,
        settings.ignition_fraction,
    )
    memory[8] = estimate[8]
    memory[9:12], memory[12:15], memory[15:18] = back, up, np.cross(back, up)
    memory[18:21] = ahead / np.linalg.norm(ahead)
    memory[22] = 1.0
    return memory


def solve_steering(memory: FloatArray, estimate: FloatArray, lander: Lander, aim: FloatArray) -> float:
    """Solve the steering in place as if ignition were now; return the predictor's miss (km-scaled)."""
    kernels.solve_steering(memory, estimate, lander.table(), aim, 60, False)
    return float(memory[21])
