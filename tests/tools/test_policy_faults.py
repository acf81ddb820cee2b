"""The tables policy against fault: what is written is what was flown, and a check finds what changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from toy_case import ToyCase

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import policy_faults  # noqa: E402

from perilune.campaign.case import Arm  # noqa: E402
from perilune.campaign.run import fly_campaign  # noqa: E402
from perilune.campaign.ways import Serial  # noqa: E402


def test_page_and_readme_hold_what_was_flown() -> None:
    command = [sys.executable, str(TOOLS / "policy_faults.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_table_counts_landings_and_marks_the_best() -> None:
    landed = {"none": {"a": "1111", "b": "1110"}, "late": {"a": "0000", "b": "0001"}}
    assert list(policy_faults.lines(landed, 4)) == [
        "| landed of 4 | a | b |",
        "|---|--:|--:|",
        "| no fault | **4** | 3 |",
        "| late | 0 | **1** |",
        "| all | 50.0 % | 50.0 % |",
    ]


def test_which_runs_landed_is_kept_for_each_cell() -> None:
    arms = [Arm(ToyCase(limit=limit), policy) for policy, limit in (("a", 0.5), ("b", 2.0))]
    campaign = fly_campaign(arms, seed=1, runs=12, way=Serial())
    marks = policy_faults.landed(campaign)["none"]
    outcomes = campaign.arms[0].rows[:, arms[0].case.columns.index("outcome")]
    assert [mark == "1" for mark in marks["a"]] == np.equal(outcomes, 0.0).tolist()
    assert marks["b"].count("1") > marks["a"].count("1")


def test_a_check_tells_of_a_cell_that_changed_by_more_than_chance() -> None:
    kept = {"late": {"a": "1" * 100, "b": "0" * 100}}
    assert policy_faults.differences({"late": {"a": "11110", "b": "00000"}}, kept) == []
    changed = policy_faults.differences({"late": {"a": "00001", "b": "00000"}}, kept)
    assert changed == ["late, a: 00001 is flown, 11111 is written"]
    assert policy_faults.differences({"new": {"a": "1"}}, kept) == ["new, a: 1 is flown, nothing is written"]


def test_two_policies_that_never_differ_are_told() -> None:
    """Runs are compared one by one: as many landings do not make two policies alike."""
    first, second = policy_faults.MISSIONS
    quiet = {"none": {"a": "111", "b": "111", "c": "111"}}
    found = {first: quiet | {"late": {"a": "110", "b": "011", "c": "011"}}, second: quiet}
    split = policy_faults.apart(found)["a", "b"]
    assert split is not None
    assert (split.mission, split.fault, split.first, split.second) == (first, "late", 1, 1)
    told = policy_faults.twins(found)
    assert len(told) == 1
    assert told[0].startswith("b and c land the same runs")
