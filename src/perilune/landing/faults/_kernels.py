"""Faults at work: which rows of the table act now, and what they do to sensors, engines, tank, map and
software.

A fault is a row of float64[m, 8]: row and column of `effects`, trigger, its value, size, duration s (0: for
good), how it joins others in the same place, and spare.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.sensing import layout as at

FAULT_COLUMNS = 8
F_ROW, F_COLUMN, F_TRIGGER, F_AT, F_SIZE, F_DURATION_S, F_JOINS = range(7)
#: Triggers: seconds since ignition, true height below, phase reached, from the start.
AFTER, BELOW, PHASE, START = 0, 1, 2, 3
#: Ways to join: sizes add, the last one holds, factors (kept less one) multiply.
ADDS, HOLDS, MULTIPLIES = 0, 1, 2

NOT_STARTED = math.nan  # s, what `started` (m,) is filled with before a run


@kernel(bare=True)
def effects_of(faults, started, since_ignition_s, height_m, phase, effects):
    """Bring `effects` up to date; return how many rows act.

    `since_ignition_s` is negative before ignition. A fault starts once; what lasts for a while ends by
    itself. Cells of `effects` that no fault names are left alone.
    """
    count = faults.shape[0]
    for k in range(count):
        effects[int(faults[k, F_ROW]), int(faults[k, F_COLUMN])] = 0.0
    active = 0
    for k in range(count):
        if not _begun(started, k) and _triggered(faults, k, since_ignition_s, height_m, phase):
            started[k] = since_ignition_s
        if not _begun(started, k):
            continue
        if faults[k, F_DURATION_S] > 0.0 and since_ignition_s - started[k] >= faults[k, F_DURATION_S]:
            continue
        active += 1
        _join(effects, int(faults[k, F_ROW]), int(faults[k, F_COLUMN]), faults[k, F_SIZE], faults[k, F_JOINS])
    return active


@kernel(bare=True)
def _begun(started, k):
    return not math.isnan(started[k])


@kernel(bare=True)
def _triggered(faults, k, since_ignition_s, height_m, phase):
    trigger, value = faults[k, F_TRIGGER], faults[k, F_AT]
    if trigger == AFTER:
        return since_ignition_s >= value
    if trigger == BELOW:
        return height_m < value
    if trigger == PHASE:
        return phase >= value
    return True


@kernel(bare=True)
def _join(effects, row, column, size, joins):
    before = effects[row, column]
    if joins == ADDS:
        effects[row, column] = before + size
    elif joins == HOLDS:
        effects[row, column] = size
    else:
        effects[row, column] = (1.0 + before) * (1.0 + size) - 1.0


@kernel(bare=True)
def engine_health(effects, n_sensors, health):
    """Write thrust factor and misalignment about body x and y (rad) of each engine into health (n, 3); return
    how many engines are not as they should be.
    """
    failing = 0
    for k in range(health.shape[0]):
        row = n_sensors + k
        works = 0.0 if effects[row, at.OFF] != 0.0 else 1.0
        health[k, 0] = works * max(1.0 + effects[row, at.SCALE], 0.0)
        health[k, 1] = effects[row, at.BIAS]
        health[k, 2] = effects[row, at.BIAS_Y]
        if health[k, 0] != 1.0 or health[k, 1] != 0.0 or health[k, 2] != 0.0:
            failing += 1
    return failing


@kernel(bare=True)
def since(started, since_ignition_s):
    """Return the time (s) since the first fault began, infinite before that."""
    first = math.inf
    for k in range(started.shape[0]):
        if _begun(started, k):
            first = min(first, started[k])
    return since_ignition_s - first if first < math.inf else math.inf
