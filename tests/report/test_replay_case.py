"""A landing flown in the closed loop, from case to replay, page, telemetry and campaign page."""

from pathlib import Path

import numpy as np
import pytest
from pages import parsed

from perilune.campaign.case import Arm
from perilune.campaign.run import fly_campaign
from perilune.campaign.ways import Serial
from perilune.exchange.packet_reader import Database
from perilune.landing.ground._kernels import elevation
from perilune.landing.loop.rows import LOG_COLUMNS, OUTCOMES
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load
from perilune.report.campaign_case import campaign_page
from perilune.report.landing_page import render_landing
from perilune.report.landing_story import measured_heights
from perilune.report.replay_case import elevation_of, replay_of
from perilune.report.replay_telemetry import write_telemetry

MISSIONS = Path(__file__).resolve().parents[2] / "missions"


@pytest.fixture(scope="module")
def case():
    return landing_case(load(MISSIONS / "m1-as-flown.toml"), policy="reacquire")


@pytest.fixture(scope="module")
def replay(case):
    return replay_of(case.replay(4, 2, every=5), case, seed=4, command="perilune land m1 --run 2")


def test_the_replay_is_of_the_run_it_names(case, replay):
    row = dict(zip(case.columns, case.fly(4, 2).tolist(), strict=True))
    assert replay.facts.outcome == OUTCOMES[int(row["outcome"])]
    assert replay.row["vertical_m_s"] == row["vertical_m_s"]
    assert (replay.facts.seed, replay.facts.run, replay.facts.policy) == (4, 2, "reacquire")
    assert set(LOG_COLUMNS) == set(replay.states)
    assert len(replay.facts.sensors) == len(case.sensors)


def test_the_logged_ground_lies_under_the_logged_place(case, replay):
    states = replay.states
    c = np.cos(states["true_latitude_rad"])
    directions = np.column_stack(
        [c * np.cos(states["true_longitude_rad"]), c * np.sin(states["true_longitude_rad"]),
         np.sin(states["true_latitude_rad"])]
    )  # fmt: skip
    ground = elevation_of(case.ground, 0.0)(directions)
    assert abs(ground[0] - elevation(*directions[0], case.ground)) < 1e-6
    # Both are of the true ground but for its seeded roughness, and the log's place is the centre of mass.
    assert np.median(np.abs(ground - states["true_ground_m"])) < 30.0


def test_measured_heights_are_near_the_true_ones_where_readings_are_good(replay):
    mine = replay.sensor([kind for _, kind in replay.facts.sensors].index("laser"))
    good = mine["verdict"] == 1.0
    assert good.sum() > 50
    found, true = measured_heights(mine)[good], mine["height_m"][good]
    assert np.median(np.abs(found - true) / np.maximum(true, 10.0)) < 0.02


def test_its_page_and_telemetry_are_whole(replay, tmp_path):
    page = render_landing(replay)
    assert parsed(page).links == []
    assert "Ground track" in page
    write_telemetry(replay, tmp_path, every=10)
    found = Database((tmp_path / "descent.xml").read_text(encoding="utf-8")).read(
        (tmp_path / "descent.bin").read_bytes()
    )
    assert np.array_equal(found["navigation"]["navigation_position_x_m"], replay.states["position_x_m"][::10])


def test_a_campaign_has_its_page(case):
    campaign = fly_campaign([Arm(case, "reacquire")], seed=4, runs=6, way=Serial())
    page = campaign_page(campaign, mission=case.mission, command=lambda _: "perilune land m1")
    assert parsed(page).links == []
    assert "6 landings, seed 4" in page
    assert "perilune land m1 --run " in page
    assert campaign.arms[0].rows_digest in page
