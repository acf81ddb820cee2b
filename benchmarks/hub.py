"""The bare six-degree hub of Basilisk beside our own: 900 s about the Moon in steps of 20 ms.

    python -m benchmarks hub

Basilisk's modules are C++ steps called by its scheduler, with messages written each step; ours is one
compiled loop. That is what a campaign pays in either, so nothing is taken off. The bare hub is a rigid body
under a point mass; our full craft has 15 engines, alight, and two tanks whose liquid sways, at these steps.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks._kernels_hub import coast
from benchmarks.measure import Runner, time_in_turn, verdict
from perilune.constants import GM_MOON_M3_S2
from perilune.landing.craft import table as t
from perilune.landing.craft.shape import GEOMETRIES, craft_of, first_state
from perilune.landing.craft.table import Craft
from perilune.landing.vehicle import Lander, LanderPropulsion

POSITION_M, VELOCITY_M_S = (1.7574e6, 0.0, 0.0), (0.0, 1670.0, 0.0)
RATE_RAD_S = (0.03, 0.0, 0.07)
INERTIA_KG_M2 = (100.0, 150.0, 220.0)
MASS_KG = 375.0
DT_S, STEPS = 0.02, 45_000


class Ours:
    """The craft's kernel: dry and rigid, or with everything at work."""

    def __init__(self, full: bool) -> None:
        engines = LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0, 0.0)
        craft = craft_of(Lander("hub", engines, MASS_KG), GEOMETRIES["RESILIENCE"])
        self.craft: Craft = craft if full else rigid(craft)
        self.load_kg = (400.0, 1000.0) if full else (0.0, 0.0)
        self.levels = np.zeros((len(craft.engines), 3))
        if full:
            self.levels[:, 0] = [0.3, *[0.2] * 6, *[0.1] * 8]

    def fly(self) -> Any:
        """Return the final position, velocity (inertial axes), attitude and rate (13,)."""
        y = first_state(
            self.craft, np.array(POSITION_M), np.array(VELOCITY_M_S), np.array([1.0, 0.0, 0.0, 0.0]),
            np.array(RATE_RAD_S), self.load_kg,
        )  # fmt: skip
        n = len(self.levels)
        health = np.tile([1.0, 0.0, 0.0], (n, 1))
        coast(y, self.craft, self.levels, np.zeros((n, 3)), health, GM_MOON_M3_S2, STEPS, DT_S)
        return y[: t.Y_MAIN]


def rigid(craft: Craft) -> Craft:
    """Return a craft of the hub's inertia without tanks."""
    body = craft.body.copy()
    body[t.IXX : t.IZZ + 1] = INERTIA_KG_M2
    body[t.DRY_X : t.DRY_Z + 1] = 0.0
    return craft._replace(tanks=np.zeros((0, t.TANK_COLUMNS)), body=body)


class Basilisk:
    """One `Spacecraft` with a point-mass Moon; only the run is timed, not the set-up."""

    def simulation(self) -> tuple[Any, Any]:
        """Return (simulation, spacecraft), ready to run."""
        from Basilisk.simulation import spacecraft
        from Basilisk.utilities import SimulationBaseClass, macros, simIncludeGravBody

        simulation = SimulationBaseClass.SimBaseClass()
        process = simulation.CreateNewProcess("process")
        process.addTask(simulation.CreateNewTask("task", macros.sec2nano(DT_S)))
        craft = spacecraft.Spacecraft()
        craft.hub.mHub = MASS_KG
        craft.hub.r_BcB_B = [[0.0], [0.0], [0.0]]
        craft.hub.IHubPntBc_B = np.diag(INERTIA_KG_M2).tolist()
        bodies = simIncludeGravBody.gravBodyFactory()
        moon = bodies.createMoon()
        moon.isCentralBody, moon.mu = True, GM_MOON_M3_S2
        craft.gravField.gravBodies = spacecraft.GravBodyVector(list(bodies.gravBodies.values()))
        simulation.AddModelToTask("task", craft)
        craft.hub.r_CN_NInit, craft.hub.v_CN_NInit = ([[x] for x in v] for v in (POSITION_M, VELOCITY_M_S))
        craft.hub.sigma_BNInit, craft.hub.omega_BN_BInit = [[0.0]] * 3, [[x] for x in RATE_RAD_S]
        simulation.InitializeSimulation()
        simulation.ConfigureStopTime(macros.sec2nano(DT_S * STEPS))
        return simulation, craft

    def fly_once(self) -> tuple[float, Any]:
        """Return (time of the run in s, final position, velocity, quaternion and rate (13,))."""
        import time

        simulation, craft = self.simulation()
        begin_s = time.perf_counter()
        simulation.ExecuteSimulation()
        took_s = time.perf_counter() - begin_s
        end = craft.scStateOutMsg.read()
        sigma = np.array(end.sigma_BN)
        square = sigma @ sigma
        attitude = np.array([1.0 - square, *(2.0 * sigma)]) / (1.0 + square)
        return took_s, np.array([*end.r_CN_N, *end.v_CN_N, *attitude, *end.omega_BN_B])


def lines(rounds: int = 5) -> list[str]:
    """Return the table: times of our hub, our full craft and Basilisk's hub; how far they end apart."""
    ours = [Runner("perilune", "bare hub", Ours(False).fly), Runner("perilune", "full craft", Ours(True).fly)]
    time_in_turn(ours, rounds)
    per_step = 1e9 / STEPS
    text = [f"{DT_S * STEPS:.0f} s in {STEPS} steps, one process, one thread"]
    text += [
        f"perilune    {r.setting:<12}{r.best_s * 1e3:>10.2f} ms{r.best_s * per_step:>10.0f} ns a step"
        for r in ours
    ]
    if find_spec("Basilisk") is None:
        return [*text, "basilisk is left out: it is not installed (pip install bsk)."]
    peer = Basilisk()
    flown = [peer.fly_once() for _ in range(rounds)]
    best_s, end = min(took_s for took_s, _ in flown), flown[0][1]
    apart = end - ours[0].final
    apart[6:10] = end[6:10] * np.sign(end[6] * ours[0].final[6]) - ours[0].final[6:10]
    text += [
        f"basilisk {version('bsk')}  hub    {best_s * 1e3:>10.2f} ms{best_s * per_step:>10.0f} ns a step",
        f"ends apart: {np.linalg.norm(apart[:3]):.1e} m, {np.linalg.norm(apart[3:6]):.1e} m/s, "
        f"attitude {2.0 * np.linalg.norm(apart[6:10]):.1e} rad, rate {np.linalg.norm(apart[10:]):.1e} rad/s",
        verdict("times faster than basilisk's hub", best_s / ours[0].best_s, 10.0),
        verdict("times faster with the full craft", best_s / ours[1].best_s, 10.0),
    ]
    return text
