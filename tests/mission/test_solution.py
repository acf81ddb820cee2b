"""Kept transfers: what is read is what was written, and whatever can not be trusted is searched again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flights import M2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from perilune.mission import solution
from perilune.mission.load import load as read
from perilune.mission.plan import Plan, plan
from perilune.transfer.flight import Solution
from perilune.transfer.phasing import Aim
from perilune.transfer.schedule import Schedule

NUMBERS = st.floats(-1e12, 1e12)


@pytest.fixture(scope="module")
def m2() -> Plan:
    return plan(read(M2))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solution, "cache_folder", lambda: tmp_path / "transfers")


def kept() -> Solution:
    return Solution(
        times_s=np.array([-9.6e6, -7.0e6 / 3.0, 0.0]),
        unknowns=np.array([0.1, 1.0 / 3.0, -2e-17]),
        impulse_nodes=(1,),
        free_times=(0, 2),
        names=("injection", "flyby", "insertion"),
        flyby_node=1,
        loops=2,
        branch=1,
        aim=Aim(1.8110001e6, 0.0123),
        schedule=Schedule(3, 11, 28),
    )


def same(one: Solution, other: Solution) -> bool:
    arrays_agree = all((getattr(one, n) == getattr(other, n)).all() for n in ("times_s", "unknowns"))
    others = [n for n in Solution.__slots__ if n not in ("times_s", "unknowns")]
    return arrays_agree and all(getattr(one, n) == getattr(other, n) for n in others)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(unknowns=arrays.arrays(np.float64, st.integers(0, 40), elements=NUMBERS), offset_rad=NUMBERS)
def test_every_digit_comes_back(m2: Plan, unknowns: np.ndarray, offset_rad: float) -> None:
    written = replace(kept(), unknowns=unknowns, aim=Aim(None, offset_rad))
    solution.save(m2, written)
    back = solution.load(m2)
    assert back is not None
    assert same(back, written)


def test_another_plan_has_no_solution_yet(m2: Plan) -> None:
    solution.save(m2, kept())
    assert solution.load(replace(m2, digest="another")) is None


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "[]",
        lambda _: "",
        lambda text: text.replace('"format": ', '"format": 9'),
        lambda text: text.replace('"loops"', '"loop"'),
        lambda _: "null",
        lambda text: text.replace("1811000.1", "1811000.2"),
    ],
    ids=["cut", "no table", "empty", "other format", "other key", "nothing", "another figure"],
)
def test_what_can_not_be_read_is_searched_again(m2: Plan, tmp_path: Path, harm) -> None:
    solution.save(m2, kept())
    (path,) = (tmp_path / "transfers").iterdir()
    path.write_text(harm(path.read_text()))
    assert solution.load(m2) is None


def test_a_place_that_can_not_be_written_is_no_fault_of_the_flight(
    m2: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(solution, "cache_folder", lambda: tmp_path / "file" / "transfers")
    solution.save(m2, kept())
    assert solution.load(m2) is None
