"""When an orbit passes over a place, and how far beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.dynamics.trajectory import Trajectory
from perilune.epoch import Epoch
from perilune.errors import FrameError
from perilune.landing.surroundings import site_direction_icrf
from perilune.landing.vehicle import Site
from perilune.world.frames import MOON_ICRF

#: Passes are looked for at this spacing: a twentieth of a low orbit's revolution at most.
_SCAN_S = 120.0


@dataclass(frozen=True, slots=True)
class Overflight:
    """The orbit's own pass abeam of a site: `cross_track_m` is positive where the site lies left of the
    track.
    """

    epoch: Epoch
    cross_track_m: float
    northbound: bool


def require_moon_icrf(state: State) -> None:
    """Raise `FrameError` unless a state is Moon-centred with ICRF axes."""
    if state.frame != MOON_ICRF:
        raise FrameError(
            f"The state is centred on {state.frame.centre} with axes {state.frame.axes.name}. "
            "Transform it to MOON_ICRF to plan a descent."
        )


def cross_track_m(state: State, site: Site, epoch: Epoch | None = None) -> float:
    """Return how far a site lies from the plane of a state's orbit at an epoch (default: the state's), in m.

    Positive is left of the motion (towards r x v). The plane is kept as it osculates at the state; give a
    state close to the pass. Of a descent the epoch is its touchdown, about five minutes after the orbit's own
    pass.
    """
    require_moon_icrf(state)
    normal = np.cross(state.position_m, state.velocity_m_s)
    sine = normal @ site_direction_icrf(site, epoch or state.epoch) / np.linalg.norm(normal)
    return MOON_RADIUS_M * math.asin(float(sine))


def overflights(arc: Trajectory, site: Site) -> tuple[Overflight, ...]:
    """Return every pass of an arc abeam of a site, on the site's side of the Moon, in order of time."""
    times = np.arange(0.0, arc.duration_s + 0.5 * _SCAN_S, _SCAN_S)
    times[-1] = arc.duration_s
    ahead = [_ahead(arc, site, float(t)) for t in times]
    return tuple(
        _refine(arc, site, float(times[i]), float(times[i + 1]), ahead[i], ahead[i + 1])
        for i in range(len(times) - 1)
        if ahead[i] > 0.0 >= ahead[i + 1] and abs(ahead[i] - ahead[i + 1]) < math.pi
    )


def next_overflight(
    state: State, site: Site, forces: ForceModel, *, after_s: float = 0.0, within_s: float = 8000.0
) -> Overflight | None:
    """Return the first pass of an uncontrolled orbit over a site, `after_s` to `within_s` after the state.

    None if there is none in that time.
    """
    require_moon_icrf(state)
    arc = propagate(state, within_s, forces)
    passes = [one for one in overflights(arc, site) if one.epoch - state.epoch >= after_s]
    return passes[0] if passes else None


def angle_ahead(state: State, site: Site, epoch: Epoch) -> float:
    """Return the angle along the track from a state to a site at an epoch, -pi to pi, positive ahead."""
    up = state.position_m / np.linalg.norm(state.position_m)
    forward = state.velocity_m_s - state.velocity_m_s @ up * up
    forward /= np.linalg.norm(forward)
    site_up = site_direction_icrf(site, epoch)
    return math.atan2(float(site_up @ forward), float(site_up @ up))


def _ahead(arc: Trajectory, site: Site, t_s: float) -> float:
    state = arc.at(arc.base + t_s)
    return angle_ahead(state, site, state.epoch)


def _refine(arc: Trajectory, site: Site, low: float, high: float, f_low: float, f_high: float) -> Overflight:
    for _ in range(6):
        t = low + (high - low) * f_low / (f_low - f_high)
        f = _ahead(arc, site, t)
        if f > 0.0:
            low, f_low = t, f
        else:
            high, f_high = t, f
        if abs(f) < 1e-9:
            break
    state = arc.at(arc.base + t)
    return Overflight(state.epoch, cross_track_m(state, site), bool(state.velocity_m_s[2] > 0.0))
