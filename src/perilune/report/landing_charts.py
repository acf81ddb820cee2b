"""The drawings of one landing, each from the replay's tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.report.landing_story import (
    ACCEPTED,
    INVALID,
    ISOLATED,
    REACQUIRED,
    REJECTED,
    UNUSED,
    heights_measured,
    measured_heights,
)
from perilune.report.marks import Area, Cloud, Rule
from perilune.report.replay import Replay, Table
from perilune.report.svg import Chart, Line, Point, Shape

Array = NDArray[np.float64]

#: Style and words of each verdict, in the order drawn: what was refused lies on top.
VERDICTS = {
    UNUSED: ("c7", "not in use"),
    INVALID: ("c1", "invalid"),
    ACCEPTED: ("c2", "accepted"),
    REACQUIRED: ("c5", "taken to acquire"),
    REJECTED: ("c6", "rejected by the gate"),
    ISOLATED: ("c4", "sensor isolated"),
}
#: Surface gravity of the sphere, m/s2; within 0.6 % of the ground's everywhere.
_GRAVITY_M_S2 = GM_MOON_M3_S2 / MOON_RADIUS_M**2
#: From the reading to the thrust that answers it, s: a cycle, the filter's trust, the engine's lag (assumed).
_REACTION_S = 2.0
#: The deadline is drawn below this height, m.
_DEADLINE_BELOW_M = 15e3
_WIDE = 1180.0


def heights(replay: Replay) -> Chart:
    """Return the height above the ground as it was, as it was estimated and as it was measured."""
    return _heights(replay, "Height above the ground", slice(None), 420.0)


def last_heights(replay: Replay) -> Chart | None:
    """Return the same for the last stretch, where it is won or lost."""
    t_s = replay.states["t_s"]
    low = np.flatnonzero(np.minimum(replay.states["true_height_m"], replay.states["height_m"]) < 2000.0)
    if low.size < 3:
        return None
    return _heights(replay, "Height above the ground, the end", slice(int(low[0]), len(t_s)), 380.0)


def _heights(replay: Replay, title: str, window: slice, tall: float) -> Chart:
    states = {name: column[window] for name, column in replay.states.items()}
    t_s = states["t_s"]
    unit, factor = _length(float(np.nanmax(states["true_height_m"])))
    lines = (
        Line(t_s, states["true_height_m"] * factor, "c0", "true"),
        Line(t_s, states["height_m"] * factor, "c3 dashed", "estimated"),
    )
    seen = heights_measured(replay)
    seen = _inside(seen, float(t_s[0]), float(t_s[-1]))
    dots = by_verdict(seen["t_s"], measured_heights(seen) * factor, seen["verdict"], 7.0)
    return Chart(
        title,
        "seconds after the planned ignition",
        f"height, {unit}",
        lines,
        width=_WIDE,
        height=tall,
        under=tuple(dots),
        over=tuple(_phase_rules(states, replay.facts.phases)),
    )


def _inside(table: Table, low_s: float, high_s: float) -> Table:
    keep = (table["t_s"] >= low_s) & (table["t_s"] <= high_s)
    return {name: column[keep] for name, column in table.items()}


def _length(largest_m: float) -> tuple[str, float]:
    return ("km", 1e-3) if largest_m > 4000.0 else ("m", 1.0)


def by_verdict(x: Array, y: Array, verdict: Array, size_px: float = 3.0) -> Iterator[Shape]:
    """Yield measured points, a cloud for each verdict that was passed."""
    for code, (style, label) in VERDICTS.items():
        mine = (verdict == code) & np.isfinite(y)
        if mine.any():
            yield Cloud(x[mine], y[mine], style, label, size_px)


def _phase_rules(states: Table, names: tuple[str, ...]) -> Iterator[Rule]:
    phase, t_s = states["phase"], states["t_s"]
    for order, i in enumerate(np.flatnonzero(np.diff(phase) != 0.0)):
        code = int(phase[i + 1])
        word = names[code] if code < len(names) else f"phase {code}"
        yield Rule(float(t_s[i + 1]), word.replace("_", " "), line=order % 3)


def height_error(replay: Replay) -> Chart:
    """Return estimated less true height, with three sigmas of the filter's own belief."""
    states = replay.states
    error = states["height_m"] - states["true_height_m"]
    bound = 3.0 * states["sigma_height_m"]
    return Chart(
        "Height error and three sigmas",
        "seconds after the planned ignition",
        "estimated less true, m",
        (Line(states["t_s"], error, "c0", "error"),),
        limits=_robust(states["t_s"], np.concatenate([error, np.minimum(bound, 3.0 * np.ptp(error) + 1.0)])),
        under=(Area(states["t_s"], -bound, bound, "c0", "three sigmas"),),
        over=tuple(_phase_rules(states, replay.facts.phases)),
        height=320.0,
    )


