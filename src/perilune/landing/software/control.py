"""Settings of the attitude control, and the memory it wants."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from perilune.landing.craft.table import Craft
from perilune.maths.arrays import FloatArray

CYCLE_S: Final = 0.1  # s, one cycle of the flight software
#: Rate asked for by each radian of error, and angular acceleration by each rad/s of rate error (1/s). The
#: inner loop is three times as fast as the outer one, and a third of what a cycle's delay would allow.
PULL_PER_S: Final = 1.2
FOLLOW_PER_S: Final = 3.0
#: Share of a new left-over torque that is believed, each cycle: a time constant of 0.3 s.
LEARN: Final = 0.3
#: Share of the torque at hand that turns may ask for; the rest is left to disturbances.
SHARE_OF_TORQUE: Final = 0.6
#: Without engines to help, attitude thrusters rest while the errors are below these.
QUIET_RAD: Final = math.radians(0.2)
QUIET_RAD_S: Final = math.radians(0.1)
ROLL_QUIET_RAD: Final = math.radians(1.0)
#: An assist engine counts as failed when the disturbance has been its missing torque, within this share of
#: it, for so many cycles (0.8 s). A centre of mass 2 cm off looks like a fifth of an engine.
ALIKE: Final = 0.35
FAILED_CYCLES: Final = 8.0
#: First of the marks in the memory that tell an engine as failed.
FAILED: Final = 16


def control_memory_size(craft: Craft) -> int:
    """Return the length of the memory of `control` for a craft."""
    return FAILED + 6 * len(craft.engines)


def control_memory(craft: Craft) -> FloatArray:
    """Return a memory without any history."""
    return np.zeros(control_memory_size(craft))
