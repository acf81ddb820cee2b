"""One landing in closed loop: truth, sensors, faults, filter, guidance and control; single run or campaign.

Truth and filter integrate in the mean-Earth axes frozen at the planned ignition ("I"); the Moon turns under
them by a rotation vector that is a cubic in time. The flight software sees measurements only.

The parts are compiled into place (`inline`): each is called once in a cycle, and handing over so many arrays
would cost more than most of them do.
"""

from __future__ import annotations

from perilune._jit import kernel
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_aiding import take_measurements
from perilune.landing.loop._kernels_ranging import judge_ranges
from perilune.landing.loop._kernels_record import finish, keep_row
from perilune.landing.loop._kernels_software import estimate_now, predict_covariance, steer
from perilune.landing.loop._kernels_truth import look_around
from perilune.landing.loop._kernels_units import account, five_steps
from perilune.landing.loop._kernels_watch import watch


@kernel(bare=True)
def fly(given, flight):
    """Fly from the start to the ground (`flight.Given`, `flight.Flight`); return how it ended.

    What flew is left in `flight`: state, estimate and covariance as they are at touchdown, figures, log.
    """
    now, start = flight.now, given.start
    _begin(given, flight)
    status = at.TIME_OUT
    while now[at.N_T] < start[at.LONGEST_S]:
        look_around(given, flight)
        predict_covariance(given, flight)
        take_measurements(given, flight)
        judge_ranges(given, flight)
        estimate_now(given, flight)
        steer(given, flight)
        watch(given, flight)
        every = int(start[at.LOG_EVERY])
        if every > 0 and int(now[at.N_CYCLE]) % every == 0 and now[at.N_ROWS] < flight.log.shape[0]:
            keep_row(given, flight)
        touched = five_steps(given, flight)
        account(given, flight)
        now[at.N_CYCLE] += 1.0
        if touched:
            status = at.TOUCHED
            break
    finish(given, flight)
    return status


@kernel(bare=True)
def _begin(given, flight):
    """Set the numbers of the moment as they are when the flight software wakes."""
    now, start, figures = flight.now, given.start, flight.figures
    for k in range(at.NOW):
        now[k] = 0.0
    now[at.N_T], now[at.N_HEIGHT] = start[at.START_S], 1e9
    now[at.N_IGNITION], now[at.N_REJECTING_SINCE] = at.NEVER, at.NEVER
    now[at.N_MAIN_KG], now[at.N_RCS_KG] = start[at.MAIN_KG], start[at.RCS_KG]
    figures[at.REJECTED], figures[at.FIXES] = 0.0, 0.0
    figures[at.LONGEST_REJECTION], figures[at.WORST] = 0.0, 0.0
