"""Our own engine, by the door everyone uses: `propagate` and `propagate_many`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import lunar
from benchmarks.arcs import Arc
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate, propagate_many
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import EARTH_ICRF, MOON_ICRF


class Propagator:
    """A cislunar arc at one tolerance."""

    def __init__(self, arc: Arc, tolerance: float, stm: bool = False) -> None:
        self.arc, self.tolerance, self.stm = arc, tolerance, stm
        self.start = State(Epoch.from_tdb_s(arc.epoch_tdb_s), EARTH_ICRF, arc.position_m, arc.velocity_m_s)
        self.forces = ForceModel(
            point_masses=("earth", "moon", "sun"),
            solar_pressure=SolarPressure(arc.area_m2, arc.reflectivity, shadow=False),
        )
        self.flown: Any = None

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        self.flown = propagate(
            self.start, self.arc.duration_s, self.forces,
            stm=self.stm, mass_kg=self.arc.mass_kg, tolerance=self.tolerance,
        )  # fmt: skip
        return self.flown.final.vector

    def transition(self) -> Any:
        """Return the state transition matrix (6, 6) of the last flight."""
        return self.flown.stm

    def states(self, starts: Sequence[Any]) -> list[State]:
        """Return the states of starts (n, 6) in m and m/s."""
        return [State(self.start.epoch, EARTH_ICRF, s[:3], s[3:]) for s in starts]

    def fly_many(self, states: list[State], threads: int) -> Any:
        """Return final states (n, 6) in m and m/s."""
        return propagate_many(
            states, self.arc.duration_s, self.forces,
            threads=threads, mass_kg=self.arc.mass_kg, tolerance=self.tolerance,
        )  # fmt: skip


class LunarPropagator:
    """The 30-day lunar orbit at one tolerance."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        epoch = Epoch.from_tdb_s(lunar.EPOCH_TDB_S)
        self.start = State(epoch, MOON_ICRF, np.array(lunar.POSITION_M), np.array(lunar.VELOCITY_M_S))
        self.forces = ForceModel(point_masses=("moon", "earth", "sun"), moon_degree=lunar.DEGREE)

    def fly(self) -> Any:
        """Return the final (6,) state in m and m/s."""
        return propagate(self.start, lunar.DURATION_S, self.forces, tolerance=self.tolerance).final.vector
