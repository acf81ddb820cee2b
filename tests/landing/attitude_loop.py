"""The attitude loop closed on the truth, for tests: perfect estimate, no gravity, a wanted axis over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune._jit import kernel
from perilune.landing.craft import table as t
from perilune.landing.craft._kernels import advance
from perilune.landing.craft._kernels_body import resting_properties
from perilune.landing.craft.shape import GEOMETRIES, craft_of, first_state
from perilune.landing.craft.table import Craft, state_size, work_size
from perilune.landing.software._kernels_control import control
from perilune.landing.software.control import control_memory
from perilune.landing.vehicle import Lander, LanderPropulsion

LANDERS = {
    "RESILIENCE": Lander(
        "RESILIENCE", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0, 0.0, rcs_flow_kg_s=0.003), 375.0
    ),
    "APEX 1.0": Lander("APEX 1.0", LanderPropulsion(12000.0, 320.0, 0.1, attitude_rate_rad_s=0.0873), 2080.0),
}


@kernel
def hold(y, craft, believed, believed_main_kg, wanted, throttles, health, memory, levels, valves, log):
    """Fly len(wanted) cycles; a log row is the state, then the mean specific force along z."""
    work = np.zeros(24 + 24 * craft.tanks.shape[0])
    sensed = np.zeros(6)
    gravity = np.zeros(3)
    props = np.zeros(10)
    rate = y[10:13].copy()
    attitude = np.zeros(4)
    main_kg = y[13] + believed_main_kg
    for cycle in range(wanted.shape[0]):
        before = y[13]
        for i in range(4):
            attitude[i] = y[6 + i]
        resting_properties(main_kg, y[14], believed, props)
        control(
            memory,
            attitude,
            rate,
            wanted[cycle],
            throttles[cycle, 0],
            throttles[cycle, 1],
            believed,
            props,
            levels,
        )
        for i in range(3):
            rate[i] = 0.0
        log[cycle, y.shape[0]] = 0.0
        for part in range(5):
            advance(y, craft, levels, valves, part, health, gravity, 0.02, sensed, work)
            log[cycle, y.shape[0]] += 0.2 * sensed[2]
            for i in range(3):
                # The gyros' mean over the cycle: pulses make the rate at its end a poor sample.
                rate[i] += 0.2 * sensed[3 + i]
        main_kg -= before - y[13]
        for i in range(y.shape[0]):
            log[cycle, i] = y[i]


@dataclass
class Held:
    """What came of it: errors of the thrust axis in rad, rates rad/s, attitude propellant kg."""

    log: np.ndarray
    error_rad: np.ndarray
    axis: np.ndarray
    memory: np.ndarray


def axes_of(attitude: np.ndarray) -> np.ndarray:
    """Return the body's z axes (n, 3) of attitudes (n, 4)."""
    w, x, y, z = attitude.T
    return np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=1)


def fly(
    wanted: np.ndarray,
    throttles: tuple[float, float],
    *,
    lander: str = "RESILIENCE",
    believed: Craft | None = None,
    craft: Craft | None = None,
    propellant_kg: tuple[float, float] = (400.0, 7.5),
    health: np.ndarray | None = None,
    start: np.ndarray | None = None,
    failed: tuple[int, ...] = (),
) -> Held:
    believed = believed or craft_of(LANDERS[lander], GEOMETRIES[lander])
    craft = craft or believed
    n, cycles = len(craft.engines), len(wanted)
    if start is None:
        start = first_state(
            craft, np.zeros(3), np.zeros(3), np.array([1.0, 0, 0, 0]), np.zeros(3), propellant_kg
        )
    if health is None:
        health = np.tile([1.0, 0.0, 0.0], (n, 1))
    if wanted.shape[1] == 3:
        wanted = np.hstack([wanted, np.zeros((cycles, 3))])
    memory = control_memory(believed)
    memory[16 : 16 + n][list(failed)] = 1.0
    log = np.zeros((cycles, state_size(craft) + 1))
    assert work_size(craft) == 24 + 24 * len(craft.tanks)
    both = np.tile(np.array(throttles), (cycles, 1)) if np.ndim(throttles) == 1 else np.array(throttles)
    hold(
        start.copy(), craft, believed, 0.0, np.ascontiguousarray(wanted), both, health, memory,
        np.zeros((n, 3)), np.zeros((n, 3)), log,
    )  # fmt: skip
    axis = axes_of(log[:, t.Y_Q : t.Y_W])
    cross = np.linalg.norm(np.cross(axis, wanted[:, :3]), axis=1)
    return Held(log, np.arctan2(cross, np.sum(axis * wanted[:, :3], axis=1)), axis, memory)
