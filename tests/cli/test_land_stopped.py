"""`perilune land` stopped by hand: what is finished is kept, and the same command goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: The command over a case of no physics that takes its time.
PROGRAM = """
import sys
from toy_case import ToyCase
from perilune.cli import land_call
from perilune.cli.main import run

land_call.landing_case = lambda mission, policy=None, faults=(), source="": ToyCase("slow", delay_s=0.02)
sys.exit(run(["land", *sys.argv[1:]]))
"""


@pytest.fixture
def start(tmp_path):
    path = os.pathsep.join([str(ROOT / "tests"), *sys.path])
    environment = os.environ | {"PYTHONPATH": path, "PERILUNE_CACHE_DIR": str(tmp_path / "cache")}

    def started(*words):
        command = [sys.executable, "-c", PROGRAM, str(ROOT / "missions" / "m2.toml"), *words]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )

    return started


def until_some_blocks_are_kept(folder, count=3, seconds=60.0):
    end = time.monotonic() + seconds
    while len(list(folder.rglob("0*.parquet"))) < count:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "way",
    [
        ["--workers", "2"],
        pytest.param(["--workers", "1"], marks=pytest.mark.slow),
        pytest.param(["--workers", "2", "--processes"], marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(start, tmp_path, way):
    running = start("--runs", "300", "--json", *way)
    until_some_blocks_are_kept(tmp_path / "cache" / "campaigns")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert "of 300 runs. They are kept; the same command goes on from there." in err
    assert "Traceback" not in err
    again = start("--runs", "300", "--json", *way)
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0
    assert "of 300 runs are kept from before" in err
    found = json.loads(out)
    assert found["flown_runs"] < 300
    assert found["kept_runs"] == 300 - found["flown_runs"]
    assert list((tmp_path / "cache" / "campaigns").iterdir()) == []
