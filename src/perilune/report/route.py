"""The route check in lines for the terminal, as a document for programs, and as a page with drawings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import numpy as np

from perilune.landing.faults.checklist import no_go
from perilune.landing.route.corridor import Sweep
from perilune.landing.route.gates import Verdict
from perilune.mission.route import Late, Route, StepSeen, Told
from perilune.report.page import document as page
from perilune.report.page import figures, section, table
from perilune.report.svg import Chart, Line, Point

#: Steps below this share of the largest gate are not worth a line.
_SHOWN_STEPS = 4
#: Heights above this are no matter of the deadline's drawing, m.
_DRAWN_BELOW_M = 6000.0


def text(route: Route) -> str:
    """Return the check in some dozens of lines."""
    parts = (_head, _terrain, _deadline, _means, _go)
    return "\n\n".join("\n".join(part(route)) for part in parts)


def _head(route: Route) -> Iterator[str]:
    site = route.site
    latitude, longitude = math.degrees(site.latitude_rad), math.degrees(site.longitude_rad)
    place = f"{abs(latitude):.2f} deg {'S' if latitude < 0 else 'N'}, {longitude:.2f} deg E"
    yield f"{route.mission}, {route.vehicle}: to {site.name} ({place}), flying towards {_towards(route)}"
    if route.note:
        yield route.note


def _towards(route: Route) -> str:
    heading = math.degrees(route.heading_rad) % 360.0
    named = {0: "north", 90: "east", 180: "south", 270: "west"}.get(round(heading))
    return named or f"{heading:.0f} deg from north"


def _terrain(route: Route) -> Iterator[str]:
    if not route.steps:
        yield "Terrain: no step of 100 m within 10 km under the last 150 km of the track."
        return
    yield "Terrain under the track: the largest changes within 10 km, against each policy's gate"
    for seen in route.steps[:_SHOWN_STEPS]:
        yield f"  {step_words(seen)}"
        yield f"    {_gate_words(seen)}"
    yield "Headings: the largest change within 10 km on the last 150 km"
    for one in route.sweeps:
        yield f"  {sweep_words(one)}"


def step_words(seen: StepSeen) -> str:
    """Return a step in words: what the ground does, where, and who would see it."""
    step = seen.step
    way = "rise" if step.rise_m > 0.0 else "drop"
    seers = " and ".join(seen.altimeters) or "no altimeter in range"
    return (
        f"{_metres(abs(step.rise_m))} {way} {step.before_m / 1e3:.0f} km before the site, "
        f"crossed at {seen.height_m / 1e3:.1f} km and {seen.speed_m_s:.0f} m/s ({seers})"
    )


def _gate_words(seen: StepSeen) -> str:
    parts = []
    for one in seen.verdicts:
        if math.isinf(one.gate_m):
            parts.append(f"{one.policy} none")
        else:
            parts.append(f"{one.policy} {_metres(one.gate_m)}{' TRIPS' if one.trips else ''}")
    tripped = [one for one in seen.verdicts if one.trips]
    then = "; ".join(f"{one.policy}: {one.then}" for one in tripped)
    return f"gates: {', '.join(parts)}" + (f"\n    {then}" if then else "")


def sweep_words(one: Sweep) -> str:
    """Return the mildest and the worst heading of a site."""
    change = np.abs(one.rise_m)
    best, worst = int(change.argmin()), int(change.argmax())
    return (
        f"{one.site}: least {_metres(change[best])} flying towards "
        f"{math.degrees(one.heading_rad[best]):.0f} deg, most {_metres(change[worst])} towards "
        f"{math.degrees(one.heading_rad[worst]):.0f} deg"
    )


def _deadline(route: Route) -> Iterator[str]:
    yield "Altimeter deadline: a first valid range leaves a stop where it comes above the height a stop takes"
    yield "  first valid   descent   across    a stop takes   estimate too high by at most"
    for one in route.acquisitions:
        error = "any" if math.isinf(one.error_m) else _metres(one.error_m) if one.error_m else "none"
        yield (
            f"  {_metres(one.height_m):>11}{one.descent_m_s:7.0f} m/s{one.horizontal_m_s:6.0f} m/s"
            f"{_metres(one.needed_m):>15}   {error}"
        )
    for late in route.late:
        yield f"  {late_words(late)}"
    for told in route.told:
        yield (
            f"  Told of the flight: {_metres(told.height_m)} at {told.descent_m_s:.0f} m/s: "
            f"{_recoverable(told)} (needs {told.needed_m:,.0f} m at the "
            f"{told.net_m_s2:.2f} m/s^2 flown from there on)"
        )


def late_words(late: Late) -> str:
    """Return whether a first range at an altimeter's reach leaves a stop, in words."""
    return (
        f"{late.altimeter} from {_metres(late.height_m)}, estimate {late.error_m:,.0f} m too high: "
        f"{late.descent_m_s:.0f} m/s down, {late.horizontal_m_s:.0f} m/s across: {_recoverable(late)} "
        f"(needs {_metres(late.needed_m)})"
    )


