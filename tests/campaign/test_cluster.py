"""Dask: the same rows, whatever worker or scheduler is lost, and a sentence for what can not work."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy_case import ToyCase

from perilune.campaign import cluster as clusters
from perilune.campaign.case import Arm
from perilune.campaign.run import fly_campaign
from perilune.campaign.store import Store
from perilune.campaign.ways import Serial
from perilune.errors import InputError

distributed = pytest.importorskip("distributed")
ARMS = (Arm(ToyCase("a", delay_s=0.01), "latch"), Arm(ToyCase("b", limit=2.5), "reacquire"))


def flown(way, arms=ARMS, runs=100, **options):
    return fly_campaign(arms, seed=7, runs=runs, way=way, block_runs=5, **options)


def digests(campaign):
    return [arm.rows_digest for arm in campaign.arms]


@pytest.fixture(scope="module")
def expected():
    return digests(flown(Serial()))


@pytest.fixture(scope="module")
def local():
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    try:
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
            yield made
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def test_the_rows_are_those_of_one_worker(local, expected):
    assert digests(flown(clusters.Cluster(local.scheduler_address))) == expected


def test_killed_workers_lose_nothing(local, expected, tmp_path):
    arms = (Arm(ToyCase("a", kills=(13, 70), mark=str(tmp_path)), "latch"), ARMS[1])
    assert digests(flown(clusters.Cluster(local.scheduler_address), arms)) == expected
    assert len(list(tmp_path.iterdir())) == 2


def test_a_run_that_raises_is_named(local):
    arms = (Arm(ToyCase(raises=(21,)), "latch"),)
    with pytest.raises(RuntimeError, match="run 21 of seed 7 raised ZeroDivisionError: by hand"):
        flown(clusters.Cluster(local.scheduler_address), arms)


def test_workers_of_another_version_are_refused(local, monkeypatch):
    monkeypatch.setattr(clusters, "_ours", lambda: "another")
    with pytest.raises(InputError, match=r"has another one\. Install there the same perilune"):
        clusters.Cluster(local.scheduler_address)


@pytest.mark.slow
def test_a_lost_scheduler_is_told_and_what_was_flown_is_kept(tmp_path, expected):
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    scheduler, address = started(path)
    slow = (Arm(ToyCase("a", delay_s=0.03), "latch"), ARMS[1])
    with Store(tmp_path, mission="m", seed=7, arms=slow) as store:

        def stop(done, _asked, _failures):
            if done >= 20:
                scheduler.kill()

        begun = time.monotonic()
        with pytest.raises(InputError, match=r"the flight there ended .* the same command goes on"):
            flown(clusters.Cluster(address), slow, store=store, progress=stop)
        assert time.monotonic() - begun < 20
    scheduler.wait()
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        campaign = flown(Serial(), store=store)
    assert digests(campaign) == expected
    assert campaign.arms[0].flown_count <= 80


def started(path):
    """Start a scheduler with one worker in a process of its own; return the process and the address."""
    code = (
        "import time\nfrom distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    made = LocalCluster(n_workers=1, threads_per_worker=1, processes=False,\n"
        "                        dashboard_address=':0', protocol='tcp://')\n"
        "    print(made.scheduler_address, flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    with process.stdout:
        return process, process.stdout.readline().strip()


def test_a_cluster_that_loses_all_workers_is_told(monkeypatch):
    monkeypatch.setattr(clusters, "_ALONE_S", 1.0)
    options = {"processes": False, "dashboard_address": ":0", "protocol": "tcp://"}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **options) as made:
        way = clusters.Cluster(made.scheduler_address)
        with pytest.raises(InputError, match=r"there ended \(ConnectionError: no worker for 1 s\)"):
            flown(way, progress=lambda done, *_: made.scale(0) if done > 9 else None)


def test_no_scheduler_is_a_sentence_within_seconds():
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"--cluster tcp://127\.0\.0\.1:9: no Dask scheduler answers there"):
        clusters.Cluster("tcp://127.0.0.1:9")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("address", ["nonsense://x", "", "127.0.0.1", "tcp://"])
def test_what_is_no_address_is_a_sentence(address):
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        clusters.Cluster(address)


def test_a_cluster_without_workers_is_a_sentence(monkeypatch):
    monkeypatch.setattr(clusters, "_PATIENCE_S", 1.0)
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, dashboard_address=":0", protocol="tcp://"
        ) as made,
        pytest.raises(InputError, match="the scheduler has no workers"),
    ):
        clusters.Cluster(made.scheduler_address)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'perilune\[cluster\]'"):
        clusters.Cluster("tcp://127.0.0.1:9")
