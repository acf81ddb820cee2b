"""The same rows by every way of flying, whole or in pieces, whatever dies meanwhile."""

import os
from pathlib import Path

import numpy as np
import pytest
from toy_case import ToyCase

from perilune.campaign.case import Arm
from perilune.campaign.processes import Processes
from perilune.campaign.run import fly_campaign
from perilune.campaign.ways import Serial, Threads

RUNS = 60
ARMS = (Arm(ToyCase("a"), "latch"), Arm(ToyCase("b", limit=2.5), "reacquire"))


def flown(way, arms=ARMS, runs=RUNS, **options):
    return fly_campaign(arms, seed=7, runs=runs, way=way, block_runs=8, **options)


@pytest.fixture(scope="module")
def expected():
    return flown(Serial())


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made


def same(campaign, expected):
    assert [arm.rows_digest for arm in campaign.arms] == [arm.rows_digest for arm in expected.arms]
    for ours, theirs in zip(campaign.arms, expected.arms, strict=True):
        np.testing.assert_array_equal(ours.rows, theirs.rows)


@pytest.mark.parametrize("way", [Serial(), Threads(1), Threads(3), Processes(2)])
def test_every_way_gives_the_same_rows_in_run_order(way, expected):
    campaign = flown(way)
    same(campaign, expected)
    assert campaign.arms[0].rows[:, 0].tolist() == list(range(RUNS))
    assert [arm.flown_count for arm in campaign.arms] == [RUNS, RUNS]


def test_dask_gives_the_same_rows(cluster, expected):
    from perilune.campaign.cluster import Cluster

    same(flown(Cluster(cluster.scheduler_address)), expected)