def _recoverable(one: Late | Told) -> str:
    return "recoverable" if one.recoverable else "not recoverable"


def _means(route: Route) -> Iterator[str]:
    have = route.means
    yield "In hand"
    yield (
        f"  thrust      {have.thrust_n:,.0f} N, {have.weights_at_ignition_ratio:.2f} lunar weights at "
        f"ignition ({have.ignition_mass_kg:,.0f} kg), {have.weights_landed_ratio:.2f} at the end"
    )
    yield (
        f"  propellant  {have.dv_m_s:,.0f} m/s taken (least {have.dv_ideal_m_s:,.0f}), "
        f"{have.propellant_left_kg:.1f} kg left: {have.dv_left_m_s:.0f} m/s, {have.hover_s:.0f} s of hovering"
    )
    yield (
        f"  divert      {_metres(have.divert_m)} at constant height with all that is left, "
        f"tilted by {math.degrees(have.tilt_rad):.0f} deg"
    )


def _go(route: Route) -> Iterator[str]:
    against = len(no_go(route.check_list))
    yield f"Before the descent: {f'NO-GO, {against} items' if against > 1 else 'NO-GO' if against else 'go'}"
    for item in route.check_list:
        yield f"  {'go   ' if item.go else 'NO-GO'}  {item.name}: {item.why}"


def _metres(length_m: float) -> str:
    return f"{length_m / 1e3:.1f} km" if abs(length_m) >= 1.95e3 else f"{length_m:,.0f} m"


def to_document(route: Route) -> dict[str, Any]:
    """Return the check as JSON-ready values; what is infinite is null."""
    return {
        "mission": route.mission,
        "vehicle": route.vehicle,
        "site": route.site.name,
        "heading_deg": math.degrees(route.heading_rad),
        "note": route.note,
        "policy": route.policy,
        "steps": [_step_document(seen) for seen in route.steps],
        "headings": [
            {
                "site": one.site,
                "heading_deg": np.degrees(one.heading_rad).tolist(),
                "change_m": one.rise_m.tolist(),
                "before_site_m": one.before_m.tolist(),
            }
            for one in route.sweeps
        ],
        "deadline": [
            _plain(one, ("height_m", "descent_m_s", "horizontal_m_s", "needed_m", "error_m"))
            for one in route.acquisitions
        ],
        "first_ranges": [
            _plain(
                one,
                (
                    "altimeter",
                    "error_m",
                    "height_m",
                    "descent_m_s",
                    "horizontal_m_s",
                    "needed_m",
                    "recoverable",
                ),
            )
            for one in route.late
        ],
        "told": [
            _plain(one, ("height_m", "descent_m_s", "net_m_s2", "needed_m", "recoverable", "source"))
            for one in route.told
        ],
        "means": {
            name: _finite(getattr(route.means, name)) for name in type(route.means).__dataclass_fields__
        },
        "go": not no_go(route.check_list),
        "check_list": [_plain(item, ("name", "go", "why")) for item in route.check_list],
    }


def _step_document(seen: StepSeen) -> dict[str, Any]:
    return {
        "change_m": seen.step.rise_m,
        "before_site_m": seen.step.before_m,
        "length_m": seen.step.length_m,
        "height_m": seen.height_m,
        "ground_speed_m_s": seen.speed_m_s,
        "between_readings_m": seen.jump_m,
        "altimeters": list(seen.altimeters),
        "gates": {
            one.policy: {"gate_m": _finite(one.gate_m), "trips": one.trips, "then": one.then}
            for one in seen.verdicts
        },
    }


