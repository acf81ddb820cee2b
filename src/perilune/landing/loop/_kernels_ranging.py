"""The altimeters' readings of a cycle: judged by the policy, and what a flight tells of it afterwards."""

from __future__ import annotations

import math

from perilune._jit import kernel
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_record import keep_measurement
from perilune.landing.sensing.layout import VALID
from perilune.landing.software._kernels_policy import altimetry
from perilune.landing.software._kernels_range import (
    AGE,
    INNOVATION_SIGMA,
    PREDICTED,
    RANGE,
    RESIDUAL,
    SENSOR,
    STATUS,
    TRUE,
)
from perilune.landing.software._kernels_reading import GATED, ISOLATED, REACQUIRED_BY, TAKEN

_LONG_REJECTION_S = 3.0  # s of refusals in a row that count as a cause


@kernel(bare=True, inline=True)
def judge_ranges(given, flight):
    """Let the policy judge the readings and take in what it believes; count what became of them."""
    now, readings, verdicts = flight.now, flight.readings, flight.verdicts
    n = int(now[at.N_READINGS])
    altimetry(
        flight.nav, flight.covariance, readings, n, flight.altimetry_memory, given.software.policy,
        given.software, given.onboard, flight.turned, now[at.N_T], verdicts, flight.events, flight.work,
    )  # fmt: skip
    if n > 0:
        valid, accepted, refused = False, False, False
        for k in range(n):
            verdict = verdicts[k]
            valid |= readings[k, STATUS] == VALID
            accepted |= verdict in (TAKEN, REACQUIRED_BY)
            refused |= verdict in (GATED, ISOLATED)
            count_reading(readings[k], verdict, flight)
        note_times(valid, accepted, refused, now, flight.figures)


@kernel(bare=True, inline=True)
def count_reading(reading, verdict, flight):
    """Count a reading's surprise (NIS) and refusal, and keep it where measurements are kept."""
    now = flight.now
    nis = (reading[RESIDUAL] / reading[INNOVATION_SIGMA]) ** 2
    if verdict in (GATED, ISOLATED):
        flight.figures[at.REJECTED] += 1.0
    if verdict == TAKEN and reading[INNOVATION_SIGMA] > 0.0:
        now[at.N_NIS_SUM] += nis
        now[at.N_NIS_COUNT] += 1.0
    if flight.marks.shape[0] > now[at.N_MARKS]:
        keep_measurement(flight.marks, now, reading[SENSOR], reading[STATUS], verdict, nis)
        mark = flight.marks[int(now[at.N_MARKS]) - 1]
        mark[4], mark[5], mark[6] = reading[RANGE], reading[PREDICTED], reading[RESIDUAL]
        mark[7], mark[8], mark[9] = reading[INNOVATION_SIGMA], reading[TRUE], reading[AGE]


@kernel(bare=True)
def note_times(valid, accepted, refused, now, figures):
    """Write when altimeters were first valid and first believed, and how long all of them were refused."""
    t_s, height_m, down_m_s = now[at.N_T], now[at.N_HEIGHT], -now[at.N_CLIMB]
    if valid and math.isnan(figures[at.VALID_S]):
        figures[at.VALID_S], figures[at.VALID_M], figures[at.VALID_SPEED] = t_s, height_m, down_m_s
    if accepted and math.isnan(figures[at.ACQUIRED_S]):
        figures[at.ACQUIRED_S], figures[at.ACQUIRED_M] = t_s, height_m
        figures[at.ACQUIRED_SPEED] = down_m_s
    if accepted:
        now[at.N_REJECTING_SINCE] = math.nan
    elif refused:
        if math.isnan(now[at.N_REJECTING_SINCE]):
            now[at.N_REJECTING_SINCE] = t_s
        span_s = t_s - now[at.N_REJECTING_SINCE]
        figures[at.LONGEST_REJECTION] = max(figures[at.LONGEST_REJECTION], span_s)
        if span_s > _LONG_REJECTION_S and math.isnan(figures[at.REJECTING_S]):
            figures[at.REJECTING_S] = now[at.N_REJECTING_SINCE]