def _robust(x: Array, y: Array) -> tuple[float, float, float, float]:
    """Return a frame over all x, even about zero, that holds what is finite of y."""
    reach = 1.08 * float(np.nanmax(np.abs(y[np.isfinite(y)]), initial=1e-9))
    return float(x[0]), float(x[-1]), -reach, reach


def profile(replay: Replay) -> Chart:
    """Return the way down over the ground: true and believed altitude above the site."""
    states, site_m = replay.states, replay.facts.site_elevation_m
    to_go_km = states["to_go_m"] / 1e3
    ground_km = (states["true_ground_m"] - site_m) / 1e3
    believed = np.sqrt(sum(states[f"position_{axis}_m"] ** 2 for axis in "xyz")) - MOON_RADIUS_M - site_m
    floor = np.full_like(ground_km, float(ground_km.min()) - 0.05 * (float(np.ptp(ground_km)) + 0.2))
    return Chart(
        "The way down",
        "distance to the site along the ground, km",
        "height over the site, km",
        (
            Line(to_go_km, ground_km + states["true_height_m"] / 1e3, "c0", "true"),
            Line(to_go_km, believed / 1e3, "c3 dashed", "estimated"),
        ),
        under=(Area(to_go_km, floor, ground_km, "c7", "ground"),),
        width=_WIDE,
        height=340.0,
    )


def speeds(replay: Replay) -> Chart:
    """Return the speeds over the ground, true and estimated."""
    states = replay.states
    return Chart(
        "Speeds over the ground",
        "seconds after the planned ignition",
        "m/s",
        (
            Line(states["t_s"], states["true_ground_speed_m_s"], "c0", "sideways"),
            Line(states["t_s"], states["ground_speed_m_s"], "c0 dashed", "sideways, estimated"),
            Line(states["t_s"], -states["true_climb_m_s"], "c1", "down"),
            Line(states["t_s"], -states["climb_m_s"], "c1 dashed", "down, estimated"),
        ),
        height=320.0,
    )


def needed_height_m(fall_m_s: Array, thrust_n: float, mass_kg: float) -> Array:
    """Return the height (n,) at which full thrust must answer at the latest when falling at a speed (n,).

    It is v^2 / 2(T/m - g) and the way fallen in the two seconds until thrust answers.

    >>> needed_height_m(np.array([66.0]), 1600.0, 460.0).round()
    array([1307.])
    """
    spare_m_s2 = thrust_n / mass_kg - _GRAVITY_M_S2
    return fall_m_s**2 / (2.0 * spare_m_s2) + _REACTION_S * fall_m_s


def deadline(replay: Replay) -> Chart | None:
    """Return height over speed downwards, and below which height it is too late to stop."""
    facts, states = replay.facts, replay.states
    low = states["true_height_m"] < _DEADLINE_BELOW_M
    if low.sum() < 3 or facts.full_thrust_n <= 0.0:
        return None
    fall, height_km = -states["true_climb_m_s"][low], states["true_height_m"][low] / 1e3
    mass_kg = _mass_at_first_sight(replay, float(states["mass_kg"][low][0]))
    if facts.full_thrust_n / mass_kg <= _GRAVITY_M_S2:
        return None
    speed = np.linspace(0.0, 1.05 * max(float(fall.max()), 1.0), 120)
    edge_km = needed_height_m(speed, facts.full_thrust_n, mass_kg) / 1e3
    return Chart(
        "Acquisition deadline",
        "speed downwards, m/s",
        "height above the ground, km",
        (
            Line(fall, height_km, "c0", "flown"),
            Line(speed, edge_km, "c6", f"latest height for full thrust at {mass_kg:.0f} kg"),
        ),
        tuple(_acquisitions(replay)),
        under=(Area(speed, np.zeros_like(edge_km), edge_km, "c6", "too late to stop"),),
        height=360.0,
    )


def _mass_at_first_sight(replay: Replay, before_kg: float) -> float:
    """Return the mass when the first reading was valid, kg; a given one where none was."""
    seen = heights_measured(replay)
    valid = seen["t_s"][seen["status"] == 1.0]
    if not valid.size:
        return before_kg
    return float(np.interp(valid[0], replay.states["t_s"], replay.states["mass_kg"]))


