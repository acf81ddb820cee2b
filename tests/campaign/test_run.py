"""The same rows by every way of flying, whole or in pieces, whatever dies meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from toy_case import ToyCase

from perilune.campaign.blocks import RunFailedError
from perilune.campaign.case import Arm
from perilune.campaign.processes import _START, Processes
from perilune.campaign.run import Interrupted, fly_campaign
from perilune.campaign.store import Store
from perilune.campaign.ways import Serial, Threads
from perilune.errors import InputError

RUNS = 60
ARMS = (Arm(ToyCase("a"), "latch"), Arm(ToyCase("b", limit=2.5), "reacquire"))


def flown(way, arms=ARMS, runs=RUNS, **options):
    return fly_campaign(arms, seed=7, runs=runs, way=way, block_runs=8, **options)


@pytest.fixture(scope="module")
def expected():
    return flown(Serial())


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


def test_what_is_kept_is_not_flown_again(tmp_path, expected):
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        flown(Threads(2), runs=20, store=store)
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        campaign = flown(Threads(2), store=store)
    same(campaign, expected)
    assert [arm.flown_count for arm in campaign.arms] == [40, 40]
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        fewer = flown(Serial(), runs=11, store=store)
    assert [arm.flown_count for arm in fewer.arms] == [0, 0]
    np.testing.assert_array_equal(fewer.arms[1].rows, expected.arms[1].rows[:11])
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        assert flown(Serial(), store=store).arms[0].flown_count == 0
    assert sorted(path.name for path in (tmp_path / "rows").iterdir()) == [
        "latch.parquet",
        "reacquire.parquet",
    ]


class Stopped:
    """A way that is interrupted after some blocks, as by Ctrl-C."""

    workers = 1

    def __init__(self, after):
        self.after = after

    def fly(self, cases, seed, blocks):
        for k, block in enumerate(Serial().fly(cases, seed, blocks)):
            if k == self.after:
                raise KeyboardInterrupt
            yield block


def test_an_interrupted_campaign_goes_on_where_it_was(tmp_path, expected):
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store, pytest.raises(Interrupted) as stop:
        flown(Stopped(after=9), store=store)
    assert (stop.value.done, stop.value.asked) == (68, 120)
    assert str(stop.value) == "interrupted after 68 of 120 runs"
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        campaign = flown(Processes(2), store=store)
    same(campaign, expected)
    assert [arm.flown_count for arm in campaign.arms] == [0, 52]


def test_a_damaged_block_is_flown_again(tmp_path, expected):
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store, pytest.raises(Interrupted):
        flown(Stopped(after=4), store=store)
    first, second, *_ = sorted((tmp_path / "rows" / "latch").glob("*.parquet"))
    first.write_bytes(first.read_bytes()[:-40])
    second.write_bytes(b"")
    with Store(tmp_path, mission="m", seed=7, arms=ARMS) as store:
        campaign = flown(Serial(), store=store)
    same(campaign, expected)
    assert campaign.arms[0].flown_count == RUNS - 16


def test_a_killed_client_loses_nothing(tmp_path):
    """SIGKILL in the middle: no worker outlives it, the rest is flown, the rows are those of one go."""
    code = (
        "from toy_case import ToyCase; from pathlib import Path; import sys\n"
        "from perilune.campaign.case import Arm; from perilune.campaign.run import fly_campaign\n"
        "from perilune.campaign.store import Store; from perilune.campaign.processes import Processes\n"
        "arms = (Arm(ToyCase('k', delay_s=0.01), 'latch'),)\n"
        "with Store(Path(sys.argv[1]), mission='m', seed=1, arms=arms) as store:\n"
        "    fly_campaign(arms, seed=1, runs=400, way=Processes(2), store=store, block_runs=5)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    killed = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        blocks = tmp_path / "rows" / "latch"
        waited(lambda: blocks.is_dir() and len(list(blocks.glob("*.parquet"))) >= 5)
        workers = children(killed.pid)
        assert len(workers) == 2
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    waited(lambda: not any(alive(worker) for worker in workers))
    arms = (Arm(ToyCase("k"), "latch"),)
    with Store(tmp_path, mission="m", seed=1, arms=arms) as store:
        campaign = fly_campaign(arms, seed=1, runs=400, way=Threads(2), store=store)
    assert campaign.arms[0].flown_count <= 375
    whole = fly_campaign(arms, seed=1, runs=400, way=Serial())
    assert campaign.arms[0].rows_digest == whole.arms[0].rows_digest


def test_a_lost_worker_process_loses_nothing(tmp_path, expected):
    arms = (Arm(ToyCase("a", kills=(3, 30, 59), mark=str(tmp_path)), "latch"), ARMS[1])
    same(flown(Processes(2), arms=arms), expected)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_block_that_always_ends_its_worker_is_told(tmp_path):
    arms = (Arm(ToyCase(kills=(12,), always=True, mark=str(tmp_path)), "latch"),)
    with pytest.raises(InputError, match=r"runs 8 to 15 ended 3 worker processes \(exit code -9\)"):
        flown(Processes(2), arms=arms)


@pytest.mark.parametrize("way", [Serial(), Threads(2), Processes(2)])
def test_a_run_that_raises_is_named(way):
    arms = (Arm(ToyCase(raises=(21,)), "latch"),)
    with pytest.raises(RunFailedError, match="run 21 of seed 7 raised ZeroDivisionError: by hand"):
        flown(way, arms=arms)


def test_cases_that_a_worker_can_not_take_are_told():
    arms = (Arm(unknown_there(), "latch"),)
    with pytest.raises(RunFailedError, match="a worker could not take the cases: ModuleNotFoundError"):
        flown(Processes(2), arms=arms)


def unknown_there():
    """Return a case whose class no other process can import."""
    module = types.ModuleType("made_by_hand")
    exec("from toy_case import ToyCase\nclass Here(ToyCase):\n    pass", module.__dict__)
    module.Here.__module__ = module.__name__
    sys.modules[module.__name__] = module
    return module.Here()


def test_progress_counts_runs_and_failures(expected):
    told = []
    flown(Threads(2), progress=lambda *given: told.append(given))
    failures = sum(int((arm.rows[:, 1] != 0).sum()) for arm in expected.arms)
    assert told[0] == (0, 120, 0)
    assert told[-1] == (120, 120, failures)


def waited(what, seconds=20.0):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_whose_link_ends_within_a_message_ends_quietly():
    ours, theirs = socket.socketpair()
    with theirs:
        worker = subprocess.Popen(
            [sys.executable, "-c", _START, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
        )
    ours.sendall(b"\x00\x00")  # two octets of a length of four
    ours.close()
    assert worker.communicate(timeout=60)[1] == b""
    assert worker.returncode == 0
