"""The altimeter's deadline: from which height a lander that learns it only now can still stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.maths.arrays import FloatArray

#: From a first valid range to full thrust upwards, s, assumed: filter, turn to the vertical, engine lag.
REACTION_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A descent as it will be flown, in order of time; arrays (n,).

    Heights over the ground, speeds over the ground (`descent_m_s` positive downwards), mass. `to_go_m` is
    the distance to the site along the ground.
    """

    time_s: FloatArray
    height_m: FloatArray
    to_go_m: FloatArray
    descent_m_s: FloatArray
    horizontal_m_s: FloatArray
    mass_kg: FloatArray


@dataclass(frozen=True, slots=True)
class Acquisition:
    """A first valid range at a height, on a profile flown to the believed height.

    `needed_m` is what a full stop takes with the profile's speeds there; `error_m` by how much the estimate
    may lie too high for the stop to be possible all the same (the profile is then flown that much too low,
    and so too fast): 0 where not even a right estimate leaves enough, infinite where every error does.
    """

    height_m: float
    descent_m_s: float
    horizontal_m_s: float
    needed_m: float
    error_m: float


def stopping_height_m(
    descent_m_s: float,
    thrust_m_s2: float,
    gravity_m_s2: float,
    *,
    horizontal_m_s: float = 0.0,
    reaction_s: float = REACTION_S,
) -> float:
    """Return the height (m) that a stop takes under full thrust (m/s^2), and the way until the thrust is up.

    Straight down it is v^2 / 2 (a - g). With speed sideways the thrust is held in the direction that ends
    both at once: (v_h / T)^2 + (v_d / T + g)^2 = a^2 gives the time T, and half of v_d T the height. What
    can not hover never stops.

    >>> round(stopping_height_m(66.0, 3.47, 1.62, reaction_s=0.0))
    1177
    """
    if descent_m_s <= 0.0:
        return 0.0
    if thrust_m_s2 <= gravity_m_s2:
        return math.inf
    square = descent_m_s**2 + horizontal_m_s**2
    fall = gravity_m_s2 * descent_m_s
    inverse_s = (math.sqrt(fall**2 + square * (thrust_m_s2**2 - gravity_m_s2**2)) - fall) / square
    return 0.5 * descent_m_s / inverse_s + descent_m_s * reaction_s


def needed_heights_m(
    profile: Profile, thrust_n: float, gravity_m_s2: float, reaction_s: float = REACTION_S
) -> FloatArray:
    """Return the height (n,) that a full stop takes from each point of a profile (m)."""
    return np.array(
        [
            stopping_height_m(
                down, thrust_n / mass_kg, gravity_m_s2, horizontal_m_s=aside, reaction_s=reaction_s
            )
            for down, aside, mass_kg in zip(
                profile.descent_m_s.tolist(),
                profile.horizontal_m_s.tolist(),
                profile.mass_kg.tolist(),
                strict=True,
            )
        ]
    )


def acquisitions(
    profile: Profile,
    heights_m: Sequence[float],
    thrust_n: float,
    gravity_m_s2: float,
    reaction_s: float = REACTION_S,
) -> tuple[Acquisition, ...]:
    """Return what a first valid range at each height would still allow."""
    needed = needed_heights_m(profile, thrust_n, gravity_m_s2, reaction_s)
    return tuple(_acquisition(at_m, profile, needed) for at_m in heights_m)


def deadline_m(profile: Profile, needed_m: FloatArray, error_m: float) -> float:
    """Return the height (m) down to which a first valid range still leaves a stop; 0 where any does.

    The estimate is too high by `error_m`; `needed_m` (n,) is what a stop takes along the profile.
    """
    left_m = profile.height_m - error_m
    late = np.flatnonzero((needed_m > left_m) & (left_m > 0.0))
    return float(left_m[late[0]]) if len(late) else 0.0


def _acquisition(at_m: float, profile: Profile, needed: FloatArray) -> Acquisition:
    down, aside, here = (
        at_height(profile, values, at_m) for values in (profile.descent_m_s, profile.horizontal_m_s, needed)
    )
    error_m = 0.0
    if here <= at_m:
        # Flown too low by an error, the lander has the speeds of the height it believes to be at.
        late = np.flatnonzero((profile.height_m > at_m) & (needed > at_m))
        error_m = float(profile.height_m[late[-1]]) - at_m if len(late) else math.inf
    return Acquisition(at_m, down, aside, here, error_m)


def at_height(profile: Profile, values: FloatArray, height_m: float) -> float:
    """Return a figure of the profile where it last comes down through a height."""
    above = np.flatnonzero(profile.height_m > height_m)
    if not len(above):
        return float(values[0])
    k = int(above[-1])
    if k + 1 == len(values):
        return float(values[k])
    share = float((profile.height_m[k] - height_m) / (profile.height_m[k] - profile.height_m[k + 1]))
    return float(values[k] + share * (values[k + 1] - values[k]))


def net_between_m_s2(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the net deceleration (m/s^2) that two pairs of height (m) and descent speed (m/s) tell.

    Of Mission 2 are told 66 m/s at 893 m and 42 m/s at 192 m; at that rate the stop takes 1,178 m:

    >>> net = net_between_m_s2((893.0, 66.0), (192.0, 42.0))
    >>> round(net, 2), round(stopping_height_m(66.0, net, 0.0, reaction_s=0.0))
    (1.85, 1178)
    """
    return (first[1] ** 2 - second[1] ** 2) / (2.0 * (first[0] - second[0]))
