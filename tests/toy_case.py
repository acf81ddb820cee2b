"""A case of no physics, for tests of what flies cases: cheap, and able to hang, die or raise on demand."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perilune.landing.loop.rows import CAUSES, COLUMNS, CRASHED, LANDED, OUTCOMES

INPUTS = ("bias", "scale", "idle")


@dataclass(frozen=True, slots=True)
class ToyCase:
    """Lands unless |bias| is large; `mark` is a folder where a killing run leaves its note."""

    name: str = "toy"
    limit: float = 1.5
    delay_s: float = 0.0
    busy_s: float = 0.0
    kills: tuple[int, ...] = ()
    always: bool = False
    raises: tuple[int, ...] = ()
    mark: str = ""
    policy: str = "toy"

    @property
    def digest(self) -> str:
        return f"toy {self.name} {self.limit}"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*COLUMNS, *(f"input:{name}" for name in INPUTS))

    def fly(self, seed: int, run: int) -> np.ndarray:
        self._misbehave(run)
        draw = np.random.default_rng([seed, run])
        bias, scale, idle = draw.normal(size=3)
        row = dict.fromkeys(self.columns, np.nan)
        landed = abs(bias) < self.limit
        row |= {"run": run, "outcome": LANDED if landed else CRASHED}
        row |= {"first_cause": 0 if landed else CAUSES.index("altimeter rejected")}
        row |= {"downrange_miss_m": 30 * draw.normal() + 5, "crossrange_miss_m": 10 * draw.normal()}
        row["miss_m"] = np.hypot(row["downrange_miss_m"], row["crossrange_miss_m"])
        row |= {"vertical_m_s": 1.0 + 0.2 * scale if landed else 40 + abs(bias), "horizontal_m_s": 0.1}
        row |= {"tilt_rad": 0.01, "propellant_kg": 20 + idle, "nees": 1.0 + 0.1 * draw.normal(), "nis": 1.0}
        row |= {"input:bias": bias, "input:scale": scale, "input:idle": idle}
        return np.array([row[name] for name in self.columns], dtype=float)

    def _misbehave(self, run: int) -> None:
        if self.delay_s:
            time.sleep(self.delay_s)
        until = time.perf_counter() + self.busy_s
        while time.perf_counter() < until:
            pass
        if run in self.raises:
            raise ZeroDivisionError("by hand")
        if run in self.kills:
            mark = Path(self.mark) / f"killed-{run}"
            if self.always or not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)


assert OUTCOMES[LANDED] == "landed"
