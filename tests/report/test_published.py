import math
from dataclasses import replace

import numpy as np
from campaigns import arm
from replays import FALL_S, FLOOR_M, RIM_M, replay

from perilune.mission.published_schema import PublishedFigure
from perilune.report.landing_page import render_landing
from perilune.report.published import flown_here, published_of_arm, published_of_run, terrain_step_m

TOLD = (
    ("terrain_step", 3000.0, "3 km", "statement of 2023"),
    ("terrain_step", 5000.0, "5 km", "slide of 2025"),
    ("free_fall", 88.0, "88 s", "Doppler"),
    ("first_valid_speed", 66.0, "66 m/s", "press"),
)


def with_told():
    return replace(replay(), facts=replace(replay().facts, published=TOLD))


def test_the_step_of_the_ground_is_the_largest_fall_within_ten_kilometres():
    assert math.isclose(terrain_step_m(replay()), RIM_M - FLOOR_M, rel_tol=0.01)
    states = dict(replay().states)
    ramp = {**states, "to_go_m": np.linspace(100e3, 0.0, 101), "true_ground_m": np.linspace(1000.0, 0.0, 101)}
    assert math.isclose(terrain_step_m(replace(replay(), states=ramp)), 100.0)


def test_figures_of_a_run():
    assert flown_here(replay(), "free_fall") == FALL_S
    assert flown_here(replay(), "powered_descent") == replay().row["dry_s"] - replay().row["ignition_s"]
    assert math.isnan(flown_here(replay("reacquire"), "hover_height"))


def test_conflicting_figures_share_a_line_of_the_page():
    page = render_landing(with_told())
    part = page[page.index("Beside what was made public") :]
    part = part[: part.index("</table>")]
    assert "3 km<br>5 km" in part
    assert "statement of 2023<br>slide of 2025" in part
    assert "72.0\u00a0s" in part
    assert part.count("<tr>") == 1 + 3
    assert published_of_run(replay()) == ""


def test_a_campaign_shows_the_spread():
    told = [
        PublishedFigure("impact_speed", 127.0, "127 m/s", "from 5 km"),
        PublishedFigure("terrain_step", 3e3, "3 km", "x"),
    ]
    part = published_of_arm(arm(failing=0.5), told)
    assert "40.0\u00a0m/s" in part
    assert "127 m/s" in part
    assert "3 km" not in part  # the ground under a track is no column of the rows