def _plain(one: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: _finite(getattr(one, name)) for name in names}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def render_route(route: Route) -> str:
    """Return the check as a page of its own."""
    head = "".join(f"<p>{escape(line)}</p>" for line in _head(route))
    gates = table(
        ("step", *(one.policy for one in route.steps[0].verdicts)) if route.steps else ("step",),
        [
            (
                escape(step_words(seen)),
                *(_gate_cell(one) for one in seen.verdicts),
            )
            for seen in route.steps
        ],
    )
    lines = [escape(line.strip()) for line in (*_deadline(route), *_means(route))]
    return page(
        f"{route.mission}: route check",
        (
            f"<header><h1>{escape(route.mission)}: before the flight</h1>{head}</header>",
            figures("Terrain under the track", [track_chart(route), sweep_chart(route)]),
            section("Steps against gates", gates),
            figures("The altimeter's deadline", [deadline_chart(route)]),
            section("Go or no-go", go_table(route)),
            section("In words", "<pre>" + "\n".join(lines) + "</pre>"),
        ),
    )


def go_table(route: Route) -> str:
    """Return the check list, an item a row."""
    return table(
        ("item", "", "why"),
        [
            (escape(item.name), "go" if item.go else "<b>NO-GO</b>", escape(item.why))
            for item in route.check_list
        ],
    )


def _gate_cell(one: Verdict) -> str:
    gate = "none" if math.isinf(one.gate_m) else escape(_metres(one.gate_m))
    return f"{gate} <b>trips</b>" if one.trips else gate


def track_chart(route: Route) -> Chart:
    """Return the ground under the track and the lander over it."""
    far_km = route.distance_m / 1e3
    site_m = float(route.ground_m[-1])
    ground_km = (route.ground_m - site_m) / 1e3
    points = tuple(
        Point(
            seen.step.before_m / 1e3,
            (float(route.ground_m[seen.step.first]) - site_m) / 1e3,
            f"{seen.step.rise_m:+,.0f} m",
            "c5",
        )
        for seen in route.steps[:_SHOWN_STEPS]
    )
    return Chart(
        "Ground and lander",
        "distance before the site, km",
        "height over the site, km",
        (
            Line(far_km, ground_km, "c7", "ground"),
            Line(far_km, ground_km + route.height_m / 1e3, "c0", "lander"),
        ),
        points,
        height=340.0,
    )


def sweep_chart(route: Route) -> Chart:
    """Return the largest change of the ground over the heading, a line a site."""
    lines = tuple(
        Line(np.degrees(one.heading_rad), np.abs(one.rise_m), f"c{number % 8}", one.site)
        for number, one in enumerate(route.sweeps)
    )
    heading = math.degrees(route.heading_rad) % 360.0
    own = float(np.interp(heading, lines[0].x, lines[0].y, period=360.0))
    return Chart(
        "Headings and backup sites",
        "direction of flight over the site, deg from north",
        "largest change of the ground within 10 km, m",
        lines,
        (Point(heading, own, "as planned", "c5"),),
        height=340.0,
    )


def deadline_chart(route: Route) -> Chart:
    """Return the descent as height over descent speed, and the height that a stop takes from each point."""
    low = route.profile.height_m <= _DRAWN_BELOW_M
    speed, height = route.profile.descent_m_s[low], route.profile.height_m[low]
    points = [Point(one.descent_m_s, one.height_m, "told", "c5") for one in route.told]
    points += [
        Point(one.descent_m_s, one.height_m, f"first range, {one.error_m:,.0f} m too low", "c6")
        for one in route.late
        if one.height_m <= _DRAWN_BELOW_M
    ]
    return Chart(
        "Height over descent speed",
        "descent speed, m/s",
        "height over the ground, m",
        (Line(speed, height, "c0", "descent"), Line(speed, route.needed_m[low], "c3", "a stop takes")),
        tuple(points),
        width=900.0,
        height=400.0,
    )
