"""The report of one landing: a page that needs no network, no server and no other file."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from perilune.report import landing_charts as charts
from perilune.report import landing_maps as maps
from perilune.report.columns import unit_of, words_of
from perilune.report.landing_residuals import residuals
from perilune.report.landing_story import (
    ACCEPTED,
    INVALID,
    ISOLATED,
    REACQUIRED,
    REJECTED,
    UNUSED,
    events,
    story,
)
from perilune.report.page import cards, document, figures, pill, section, table
from perilune.report.published import published_of_run
from perilune.report.replay import Replay
from perilune.report.words import number


def render_landing(replay: Replay) -> str:
    """Return the page of one run."""
    facts = replay.facts
    return document(
        f"{facts.mission}, run {facts.run} - perilune",
        [
            _head(replay),
            _cards(replay),
            figures("Height: true, estimated, measured", [charts.heights(replay)]),
            figures("", [charts.last_heights(replay)]),
            figures("", [charts.profile(replay)]),
            section("Beside what was made public", published_of_run(replay)),
            section("What happened", _timeline(replay)),
            figures("Navigation", [charts.height_error(replay), charts.attitude_error(replay)]),
            figures(
                "Residuals by sensor",
                residuals(replay),
                "What lies outside the frame is drawn at its edge.",
            ),
            section("Sensors", _sensors(replay)),
            figures("Speed", [charts.speeds(replay), charts.deadline(replay)]),
            figures("Attitude and engines", [charts.attitude(replay), charts.engines(replay)]),
            figures(
                "From above",
                [maps.track(replay)],
                "Shaded by the true ground of this run, lit from the upper left.",
            ),
            figures("", [maps.place(replay), charts.touchdown(replay)]),
            section("Judged by", _limits(replay)),
            section("Dispersed inputs of this run", _inputs(replay)),
            _footer(replay),
        ],
    )


def _head(replay: Replay) -> str:
    facts = replay.facts
    return (
        f"<header><h1>{escape(facts.mission)}</h1>\n"
        f'<p class="lead">{pill(facts.outcome, facts.outcome == "landed")} {escape(facts.vehicle)} \u00b7 '
        f"altimeter policy <b>{escape(facts.policy)}</b> \u00b7 seed {facts.seed}, run {facts.run} \u00b7 "
        f"times from {escape(facts.base_utc)} UTC</p><p>{escape(story(replay))}</p></header>"
    )


def _cards(replay: Replay) -> str:
    row = replay.row
    tilt = number(math.degrees(row.get("tilt_rad", math.nan)), 1)
    return cards(
        [
            (
                "touchdown",
                number(row.get("vertical_m_s"), 2, "m/s"),
                f"down; {number(row.get('horizontal_m_s'), 2, 'm/s')} sideways, tilt {tilt}\u00b0",
            ),
            ("miss distance", number(row.get("miss_m"), 0, "m"), escape(replay.facts.site)),
            ("propellant left", number(row.get("propellant_kg"), 1, "kg"), "main tanks, at the end"),
            (
                "worst height error",
                number(row.get("worst_height_error_m"), 0, "m"),
                f"{number(row.get('height_error_m'), 2, 'm')} at the end",
            ),
            (
                "readings rejected",
                number(row.get("rejected"), 0),
                f"longest for {number(row.get('longest_rejection_s'), 1, 's')}",
            ),
            ("velocity change", number(row.get("dv_m_s"), 0, "m/s"), "from ignition"),
        ]
    )


def _timeline(replay: Replay) -> str:
    rows = [
        (number(event.t_s, 1), f'<span class="{event.style}">{escape(event.words)}</span>')
        for event in events(replay)
    ]
    return table(("Seconds", "Event"), rows, 9, "timeline")


_COUNTED = {
    "accepted": ACCEPTED,
    "rejected": REJECTED,
    "isolated": ISOLATED,
    "re-acquired": REACQUIRED,
    "not in use": UNUSED,
    "invalid": INVALID,
}


def _sensors(replay: Replay) -> str:
    rows = []
    for index, (name, kind) in enumerate(replay.facts.sensors):
        verdict = replay.sensor(index)["verdict"]
        counts = [number(float(np.sum(verdict == code)), 0) for code in _COUNTED.values()]
        rows.append((escape(name), escape(kind), *counts))
    return table(("Sensor", "Kind", *_COUNTED), rows, 2) if rows else ""


def _limits(replay: Replay) -> str:
    rows = []
    for name, most in replay.facts.limits.items():
        found = replay.row.get(name, math.nan)
        factor, unit = unit_of(name)
        kept = found <= most
        rows.append(
            (
                escape(words_of(name)),
                number(found, 2, unit, factor),
                number(most, 2, unit, factor),
                f'<span class="{"ok" if kept else "no"}">{"kept" if kept else "broken"}</span>',
            )
        )
    return table(("Figure", "Flown", "At most", ""), rows) if rows else ""


def _inputs(replay: Replay) -> str:
    rows = [
        (escape(name.removeprefix("input:").replace("_", " ")), f"{value:.5g}")
        for name, value in replay.row.items()
        if name.startswith("input:")
    ]
    body = table(("Input", "Value, SI"), rows) if rows else ""
    return f"<details><summary>{len(rows)} inputs</summary>{body}</details>" if rows else ""


def _footer(replay: Replay) -> str:
    facts = replay.facts
    again = f"<p>This run again: <code>{escape(facts.command)}</code></p>" if facts.command else ""
    return (
        f"<footer>{again}<p>perilune {escape(facts.version)} \u00b7 case <code>{escape(facts.digest)}</code>"
        f"</p></footer>"
    )