def _acquisitions(replay: Replay) -> Iterator[Point]:
    """Yield where the first reading was valid and where the first was accepted, if that was low enough."""
    seen, states = heights_measured(replay), replay.states
    told = (
        ("first valid reading", "c1", seen["status"] == 1.0),
        ("first accepted", "c2", (seen["verdict"] == ACCEPTED) | (seen["verdict"] == REACQUIRED)),
    )
    for words, style, found in told:
        if found.any():
            t_s = float(seen["t_s"][found][0])
            height_m = float(np.interp(t_s, states["t_s"], states["true_height_m"]))
            fall_m_s = -float(np.interp(t_s, states["t_s"], states["true_climb_m_s"]))
            if height_m < _DEADLINE_BELOW_M:
                yield Point(fall_m_s, height_m / 1e3, words, style)


def touchdown(replay: Replay) -> Chart | None:
    """Return height over speed downwards in the last 300 m, true and estimated."""
    states = replay.states
    low = states["true_height_m"] < 300.0
    if low.sum() < 3:
        return None
    return Chart(
        "The last 300 m",
        "speed downwards, m/s",
        "height above the ground, m",
        (
            Line(-states["true_climb_m_s"][low], states["true_height_m"][low], "c0", "true"),
            Line(-states["climb_m_s"][low], states["height_m"][low], "c3 dashed", "estimated"),
        ),
        height=618.0,
    )


def engines(replay: Replay) -> Chart:
    """Return throttles and what is left of the propellant."""
    states = replay.states
    left = states["main_propellant_kg"]
    return Chart(
        "Engines and propellant",
        "seconds after the planned ignition",
        "%",
        (
            Line(states["t_s"], 100.0 * states["main_throttle"], "c1", "main engine"),
            Line(states["t_s"], 100.0 * states["assist_throttle"], "c2", "assist engines"),
            Line(states["t_s"], 100.0 * left / max(float(left[0]), 1e-9), "c0", "main propellant left"),
        ),
        height=320.0,
    )


def _quaternion(states: Table, prefix: str) -> Array:
    return np.column_stack([states[f"{prefix}{k}"] for k in range(4)])


def tilt_rad(replay: Replay) -> Array:
    """Return the true angle (n,) between the thrust axis and the local vertical, rad."""
    states = replay.states
    w, x, y, z = _quaternion(states, "true_q").T
    axis = np.column_stack([2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)])
    place = np.column_stack([states[f"true_position_{name}_m"] for name in "xyz"])
    up = place / np.linalg.norm(place, axis=1, keepdims=True)
    return np.asarray(np.arccos(np.clip(np.sum(axis * up, axis=1), -1.0, 1.0)))


def attitude_error_rad(replay: Replay) -> Array:
    """Return the angle (n,) between true and estimated attitude, rad."""
    true, found = _quaternion(replay.states, "true_q"), _quaternion(replay.states, "q")
    # By the vector part: the arc cosine of a scalar part near one loses half the digits.
    w = np.abs(np.sum(true * found, axis=1))
    vector = true[:, :1] * found[:, 1:] - found[:, :1] * true[:, 1:] - np.cross(true[:, 1:], found[:, 1:])
    return np.asarray(2.0 * np.arctan2(np.linalg.norm(vector, axis=1), w))


def attitude(replay: Replay) -> Chart:
    """Return tilt from the vertical and body rate."""
    states = replay.states
    rate = np.sqrt(sum(states[f"true_rate_{axis}_rad_s"] ** 2 for axis in "xyz"))
    return Chart(
        "Attitude",
        "seconds after the planned ignition",
        "deg; deg/s",
        (
            Line(states["t_s"], np.degrees(tilt_rad(replay)), "c3", "tilt from the vertical, deg"),
            Line(states["t_s"], np.degrees(rate), "c1 thin", "body rate, deg/s"),
        ),
        height=320.0,
    )


def attitude_error(replay: Replay) -> Chart:
    """Return the attitude's error with three sigmas of the filter's own belief."""
    states = replay.states
    sigma = np.sqrt(sum(states[f"sigma_attitude_{axis}_rad"] ** 2 for axis in "xyz"))
    error = np.degrees(attitude_error_rad(replay))
    return Chart(
        "Attitude error and three sigmas",
        "seconds after the planned ignition",
        "deg",
        (Line(states["t_s"], error, "c3", "error"),),
        under=(Area(states["t_s"], np.zeros_like(error), np.degrees(3.0 * sigma), "c3", "three sigmas"),),
        height=320.0,
    )
