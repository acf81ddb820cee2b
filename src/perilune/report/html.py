"""The report: one HTML page that needs no network, no server and no other file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from perilune.mission.delivery import Delivery, LandingResult, LunarOrbitResult, Manoeuvre, Transfer
from perilune.operations.milestones import MilestoneResult
from perilune.report import charts
from perilune.report.figures import figures
from perilune.report.page import Row, document, table
from perilune.report.page import cards as large
from perilune.report.page import figures as drawn
from perilune.report.viewer import viewer
from perilune.report.words import difference, number, spaced, when


def render_report(delivery: Delivery) -> str:
    """Return the report page of a delivery."""
    return document(
        f"{delivery.mission} - perilune",
        [
            _head(delivery),
            _cards(delivery),
            _milestones(delivery.milestones),
            _key_figures(delivery),
            drawn("Transfer", [charts.transfer_inertial(delivery), charts.transfer_rotating(delivery)]),
            viewer(delivery),
            drawn("Flyby and lunar orbit", [charts.flyby(delivery), charts.lunar_orbit(delivery)]),
            drawn("", [charts.altitude(delivery)]),
            _orbits(delivery.lunar_orbit),
            _descent(delivery),
            _budget(delivery),
            _manoeuvres(delivery.transfer),
            _provenance(delivery),
        ],
    )


def _head(delivery: Delivery) -> str:
    outcome = delivery.outcome.value
    reason = f"<p>{escape(delivery.reason)}</p>" if delivery.reason else ""
    good = "good" if outcome == "landed" else "bad"
    return (
        f"<header><h1>{escape(delivery.mission)}</h1>\n"
        f'<p class="lead"><span class="pill {good}">{escape(outcome.replace("_", " "))}</span> '
        f"{escape(delivery.vehicle)}{_start_words(delivery)}"
        f"{_touchdown_words(delivery.landing)}</p>{reason}</header>"
    )


def _start_words(delivery: Delivery) -> str:
    """Return when the flight began: with a launch, or in lunar orbit."""
    if (launch := delivery.transfer.launch_epoch) is not None:
        return f" \u00b7 launch {when(launch)} UTC"
    orbits = delivery.lunar_orbit.orbits
    return f" \u00b7 from lunar orbit {when(orbits[0].epoch)} UTC" if orbits else ""


def _touchdown_words(landing: LandingResult) -> str:
    if landing.epoch is None:
        return ""
    word = "touchdown" if landing.outcome in ("landed", "hard_landing") else "on the ground"
    return f" \u00b7 {word} {when(landing.epoch)} UTC"


def _cards(delivery: Delivery) -> str:
    transfer, landing = delivery.transfer, delivery.landing
    left_kg = landing.propellant_left_kg
    loaded_kg = sum(row.propellant_kg for row in delivery.budget) + (left_kg or 0.0)
    place = (number(_degrees(angle), 4) for angle in (landing.latitude_rad, landing.longitude_rad))
    reached = sum(milestone.status == "achieved" for milestone in delivery.milestones)
    cards = [
        ("milestones", f"{reached} of {len(delivery.milestones)}", "achieved, by evidence from the flight"),
        ("velocity change", number(sum(row.dv_m_s for row in delivery.budget), 0, "m/s"), "whole flight"),
        (
            "propellant left",
            number(left_kg, 1, "kg"),
            f"of {number(loaded_kg, 0, 'kg')}",
        ),
        (
            "miss distance",
            number(landing.miss_distance_m, 2, "m"),
            ", ".join(f"{angle}\u00b0" for angle in place),
        ),
        (
            "touchdown",
            number(landing.vertical_speed_m_s, 2, "m/s"),
            f"down; {number(landing.horizontal_speed_m_s, 2, 'm/s')} sideways, "
            f"tilt {number(_degrees(landing.tilt_rad), 1)}\u00b0",
        ),
    ]
    if transfer.max_earth_distance_m is not None:
        far = number(transfer.max_earth_distance_m, 3, "", 1e-9)
        cards.append(("farthest from Earth", far, "million km"))
    return large(cards)


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else math.degrees(angle_rad)


def _key_figures(delivery: Delivery) -> str:
    rows = [
        (f"<b>{escape(part)}</b>" if not index else "", escape(line.label), escape(line.value))
        for part, lines in figures(delivery).items()
        for index, line in enumerate(lines)
    ]
    return f"<section><h2>The flight in figures</h2>{table(('', '', ''), rows, 99, 'figures-of')}</section>"


def _orbits(orbit: LunarOrbitResult) -> str:
    if not orbit.orbits:
        return ""
    rows = [
        (
            escape(state.note),
            when(state.epoch),
            number(state.perilune_altitude_m, 1, "", 1e-3),
            number(state.apolune_altitude_m, 1, "", 1e-3),
            number(_degrees(state.inclination_rad), 2),
        )
        for state in orbit.orbits
    ]
    head = ("Orbit", "From, UTC", "Perilune, km", "Apolune, km", "Inclination, \u00b0")
    return f'<section class="close">{table(head, rows, 2)}</section>'


_MARKS = {
    "achieved": ("good", "achieved"),
    "partial": ("half", "partial"),
    "not achieved": ("bad", "not achieved"),
}


def _milestones(milestones: Sequence[MilestoneResult]) -> str:
    if not milestones:
        return ""
    rows = []
    for milestone in milestones:
        style, word = _MARKS[milestone.status]
        evidence = "<br>".join(_evidence(piece.met, piece.need, piece.found) for piece in milestone.evidence)
        rows.append(
            (
                f"<b>{escape(milestone.name)}</b><br><span class=sub>{escape(milestone.id)}</span>",
                f'<span class="pill {style}">{word}</span>',
                when(milestone.achieved_epoch, "\u2013"),
                escape(spaced(milestone.public_written or "\u2013")),
                difference(milestone),
                evidence,
            )
        )
    head = ("Milestone", "Status", "Achieved, UTC", "Made public", "Difference", "Evidence in the flight")
    note = (
        "<p class=sub>A milestone is judged by what was flown; the public date only stands beside it. "
        "A difference is counted from the end of what satisfied the milestone.</p>"
    )
    return f"<section><h2>Milestones</h2>{table(head, rows, 99, 'milestones')}{note}</section>"


def _evidence(met: bool, need: str, found: Sequence[str]) -> str:
    if met:
        return f'<span class="ok">\u2713</span> {escape("; ".join(found))}'
    return f'<span class="no">\u2717</span> <span class=sub>wanted: {escape(need)}</span>'


def _descent(delivery: Delivery) -> str:
    if delivery.descent is None or len(delivery.descent.time_s) < 2:
        return ""
    history, landing = delivery.descent, delivery.landing
    words = ""
    if landing.dv_m_s is not None and landing.dv_ideal_m_s:
        words = (
            f"<p>Braking to touchdown took {number(landing.dv_m_s, 1, 'm/s')}; "
            f"the least for the same thrust and start is {number(landing.dv_ideal_m_s, 1, 'm/s')} "
            f"(ratio {landing.dv_m_s / landing.dv_ideal_m_s:.3f}).</p>"
        )
    drawings = [
        charts.descent_profile(history),
        charts.descent_speeds(history),
        charts.descent_control(history),
        charts.last_kilometre(history),
    ]
    return drawn("Descent", drawings).replace("</h2>", f"</h2>{words}", 1)


def _budget(delivery: Delivery) -> str:
    if not delivery.budget:
        return ""
    most = max(row.dv_m_s for row in delivery.budget) or 1.0
    rows = [
        (
            escape(row.name),
            escape(row.phase.replace("_", " ")),
            f'<i class="bar" style="width:{100.0 * row.dv_m_s / most:.1f}%"></i>',
            number(row.dv_m_s, 2),
            number(row.propellant_kg, 2),
            number(row.mass_after_kg, 1),
        )
        for row in delivery.budget
    ]
    total = (
        "<b>Together</b>",
        "",
        "",
        f"<b>{number(sum(r.dv_m_s for r in delivery.budget), 2)}</b>",
        f"<b>{number(sum(r.propellant_kg for r in delivery.budget), 2)}</b>",
        "",
    )
    head = ("", "Phase", "", "\u0394v, m/s", "Propellant, kg", "Mass after, kg")
    return f"<section><h2>Mass and velocity budget</h2>{table(head, [*rows, total], 3, 'budget')}</section>"


def _manoeuvres(transfer: Transfer) -> str:
    if not transfer.manoeuvres:
        return ""
    head = (
        "Manoeuvre",
        "Phase",
        "Start, UTC",
        "Duration, s",
        "\u0394v, m/s",
        "Propellant, kg",
        "Mass before, kg",
    )
    rows = [_burn_row(burn) for burn in transfer.manoeuvres]
    return f"<section><h2>Manoeuvres</h2>{table(head, rows, 3, 'manoeuvres')}</section>"


def _burn_row(burn: Manoeuvre) -> Row:
    return (
        escape(burn.name),
        escape(burn.phase.replace("_", " ")),
        when(burn.start_epoch),
        number(burn.duration_s, 1),
        number(burn.dv_m_s, 3),
        number(burn.propellant_kg, 3),
        number(burn.mass_before_kg, 2),
    )


def _provenance(delivery: Delivery) -> str:
    made = delivery.provenance
    data = "".join(
        f"<li>{escape(name)}: <code>{escape(digest)}</code></li>" for name, digest in made.data.items()
    )
    return (
        f"<footer><p>perilune {escape(made.version)} \u00b7 plan <code>{escape(made.plan_digest)}</code> "
        f"\u00b7 seed {made.seed}</p><details><summary>Data</summary><ul>{data}</ul></details></footer>"
    )
