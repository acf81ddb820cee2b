"""Timing in turn, and choosing each engine's fastest setting that is accurate enough."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: What counts as accurate: the distance from the reference, or from the engine's own limit.
ACCURATE_M = 0.01  # m


@dataclass(slots=True)
class Runner:
    """One engine at one setting. `fly` returns the final (6,) state in m and m/s."""

    engine: str
    setting: str
    fly: Callable[[], Any]
    best_s: float = np.inf
    final: Any = None
    error_m: float = np.nan
    from_reference_m: float = np.nan
    times_s: list[float] = field(default_factory=list)


def load_average() -> str:
    """Return the machine's load, which every timing figure needs beside it."""
    return f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"


def time_in_turn(runners: Sequence[Runner], rounds: int, slot_s: float = 0.02) -> None:
    """Time each runner `rounds` times, in turn, so that all meet the same machine; keeps the least."""
    repeats = []
    for runner in runners:
        runner.final = np.asarray(runner.fly(), dtype=float)
        begin_s = time.perf_counter()
        runner.fly()
        repeats.append(max(1, int(slot_s / (time.perf_counter() - begin_s))))
    for _ in range(rounds):
        for runner, count in zip(runners, repeats, strict=True):
            for _ in range(count):
                begin_s = time.perf_counter()
                runner.fly()
                runner.best_s = min(runner.best_s, time.perf_counter() - begin_s)


def accurate_enough(ladder: Sequence[Runner], reference_m: Any, limit_m: float = ACCURATE_M) -> Runner:
    """Return the fastest of one engine's settings that is within `limit_m`, else its most accurate one.

    The error is the distance from the reference. An engine on another clock (TT) can not come near it; such a
    one is judged by the distance from its own tightest setting, which favours it.
    """
    for runner in ladder:
        if runner.final is None:
            runner.final = np.asarray(runner.fly(), dtype=float)
        runner.from_reference_m = float(np.linalg.norm(runner.final[:3] - reference_m))
        runner.error_m = runner.from_reference_m
    if min(r.error_m for r in ladder) > limit_m:
        for runner in ladder[:-1]:
            runner.error_m = float(np.linalg.norm(runner.final[:3] - ladder[-1].final[:3]))
        ladder = ladder[:-1] or ladder
    good = [r for r in ladder if r.error_m <= limit_m]
    if not good:
        return min(ladder, key=lambda r: r.error_m)
    time_in_turn(good, 3)
    return min(good, key=lambda r: r.best_s)


def table(title: str, runners: Sequence[Runner], ours: Runner, unit: str = "ms") -> str:
    """Return the table as text: time, ratio to ours, error."""
    factor = {"s": 1.0, "ms": 1e3}[unit]
    lines = [
        title,
        f"{'engine':<12}{'setting':<26}{unit:>10}{'x ours':>10}{'own error m':>14}{'from truth m':>14}",
    ]
    for r in sorted(runners, key=lambda r: r.best_s):
        ratio = r.best_s / ours.best_s
        lines.append(
            f"{r.engine:<12}{r.setting:<26}{r.best_s * factor:>10.3f}{ratio:>10.2f}"
            f"{r.error_m:>14.1e}{r.from_reference_m:>14.1e}"
        )
    return "\n".join(lines)


def verdict(what: str, figure: float, target: float, at_least: bool = True) -> str:
    """Return one line: the figure, the target, and whether it is met."""
    met = figure >= target if at_least else figure <= target
    relation = "at least" if at_least else "at most"
    return f"{'met ' if met else 'MISSED'} {what}: {figure:.3g} (target {relation} {target:g})"
