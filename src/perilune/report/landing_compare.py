"""One run under several policies: the same errors, the same noise, and what each policy makes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from perilune.report.columns import unit_of, words_of
from perilune.report.landing_story import story
from perilune.report.page import document, figures, pill, section, table
from perilune.report.replay import Replay
from perilune.report.svg import Chart, Line
from perilune.report.words import number

_WIDE = 1180.0
_STYLES = ("c6", "c0", "c2", "c3", "c4", "c5", "c1", "c7")
#: What is put beside each other, by column of the row.
_COMPARED = (
    "vertical_m_s",
    "horizontal_m_s",
    "tilt_rad",
    "miss_m",
    "propellant_kg",
    "worst_height_error_m",
    "rejected",
    "longest_rejection_s",
    "zero_height_m",
    "free_fall_s",
)


def render_compared(replays: Sequence[Replay]) -> str:
    """Return the page of one run flown under several policies."""
    first = replays[0].facts
    return document(
        f"{first.mission}, run {first.run}, policies - perilune",
        [
            f"<header><h1>{escape(first.mission)}</h1>\n"
            f'<p class="lead">{escape(first.vehicle)} \u00b7 seed {first.seed}, run {first.run}, flown under '
            f"{len(replays)} policies: the same errors and the same noise for each</p></header>",
            section("What each made of it", _stories(replays)),
            figures("Height above the ground", [compared_heights(replays)]),
            figures("", [compared_errors(replays), compared_speeds(replays)]),
            section("Figures", _figures(replays)),
        ],
    )


def _stories(replays: Sequence[Replay]) -> str:
    rows = [
        (
            f"<b>{escape(one.facts.policy)}</b>",
            pill(one.facts.outcome, one.facts.outcome == "landed"),
            escape(story(one)),
        )
        for one in replays
    ]
    return table(("Policy", "", "What happened"), rows, 9, "stories")


def compared_heights(replays: Sequence[Replay]) -> Chart:
    """Return the true height under each policy, and what each took it to be."""
    return _compared(
        replays,
        "True height, and estimated height dashed",
        "height, km",
        (("true_height_m", "", 1e-3), ("height_m", " dashed", 1e-3)),
        (_WIDE, 420.0),
    )


def compared_errors(replays: Sequence[Replay]) -> Chart:
    """Return the error of the estimated height under each policy."""
    lines = tuple(
        Line(one.states["t_s"], one.states["height_m"] - one.states["true_height_m"], style, one.facts.policy)
        for one, style in zip(replays, _styles(len(replays)), strict=True)
    )
    return Chart(
        "Error of the height",
        "seconds after the planned ignition",
        "estimated less true, m",
        lines,
        height=320.0,
    )


def compared_speeds(replays: Sequence[Replay]) -> Chart:
    """Return the speed downwards under each policy."""
    return _compared(replays, "Speed downwards", "m/s", (("true_climb_m_s", "", -1.0),), (640.0, 320.0))


def _compared(
    replays: Sequence[Replay],
    title: str,
    unit: str,
    columns: Sequence[tuple[str, str, float]],
    size: tuple[float, float],
) -> Chart:
    lines = tuple(
        Line(
            one.states["t_s"],
            factor * one.states[column],
            style + dash,
            one.facts.policy if not dash else "",
        )
        for one, style in zip(replays, _styles(len(replays)), strict=True)
        for column, dash, factor in columns
    )
    return Chart(title, "seconds after the planned ignition", unit, lines, width=size[0], height=size[1])


def _styles(count: int) -> list[str]:
    return [_STYLES[k % len(_STYLES)] for k in range(count)]


def _figures(replays: Sequence[Replay]) -> str:
    rows = []
    for column in _COMPARED:
        values = [one.row.get(column, math.nan) for one in replays]
        if np.isfinite(values).any():
            factor, unit = unit_of(column)
            digits = 0 if column == "rejected" else 2
            rows.append((escape(words_of(column)), *(number(v, digits, unit, factor) for v in values)))
    return table(("", *(escape(one.facts.policy) for one in replays)), rows)
