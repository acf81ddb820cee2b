"""The report's drawings, each made from the delivery's arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from perilune.constants import (
    ASTRONOMICAL_UNIT_M,
    EARTH_EQUATORIAL_RADIUS_M,
    GM_EARTH_M3_S2,
    GM_SUN_M3_S2,
    MOON_RADIUS_M,
)
from perilune.epoch import Epoch
from perilune.mission.delivery import Delivery, DescentHistory, Leg
from perilune.report.geometry import (
    about,
    ecliptic,
    of_phase,
    orbit_plane,
    sun_earth_rotating,
    thinned,
)
from perilune.report.svg import Band, Chart, Disc, Line, Point
from perilune.report.words import short
from perilune.world import ephemeris

Array = NDArray[np.float64]
View = Callable[[Array, Epoch, Array], Array]

_STYLES = {"phasing": "c0", "transfer": "c1", "capture": "c2", "lunar_orbit": "c3", "descent": "c4"}
_NAMES = {
    "phasing": "launch to flyby",
    "transfer": "flyby to insertion",
    "capture": "capture orbit",
    "lunar_orbit": "circular orbit",
    "descent": "descent",
}
_FLYBY_HALF_WINDOW_S = 0.5 * 86400.0
_MOST_STATES = 1500


def transfer_inertial(delivery: Delivery) -> Chart | None:
    """Return the way to the Moon as seen from above the ecliptic, axes fixed to the stars."""
    return _transfer(
        delivery, "Transfer, inertial", lambda r, _base, _time: ecliptic(r), "x (ecliptic of J2000)", "y"
    )


def transfer_rotating(delivery: Delivery) -> Chart | None:
    """Return the way to the Moon in axes that turn with the Sun, the Sun to the left."""
    chart = _transfer(
        delivery, "Transfer, Sun-Earth rotating", sun_earth_rotating, "x (away from the Sun)", "y"
    )
    if chart is None:
        return None
    hill_1e3_km = _libration_distance_m() / 1e6
    # Only the point on the side the flight swings out to: the other would make the drawing half as large.
    reach = max((float(x) for line in chart.lines for x in line.x), key=abs)
    side = 1.0 if reach > 0.0 else -1.0
    mark = Point(side * hill_1e3_km, 0.0, "L2" if side > 0.0 else "L1", "muted", "middle", 18.0)
    return _with_points(chart, (mark,))


def _libration_distance_m() -> float:
    """Return the distance of the Sun-Earth libration points L1 and L2 from the Earth, to first order."""
    return ASTRONOMICAL_UNIT_M * math.cbrt(GM_EARTH_M3_S2 / (3.0 * GM_SUN_M3_S2))


def _with_points(chart: Chart, points: tuple[Point, ...]) -> Chart:
    return Chart(
        chart.title,
        chart.x_label,
        chart.y_label,
        chart.lines,
        chart.points + points,
        chart.discs,
        chart.bands,
        chart.width,
        chart.height,
        chart.equal,
    )


def _transfer(delivery: Delivery, title: str, view: View, x_label: str, y_label: str) -> Chart | None:
    legs = [thinned(leg, _MOST_STATES) for leg in of_phase(delivery.legs, "phasing", "transfer")]
    if not legs:
        return None
    moon = _moon_line(legs[0].base, view)
    lines = [moon, *(_leg_line(leg, view) for leg in legs)]
    discs = (Disc(0.0, 0.0, EARTH_EQUATORIAL_RADIUS_M / 1e6, "earth", "Earth"),)
    return Chart(
        title,
        f"{x_label}, 1000 km",
        f"{y_label}, 1000 km",
        tuple(_labelled_once(lines)),
        tuple(_events(delivery, view)),
        discs,
        width=640.0,
        height=560.0,
        equal=True,
    )


def _leg_line(leg: Leg, view: View) -> Line:
    seen = view(about(leg, "earth"), leg.base, leg.time_s) / 1e6
    return Line(seen[:, 0], seen[:, 1], _STYLES[leg.phase], _NAMES[leg.phase])


def _moon_line(base: Epoch, view: View) -> Line:
    time_s = np.linspace(0.0, 29.6 * 86400.0, 240)  # s, a little more than a synodic month
    seen = view(ephemeris.positions("moon", "earth", base, time_s), base, time_s) / 1e6
    return Line(seen[:, 0], seen[:, 1], "muted", "Moon")


def _labelled_once(lines: Sequence[Line]) -> list[Line]:
    seen: set[str] = set()
    once = []
    for line in lines:
        once.append(Line(line.x, line.y, line.style, "" if line.label in seen else line.label))
        seen.add(line.label)
    return once


def _events(delivery: Delivery, view: View) -> list[Point]:
    transfer = delivery.transfer
    named: list[tuple[str, Epoch | None, str]] = [
        ("launch", transfer.injection.epoch if transfer.injection else None, "c0"),
        ("flyby", transfer.flyby.epoch if transfer.flyby else None, "c5"),
        ("farthest", transfer.max_earth_distance_epoch, "c1"),
        ("insertion", transfer.insertion.epoch if transfer.insertion else None, "c2"),
    ]
    named += [(short(m.name), m.start_epoch, "c6") for m in transfer.manoeuvres if m.phase == "deep_space"]
    points = []
    for label, epoch, style in named:
        place = None if epoch is None else _place(delivery.legs, epoch, view)
        if place is not None:
            right = place[0] < 0.0 and abs(place[0]) > 200.0
            points.append(Point(place[0], place[1], label, style, "end" if right else "start"))
    return points


def _place(legs: Sequence[Leg], epoch: Epoch, view: View) -> tuple[float, float] | None:
    """Return where the spacecraft was, by the nearest state; nothing where no leg reaches."""
    for leg in legs:
        if leg.start + -3600.0 <= epoch <= leg.end + 3600.0:
            index = int(np.argmin(np.abs(leg.time_s - (epoch - leg.base))))
            one = slice(index, index + 1)
            near = Leg(
                leg.name,
                leg.phase,
                leg.frame,
                leg.base,
                leg.time_s[one],
                leg.position_m[one],
                leg.velocity_m_s[one],
            )
            seen = view(about(near, "earth"), near.base, near.time_s)[0] / 1e6
            return float(seen[0]), float(seen[1])
    return None


def flyby(delivery: Delivery) -> Chart | None:
    """Return the passage of the Moon in its own plane, the lowest point to the right."""
    passage = delivery.transfer.flyby
    if passage is None:
        return None
    positions, velocities, labels = [], [], []
    for leg in of_phase(delivery.legs, "phasing", "transfer"):
        offset_s = leg.time_s - (passage.epoch - leg.base)
        near = np.abs(offset_s) <= _FLYBY_HALF_WINDOW_S
        if near.sum() < 2:
            continue
        piece = Leg(
            leg.name,
            leg.phase,
            leg.frame,
            leg.base,
            leg.time_s[near],
            leg.position_m[near],
            leg.velocity_m_s[near],
        )
        position = about(piece, "moon")
        positions.append(position)
        velocities.append(np.gradient(position, piece.time_s, axis=0))
        labels.append(leg.phase)
    if not positions:
        return None
    axes = orbit_plane(np.concatenate(positions), np.concatenate(velocities))
    lines = []
    for position, phase in zip(positions, labels, strict=True):
        seen = position @ axes.T / 1e6
        lines.append(Line(seen[:, 0], seen[:, 1], _STYLES[phase], _NAMES[phase]))
    lowest = Point(
        (passage.altitude_m + MOON_RADIUS_M) / 1e6,
        0.0,
        f"{passage.altitude_m / 1e3:,.0f} km",
        "c5",
        "start",
        4.0,
    )
    return Chart(
        "Lunar flyby",
        "towards the lowest point, 1000 km",
        "along the motion there, 1000 km",
        tuple(_labelled_once(lines)),
        (lowest,),
        (Disc(0.0, 0.0, MOON_RADIUS_M / 1e6, "moon", "Moon"),),
        height=480.0,
        equal=True,
    )


def lunar_orbit(delivery: Delivery) -> Chart | None:
    """Return the orbits about the Moon, in the plane of the capture ellipse."""
    legs = of_phase(delivery.legs, "capture", "lunar_orbit", "descent")
    if not legs:
        return None
    longest = max(legs, key=lambda leg: (leg.phase == "capture", leg.end - leg.start))
    ellipse = about(longest, "moon")
    axes = orbit_plane(ellipse, np.gradient(ellipse, longest.time_s, axis=0))
    lines = []
    for leg in legs:
        seen = about(leg, "moon") @ axes.T / 1e6
        lines.append(Line(seen[:, 0], seen[:, 1], _STYLES[leg.phase], _NAMES[leg.phase]))
    return Chart(
        "Lunar orbit",
        "towards perilune, 1000 km",
        "1000 km",
        tuple(_labelled_once(lines)),
        discs=(Disc(0.0, 0.0, MOON_RADIUS_M / 1e6, "moon"),),
        height=460.0,
        equal=True,
    )


def altitude(delivery: Delivery) -> Chart | None:
    """Return the altitude from the circular orbit on, with the band it is kept in."""
    legs = of_phase(delivery.legs, "lunar_orbit")
    if not legs:
        return None
    start = legs[0].start
    lines = []
    for leg in legs:
        days = (leg.time_s + (leg.base - start)) / 86400.0
        height_km = (np.linalg.norm(about(leg, "moon"), axis=1) - MOON_RADIUS_M) / 1e3
        lines.append(Line(days, height_km, "c3 thin", _NAMES[leg.phase]))
    low_m, high_m = delivery.lunar_orbit.band_low_m, delivery.lunar_orbit.band_high_m
    bands = () if low_m is None or high_m is None else (Band(low_m / 1e3, high_m / 1e3, "band asked for"),)
    return Chart(
        "Altitude in lunar orbit",
        f"days after {start.utc_iso(0)[:16].replace('T', ' ')} UTC",
        "altitude, km",
        tuple(_labelled_once(lines)),
        bands=bands,
        width=1180.0,
        height=300.0,
    )


def descent_profile(history: DescentHistory) -> Chart:
    """Return the height over the way to the site, and the ground beneath."""
    ground_m = history.elevation_m - history.elevation_m[-1]
    return Chart(
        "Descent profile",
        "distance to touchdown along the ground, km",
        "height over the site, km",
        (
            Line(history.to_go_m / 1e3, ground_m / 1e3, "c7", "ground"),
            *_by_phase(history, history.to_go_m / 1e3, (ground_m + history.altitude_m) / 1e3),
        ),
        height=340.0,
    )


def _by_phase(history: DescentHistory, x: Array, y: Array) -> list[Line]:
    """Return one line a guidance phase, in the order flown."""
    names = list(dict.fromkeys(history.phase))
    phase = np.array(history.phase)
    lines = []
    for index, name in enumerate(names):
        inside = phase == name
        # The last state of the phase before is shared, so that the curve has no gap.
        inside[:-1] |= inside[1:] & ~inside[:-1] & (np.arange(len(phase) - 1) < int(np.argmax(inside)))
        shown = np.where(inside, y, math.nan)
        lines.append(Line(x, shown, f"c{index % 8}", name.replace("_", " ")))
    return lines


def descent_speeds(history: DescentHistory) -> Chart:
    """Return the speeds over time, counted back from touchdown."""
    time_s = history.time_s - history.time_s[-1]
    return Chart(
        "Speeds",
        "seconds to touchdown",
        "m/s",
        (
            Line(time_s, history.horizontal_speed_m_s, "c0", "horizontal"),
            Line(time_s, np.abs(history.vertical_speed_m_s), "c1", "vertical"),
        ),
        height=300.0,
    )


def descent_control(history: DescentHistory) -> Chart:
    """Return thrust and pitch over time."""
    time_s = history.time_s - history.time_s[-1]
    return Chart(
        "Thrust and pitch",
        "seconds to touchdown",
        "% of the largest; deg above the horizon",
        (
            Line(time_s, history.throttle * 100.0, "c2", "thrust, %"),
            Line(time_s, np.degrees(history.pitch_rad), "c3", "pitch, deg"),
        ),
        height=330.0,
    )


def last_kilometre(history: DescentHistory) -> Chart | None:
    """Return altitude against vertical speed near the ground, where the landing is won or lost."""
    low = history.altitude_m <= 1500.0
    if low.sum() < 3:
        return None
    return Chart(
        "The last 1,500 m",
        "vertical speed, m/s",
        "altitude above ground, m",
        (Line(np.abs(history.vertical_speed_m_s[low]), history.altitude_m[low], "c4"),),
        height=330.0,
    )
