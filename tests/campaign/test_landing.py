"""The real closed loop in a campaign: the same rows by every way, and a run alone is the campaign's row."""

from pathlib import Path

import numpy as np
import pytest

from perilune.campaign.case import Arm
from perilune.campaign.processes import Processes
from perilune.campaign.run import fly_campaign
from perilune.campaign.ways import Serial, Threads
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load

M3 = Path(__file__).resolve().parents[2] / "missions" / "m3.toml"


@pytest.mark.slow
def test_every_way_lands_alike():
    mission = load(M3)
    arms = [Arm(landing_case(mission, policy=policy), policy) for policy in ("latch", "combined")]
    ways = (Serial(), Threads(2), Processes(2))
    flown = [fly_campaign(arms, seed=3, runs=6, way=way, block_runs=2) for way in ways]
    digests = {tuple(arm.rows_digest for arm in campaign.arms) for campaign in flown}
    assert len(digests) == 1
    alone = arms[1].case.replay(3, 4)
    np.testing.assert_array_equal(alone.row, flown[0].arms[1].rows[4])
