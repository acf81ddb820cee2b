"""The landing seen from above, on shaded ground."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from perilune.report.relief import Elevation, Plane, Relief, direction, north_up, sample, towards
from perilune.report.replay import Replay, Table
from perilune.report.svg import Chart, Line, Point

Array = NDArray[np.float64]

TRACK, PLACE = "track", "place"
#: How far the strip under the track reaches to either side, m, and beyond its ends.
_ASIDE_M = 30e3
#: Half the width of the map about the site, m; wider where the lander came down farther off.
_ABOUT_M = 6e3
_WIDE = 1180.0


def track_plane(states: Table, latitude_rad: float, longitude_rad: float) -> Plane:
    """Return the map of the way to a site: x along the course, zero at the site, y to the left of it."""
    site = direction(latitude_rad, longitude_rad)
    return towards(site, site - _directions(states)[0] * float(site @ _directions(states)[0]))


def _directions(states: Table) -> Array:
    latitude, longitude = states["true_latitude_rad"], states["true_longitude_rad"]
    c = np.cos(latitude)
    return np.column_stack([c * np.cos(longitude), c * np.sin(longitude), np.sin(latitude)])


def reliefs(
    states: Table, latitude_rad: float, longitude_rad: float, elevation: Elevation
) -> tuple[Relief, ...]:
    """Return the ground under the track and about the site, from the true ground's elevations."""
    along = track_plane(states, latitude_rad, longitude_rad)
    x_m, y_m = along.metres(_directions(states))
    strip = sample(
        TRACK,
        along,
        elevation,
        x_m=(float(x_m.min()) - _ASIDE_M, float(x_m.max()) + _ASIDE_M),
        y_m=(float(y_m.min()) - _ASIDE_M, float(y_m.max()) + _ASIDE_M),
    )
    about = north_up(latitude_rad, longitude_rad)
    end = about.metres(_directions(states)[-1:])
    half_m = max(_ABOUT_M, 1.4 * float(np.hypot(*end)[0]))
    near = sample(PLACE, about, elevation, x_m=(-half_m, half_m), y_m=(-half_m, half_m))
    return strip, near


def _relief(replay: Replay, name: str) -> Relief | None:
    return next((relief for relief in replay.reliefs if relief.name == name), None)


def track(replay: Replay) -> Chart | None:
    """Return the ground track from above, the site at the right."""
    relief = _relief(replay, TRACK)
    if relief is None:
        return None
    x_m, y_m = relief.plane.metres(_directions(replay.states))
    rows, columns = relief.height_m.shape
    low, high = relief.x_low_m / 1e3, (relief.x_low_m + (columns - 1) * relief.step_m) / 1e3
    bottom, top = relief.y_low_m / 1e3, (relief.y_low_m + (rows - 1) * relief.step_m) / 1e3
    return Chart(
        "Ground track",
        "distance along the course from the site, km",
        "left of it, km",
        (Line(x_m / 1e3, y_m / 1e3, "over"),),
        (
            Point(0.0, 0.0, replay.facts.site, "c2"),
            Point(float(x_m[-1]) / 1e3, float(y_m[-1]) / 1e3, "end", "c6"),
        ),
        width=_WIDE,
        height=max(170.0, 58.0 + (_WIDE - 80.0) * (top - bottom) / (high - low)),
        limits=(low, high, bottom, top),
        under=(relief.picture(),),
    )


def place(replay: Replay) -> Chart | None:
    """Return the last of the track about the site, north up, with the estimate's track beside it."""
    relief = _relief(replay, PLACE)
    if relief is None:
        return None
    x_m, y_m = relief.plane.metres(_directions(replay.states))
    half = -relief.x_low_m
    inside = (np.abs(x_m) < half) & (np.abs(y_m) < half)
    unit, factor = ("km", 1e-3) if half > 3e3 else ("m", 1.0)
    lines = (
        Line(
            np.where(inside, x_m, math.nan) * factor,
            np.where(inside, y_m, math.nan) * factor,
            "over",
            "",
        ),
    )
    end = Point(
        float(x_m[-1]) * factor, float(y_m[-1]) * factor, replay.facts.outcome.replace("_", " "), "c6"
    )
    return Chart(
        "About the site",
        f"east, {unit}",
        f"north, {unit}",
        lines,
        (Point(0.0, 0.0, replay.facts.site, "c2"), end),
        width=640.0,
        height=618.0,
        equal=True,
        limits=(-half * factor, half * factor, -half * factor, half * factor),
        under=(relief.picture(factor),),
    )
