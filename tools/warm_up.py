"""Compile the kernels once, with a line that says so, before several processes would each compile them.

Two processes share the work: what takes longest runs beside the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from perilune import _jit

if TYPE_CHECKING:
    from perilune.dynamics.state import State


def coast() -> None:
    """A day with matrix, dense output and neighbours: the kernels most tests stand on."""
    from perilune.dynamics.forces import ForceModel
    from perilune.dynamics.propagate import propagate, propagate_many

    start = _start()
    propagate(start, 86400.0, ForceModel(), stm=True).at(start.epoch + 3600.0)
    propagate_many([start, start], 86400.0, ForceModel())


def burn_and_land() -> None:
    """A burn of a minute, and a minimum-fuel descent."""
    from perilune.dynamics.burns import Burn
    from perilune.dynamics.forces import ForceModel
    from perilune.dynamics.propagate import propagate
    from perilune.landing.optimal import minimum_fuel_descent

    start = _start()
    propagate(start, 120.0, ForceModel(), burns=(Burn(start.epoch, 60.0, 100.0, 300.0),), stm=True)
    minimum_fuel_descent(1753e3, 0.0, 1692.3, 298.0, thrust_n=440.0, isp_s=310.0, final_radius_m=1738e3)


def land() -> None:
    """A landing in closed loop: by far the longest to compile."""
    from pathlib import Path

    from perilune.mission.landing_case import landing_case
    from perilune.mission.load import load

    path = Path(__file__).resolve().parents[1] / "missions/m3.toml"
    landing_case(load(path), source=str(path)).fly(0, 0)


def _start() -> State:
    from perilune.dynamics.state import State
    from perilune.epoch import Epoch
    from perilune.world.frames import EARTH_ICRF

    return State(Epoch.parse("2025-01-20T00:00:00 TDB"), EARTH_ICRF, (2e8, 0.0, 0.0), (0.0, 1e3, 0.0))


JOBS: tuple[Callable[[], None], ...] = (land, coast, burn_and_land)
#: What an earlier run has left compiled if nothing is to do.
SOURCES = ("dynamics/_kernels_coast.py", "landing/loop/_kernels.py")


def main() -> int:
    if all(_jit.kernels_are_compiled(source) for source in SOURCES):
        return 0
    print("Compiling kernels, once for this source and machine (two or three minutes) ...", flush=True)
    begin_s = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        for done in [pool.submit(job) for job in JOBS]:
            done.result()
    print(f"Compiled in {time.perf_counter() - begin_s:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
