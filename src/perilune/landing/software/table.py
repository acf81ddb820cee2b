"""The flight software of a descent as the arrays its kernels read, and where each number stands in them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from perilune.maths.arrays import FloatArray

#: Places in `Software.policy`: what an altimeter policy does, as numbers (metres, seconds; 0 switches off).
(
    CODE,
    GATE_SIGMA,  # innovation gate, in sigmas of what is expected
    GATE_M,  # gate of fixed size, its part that does not shrink
    GATE_SHARE,  # and its part in shares of the height
    GATE_BELOW_M,  # the fixed gate acts below this height only
    LATCH_REJECTS,  # rejects in a row that switch an altimeter off for ever
    REOPEN_S,  # span of self-consistent rejects after which they are believed
    EARLY_ODDS,  # log odds of stepped ground against a failed sensor that decide earlier
    VOTES,  # instruments are held against one another
    CHECKS,  # stuck and implausible readings are looked for
    ADAPTS,  # noise is measured, not believed
    SITE_SLOPE,  # slopes about the site, rms over tens of metres: ground beside what is under the craft
    TERRAIN_SIGMA_M,  # relief of the ground about the site's elevation
    TERRAIN_LENGTH_M,  # and how far it hangs together
    SITE_M,  # distance from the site within which its elevation holds
    PLAIN_M,  # radius of the plain about the site, on which relief grows a tenth as fast
    GROUND_SHARE,  # unevenness as white noise, in shares of the height
    USES_MAP,
    FADE_HIGH_M,  # the map counts in full above this height
    FADE_LOW_M,  # and not at all below this
    MAP_SIGMA_M,
    MAP_LENGTH_M,
    WEIGHT,  # Apollo's weight of altitude, at the ground
    WEIGHT_S,  # per this time
    WEIGHT_TOP_M,  # and the height at which it is gone
    FIRST_READINGS,  # self-consistent readings that make a first acquisition
    FIRST_S,  # within this time
    HARD_STOP_M_S2,  # readings that would ask for more than this to stop are not re-opened for
) = range(28)
POLICY_SIZE: Final = 32

#: Places in `Software.site`: the site (3,) m, its radius m, the Moon's spin rad/s, pads below the unit m.
SITE, SITE_RADIUS, SPIN, PADS_BELOW = 0, 3, 4, 5
SITE_SIZE: Final = 8

#: Places in `Software.inertial`: limits of the check of the inertial units.
(
    EXPECTS_M_S2,  # expected thrust acceleration above which accelerometers are judged
    SILENT_SHARE,  # below this share of what is expected a unit counts as silent
    APART_M_S2,  # change in the difference of two units that counts as a disagreement
    APART_RAD_S,
    CONFIRM_S,  # a disagreement must last this long
) = range(5)
INERTIAL_SIZE: Final = 8
INERTIAL_MEMORY: Final = 40

STATES: Final = 32
NAV_SIZE: Final = 33
MEMORY_COLUMNS: Final = 80
EVENTS: Final = 16
WORK_SHAPE: Final = (16, STATES)

#: Verdicts on a reading.
VERDICTS: Final = ("none", "accepted", "rejected", "isolated", "re-acquired", "not in use", "invalid")
#: Places in `events`, counted over a run; times are NaN until they come.
(
    REJECTED,
    ACCEPTED,
    ACQUIRED_S,
    REACQUIRED,
    REACQUIRED_S,
    ISOLATED_NOW,  # bits of sensors
    ISOLATIONS,
    ISOLATED_S,
    LONGEST_REJECTION_S,
    REJECTION_SINCE_S,
    NIS_SUM,
    NIS_COUNT,
    LAMP,  # Apollo's altitude light
    ACCEPTED_S,  # last accepted reading
    ACQUIRED_HEIGHT_M,
    SWITCHED_IMU_S,
) = range(EVENTS)


class Software(NamedTuple):
    """What the flight software knows of itself: policy, noise, limits. Arrays only, for kernels.

    `policy` (32,), `noise` (16,) (layout in `_kernels_filter`), `site` (8,): place in fixed axes m, its
    radius m, the Moon's spin rad/s, height of the navigated point over the pads m; `considered` (32,),
    `sigmas` (32,) of the first estimate; `inertial` (8,), `gates` (4,): sigmas of star tracker,
    velocimeter and camera gates.
    """

    policy: FloatArray
    noise: FloatArray
    site: FloatArray
    considered: FloatArray
    sigmas: FloatArray
    inertial: FloatArray
    gates: FloatArray


def altimetry_memory(sensors: int) -> FloatArray:
    """Return the altimeter policies' memory (sensors + 1, 80) at the start of a descent."""
    memory = np.zeros((sensors + 1, MEMORY_COLUMNS))
    memory[1:, 4] = -1e9  # no reading yet
    memory[1:, 8] = 1.0  # noise as claimed
    return memory


def first_events() -> FloatArray:
    """Return the counters (16,) of a run, empty."""
    events = np.zeros(EVENTS)
    for place in (
        ACQUIRED_S,
        REACQUIRED_S,
        ISOLATED_S,
        REJECTION_SINCE_S,
        ACCEPTED_S,
        ACQUIRED_HEIGHT_M,
        SWITCHED_IMU_S,
    ):
        events[place] = np.nan
    return events
