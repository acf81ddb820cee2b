"""Cases of landings in closed loop that the tests share, made from the project's own mission files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from perilune.landing.loop.case import Case
from perilune.landing.loop.rows import OUTCOMES
from perilune.maths.arrays import FloatArray
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load

MISSIONS = Path(__file__).resolve().parents[1] / "missions"


@cache
def case(name: str, policy: str | None = None) -> Case:
    path = MISSIONS / f"{name}.toml"
    return landing_case(load(path), policy=policy, source=str(path))


def flown(one: Case, runs: int, seed: int = 0) -> dict[str, FloatArray]:
    """Rows of the first runs, by column; two threads, since kernels let the interpreter go."""
    with ThreadPoolExecutor(2) as pool:
        rows = np.array(list(pool.map(lambda run: one.fly(seed, run), range(runs))))
    return {name: rows[:, place] for place, name in enumerate(one.columns)}


def outcomes(rows: dict[str, FloatArray]) -> Counter[str]:
    return Counter(OUTCOMES[int(code)] for code in rows["outcome"])


def otherwise(rows: dict[str, FloatArray], held: Sequence[bool] | FloatArray) -> list[int]:
    """The runs for which something did not hold, for a message that names them."""
    return [int(run) for run, good in zip(rows["run"], held, strict=True) if not good]
