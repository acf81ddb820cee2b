"""How far a sensor reaches before anything is flown: the range at which its returns come with a given
chance."""

from __future__ import annotations

import math

from scipy.special import ndtri

from perilune.landing.sensing import suite
from perilune.landing.sensing.suite import Laser, Radar


def laser_reach_m(
    laser: Laser,
    *,
    chance: float = 0.9,
    incidence_rad: float = 0.0,
    closing_m_s: float = 0.0,
    energy: float = 1.0,
) -> float:
    """Return the range (m) up to which a pulse comes back with a chance, from the laser's own link budget.

    `energy` is the share of the nominal return (albedo and laser power). Inverse of `detection` and
    `chance` in the kernel: N / sqrt(N + noise^2) over the smear must be the threshold plus the chance's
    normal quantile.

    >>> round(laser_reach_m(Laser(integration_s=0.0), chance=0.5))
    10000
    """
    smear = closing_m_s * laser.integration_s / laser.bin_m
    wanted = (laser.threshold + float(ndtri(chance))) * math.sqrt(1.0 + smear * smear)
    if wanted <= 0.0:
        return laser.greatest_range_m
    electrons = 0.5 * (wanted**2 + wanted * math.sqrt(wanted**2 + 4.0 * laser.noise_electrons**2))
    at_1000_m = suite.reference_electrons(laser) * laser.albedo * energy * math.cos(incidence_rad)
    return min(1000.0 * math.sqrt(max(at_1000_m, 0.0) / electrons), laser.greatest_range_m)


def first_height_m(sensor: Laser | Radar, *, tilt_rad: float = 0.0, closing_m_s: float = 0.0) -> float:
    """Return the height (m) over level ground from which nine ranges of ten come, thrust tilted towards the
    horizon by an angle (the boresight is canted the other way).
    """
    off_rad = abs(tilt_rad - sensor.cant_rad)
    if isinstance(sensor, Radar):
        off_rad = max(off_rad - sensor.half_angle_rad, 0.0)
        return sensor.greatest_range_m * math.cos(off_rad)
    reach_m = laser_reach_m(
        sensor, incidence_rad=off_rad, closing_m_s=closing_m_s * math.cos(off_rad), energy=1.0
    )
    return reach_m * math.cos(off_rad)
