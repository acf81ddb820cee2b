"""The catalogue of faults: rows, the sign each must show, and what a good policy makes of it.

Sizes are assumed, chosen so that the fault matters; where a flight had it, that flight is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from perilune.errors import NameNotFoundError
from perilune.landing.faults import signatures as sign
from perilune.landing.faults.entry import CatalogueFault, entry
from perilune.landing.faults.rows import Fault

_DEGREE: Final = math.pi / 180.0
_CLIFF_M: Final = 3.2e3  # m, Mission 1's rim over its floor (USGS maps of Atlas crater)
#: m, the foot of the step before the site. Mission 1's rim lay 65 km before it; on steeper ways down no
#: altimeter reaches the ground there yet.
_CLIFF_BEFORE_M: Final = 25e3

_LANDS: Final = "lands if ranges come back above the deadline height; else told unrecoverable"
_DROPOUT: Final = "altimeter dropout"
_VALUE: Final = "altimeter bias or scale"
_OUTLIERS: Final = "spikes, side lobe, dust"
_INERTIAL: Final = "inertial unit"
_COMMAND: Final = "commanding error"
_VELOCITY: Final = "velocimeter loss"
_ENGINE: Final = "engine"
_MAP: Final = "map error"
_TANK: Final = "slosh and under-fill"
_STARS: Final = "attitude knowledge"

CATALOGUE: Final[Mapping[str, CatalogueFault]] = MappingProxyType(
    dict(
        (
            entry(
                "altimeter-dropout",
                _DROPOUT,
                (Fault("altimeters", "no-return", "below", 4000.0, duration_s=20.0),),
                "no range for 20 s; the height's sigma grows",
                _LANDS,
                sign.outage(3990.0, 3700.0),
            ),
            entry(
                "altimeter-lost",
                _DROPOUT,
                (Fault("altimeters", "off", "below", 1500.0),),
                "no range from 1.5 km to the ground; the height's sigma grows",
                "the carried height is good for metres; terrain below is unknown: flagged",
                sign.outage(1490.0, 20.0),
            ),
            entry(
                "late-acquisition",
                "late acquisition (Mission 2)",
                (Fault("altimeters", "late", size=893.0),),
                "first valid range below 893 m, at the speed the profile has there or more",
                "verdict equals the kinematic bound: v^2 / 2 (T/m - g) against the height",
                sign.late(893.0),
            ),
            entry(
                "weak-laser",
                "late acquisition (Mission 2)",
                (Fault("laser", "energy-loss", size=0.98),),
                "ranges come only from a seventh of the usual distance",
                "as for late acquisition; a second altimeter of another kind is not touched",
                sign.shortened("laser", 0.5),
                ("laser",),
            ),
            entry(
                "terrain-step",
                "terrain step (Mission 1)",
                (Fault("ground", "step", "before", _CLIFF_BEFORE_M, _CLIFF_M),),
                "NIS far beyond the gate; the rejected ranges hang together",
                "believed within 5 s; lands at 2 m/s or less",
                sign.any_of(sign.step(_CLIFF_M), sign.differs("worst_height_error_m", 0.2 * _CLIFF_M)),
            ),
            entry(
                "terrain-step-near",
                "terrain step (Mission 1)",
                (Fault("ground", "step", "before", 10e3, 800.0),),
                "the same close to the site, with less time left",
                "believed within 5 s; lands at 2 m/s or less",
                sign.any_of(sign.step(800.0), sign.differs("worst_height_error_m", 160.0)),
            ),
            entry(
                "altimeter-bias",
                _VALUE,
                (Fault("altimeter", "bias", "below", 3000.0, 60.0),),
                "a step of 60 m in the ranges, then small NIS at a wrong height",
                "a second altimeter outvotes it; alone, seen at the touchdown only",
                sign.shifted(60.0, 2900.0),
            ),
            entry(
                "altimeter-scale",
                _VALUE,
                (Fault("altimeter", "scale", size=0.05),),
                "ranges 5 % too long, NIS small",
                "a second altimeter or the velocimeter's integral tells",
                sign.scaled(0.05, 5000.0),
            ),
            entry(
                "altimeter-stuck",
                "stuck value",
                (Fault("altimeter", "stuck", "below", 2000.0),),
                "one value again and again while the vehicle falls",
                "isolated by its rate in 2 s, not by the gate; a spare altimeter goes on",
                sign.stuck(),
            ),
            entry(
                "altimeter-spikes",
                _OUTLIERS,
                (Fault("altimeter", "spikes", "below", 5000.0, 500.0, share=0.25),),
                "a quarter of the ranges off by up to 500 m, those between them good",
                "the gate rejects them, nothing latches",
                sign.outliers(False, 0.08, 5000.0),
            ),
            entry(
                "side-lobe",
                _OUTLIERS,
                (Fault("altimeter", "spikes", "below", 3000.0, -400.0, share=0.3),),
                "ranges that are too short, in between good ones",
                "rejected; the height does not creep up",
                sign.outliers(True, 0.1, 3000.0),
            ),
            entry(
                "side-lobe-lock",
                _OUTLIERS,
                (Fault("altimeters", "scale", "below", 1500.0, -0.4, 4.0),),
                "for 4 s all ranges are of one side lobe: alike, and 40 % too short",
                "not believed, or let go again when the true ranges are back",
                sign.locked(-0.4, 8),
            ),
            entry(
                "dust",
                _OUTLIERS,
                (Fault("altimeters", "spikes", "below", 20.0, -15.0, share=0.6),),
                "short ranges below 20 m",
                "no engine is stopped for them; lands at 2 m/s or less",
                sign.outliers(True, 0.05, 25.0),
            ),
            entry(
                "false-near-zero",
                "false near-zero range",
                (Fault("altimeter", "false", "below", 93.0, 0.06, 15.0),),
                "ranges of 6 cm from 93 m on, all alike, for 15 s",
                "not believed without rate and energy; no cut-off",
                sign.near_zero(0.06),
            ),
            entry(
                "altimeter-latency",
                "latency, time tag",
                (Fault("altimeter", "latency", size=1.0),),
                "residuals in proportion to the speed",
                "a bounded error of height: speed times latency, gone at the slow end",
                sign.delayed(1.0),
            ),
            entry(
                "altimeter-noise",
                "noisy altimeter (IM-2)",
                (Fault("altimeter", "noise", size=20.0),),
                "ranges twenty times as noisy as claimed; NIS inflated",
                "noise is measured; a second altimeter carries the weight",
                sign.noisy(20.0),
            ),
            entry(
                "velocimeter-lost",
                _VELOCITY,
                (Fault("velocimeter", "off", "below", 2000.0),),
                "no velocity from 2 km on; its sigma grows sideways",
                "lands; sideways margin told",
                sign.unaided_velocity(2000.0),
                ("velocimeter",),
            ),
            entry(
                "velocimeter-never",
                f"{_VELOCITY} (IM-1)",
                (Fault("velocimeter", "off"),),
                "no velocity at all: data there, one flag missing",
                "lands; sideways margin told",
                sign.unaided_velocity(2000.0),
                ("velocimeter",),
            ),
            entry(
                "velocimeter-beams",
                _VELOCITY,
                (Fault("velocimeter", "beams-lost", "below", 2000.0, 2.0),),
                "two beams of four see nothing",
                "the other beams are used one by one",
                sign.fewer_beams(2000.0),
                ("velocimeter",),
            ),
            entry(
                "accelerometer-bias",
                _INERTIAL,
                (Fault("imu", "accelerometer-bias", "after", 60.0, 0.03),),
                "velocity and height drift until aided; NIS on all aiding",
                "the check of thrust trips, the spare unit takes over; or the filter learns it",
                sign.any_of(sign.unit_changed(), sign.worse("velocity", 1.5, 60e3)),
                ("imu",),
            ),
            entry(
                "imu-scale",
                _INERTIAL,
                (Fault("imu", "scale", "after", 60.0, 0.01),),
                "velocity drifts by 1 % of the thrust",
                "the check of thrust trips or the filter bears it",
                sign.any_of(sign.unit_changed(), sign.worse("velocity", 1.5, 60e3)),
                ("imu",),
            ),
            entry(
                "gyro-bias",
                _INERTIAL,
                (Fault("imu", "gyro-bias", "after", 60.0, 200.0 * _DEGREE / 3600.0),),
                "attitude drifts between stars, velocity across the thrust with it",
                "stars hold it; without them the spare unit",
                sign.any_of(sign.unit_changed(), sign.gyro_bias_learnt(200.0 * _DEGREE / 3600.0)),
                ("imu",),
            ),
            entry(
                "imu-reset",
                f"{_INERTIAL} (Beresheet)",
                (Fault("imu", "off", "after", 300.0, duration_s=8.0),),
                "nothing from the unit for 8 s while engines burn",
                "the check of thrust trips in a second; the spare or the thrust model carries on",
                sign.unit_changed(),
                ("imu",),
            ),
            entry(
                "accelerometer-off",
                f"{_INERTIAL} (Luna-25)",
                (Fault("imu", "accelerometer-off"),),
                "no velocity gained while engines burn",
                "the check of thrust trips at ignition; the spare unit takes over",
                sign.unit_changed(),
                ("imu",),
            ),
            entry(
                "computer-restart",
                f"{_INERTIAL} (Beresheet)",
                (Fault("software", "off", "after", 300.0, duration_s=5.0),),
                "engines stop for 5 s",
                "picks the descent up again; footprint grows",
                sign.engines_stop(4.0),
            ),
            entry(
                "main-engine-weak",
                _ENGINE,
                (Fault("main", "thrust", "after", 100.0, -0.08),),
                "less acceleration than commanded, more time to go",
                "guidance measures the thrust and retargets; footprint grows, no crash",
                sign.thrust_off(-0.08, 105.0, 150.0),
            ),
            entry(
                "over-thrust",
                f"{_ENGINE} (Chandrayaan-2)",
                (Fault("main", "thrust", "after", 100.0, 0.05),),
                "more acceleration than commanded",
                "guidance throttles and retargets; footprint grows, no crash",
                sign.thrust_off(0.05, 105.0, 150.0),
            ),
            entry(
                "assist-engine-off",
                _ENGINE,
                (Fault("assist-1", "off", "below", 2000.0),),
                "a torque and a drift to one side",
                "reallocated to the others; sideways speed told",
                sign.any_of(sign.wobbles(1.05), sign.differs("rcs_propellant_kg", 0.02)),
            ),
            entry(
                "engine-lost-at-50-m",
                f"{_ENGINE} (SLIM)",
                (Fault("main", "thrust", "below", 50.0, -0.45), Fault("assist-1", "off", "below", 50.0)),
                "half of the thrust and its balance gone, with no time left",
                "reallocated; sideways speed told",
                sign.thrust_off_below(-0.45, 49.0),
            ),
            entry(
                "rcs-thruster-off",
                _ENGINE,
                (Fault("rcs-1", "off", "after", 60.0),),
                "one thruster does nothing",
                "its twins do its work",
                sign.any_of(sign.wobbles(1.001), sign.differs("rcs_propellant_kg", 1e-4)),
            ),
            entry(
                "under-fill",
                _TANK,
                (Fault("tank", "under-fill", size=0.03),),
                "less propellant at the end",
                "the margin of 99 % of the runs stays above zero",
                sign.differs("propellant_kg", 1.0),
            ),
            entry(
                "slosh",
                _TANK,
                (Fault("tank", "slosh", size=0.1),),
                "propellant sways; turn rates swing",
                "damped by control, touchdown as without",
                sign.any_of(sign.wobbles(1.01), sign.differs("rcs_propellant_kg", 1e-3)),
            ),
            entry(
                "map-tie",
                _MAP,
                (Fault("map", "tie-east", size=200.0),),
                "all fixes off by the same",
                "states for the tie keep NEES in bounds; the miss is the tie",
                sign.any_of(sign.fixes_shifted(20.0), sign.turned_aside(60.0)),
                ("terrain-camera",),
            ),
            entry(
                "map-height",
                _MAP,
                (Fault("map", "height", size=150.0),),
                "ranges over the map off by the same",
                "a terrain state takes it; the map fades out below 500 m",
                sign.any_of(sign.fixes_shifted(5.0), sign.differs("worst_height_error_m", 5.0)),
                ("terrain-camera",),
            ),
            entry(
                "wrong-match",
                _MAP,
                (Fault("terrain-camera", "wrong-match", "below", 8000.0, 1500.0, 10.0),),
                "fixes of another place for 10 s",
                "the gate rejects them",
                sign.differs("fixes", 1.0),
                ("terrain-camera",),
            ),
            entry(
                "star-tracker-lost",
                _STARS,
                (Fault("star-tracker", "off", "after", 30.0),),
                "attitude less well known; velocity error across the thrust grows",
                "within the allocation",
                sign.unaided_attitude(),
                ("star-tracker",),
            ),
            entry(
                "attitude-knowledge",
                _STARS,
                (Fault("star-tracker", "attitude-bias", size=0.1 * _DEGREE),),
                "attitude off by 0.1 deg, velocity with it",
                "within the allocation",
                sign.any_of(sign.worse("velocity", 1.05, 60e3), sign.differs("nees", 1.0)),
                ("star-tracker",),
            ),
            entry(
                "altimeter-switched-off",
                _COMMAND,
                (Fault("altimeters", "off"),),
                "no range at all",
                "no-go in the check before descent",
                sign.differs("valid_height_m", 1.0),
            ),
            entry(
                "laser-not-armed",
                f"{_COMMAND} (IM-1)",
                (Fault("laser", "no-return"),),
                "the laser answers and never has a return",
                "no-go in the check before descent",
                lambda run: len(run.of("laser").valid) == 0 and len(run.of("laser")) > 0,
                ("laser",),
            ),
            entry(
                "wrong-site",
                _COMMAND,
                (Fault("software", "wrong-site-north", size=5000.0),),
                "a safe descent to the wrong place",
                "no-go in the check before descent: two sources of the site disagree",
                sign.turned_aside(2500.0),
            ),
        )
    )
)


def catalogue_fault(name: str) -> CatalogueFault:
    """Return an entry by name (`catalogue:` before it is allowed); the nearest name is told where unknown.

    >>> catalogue_fault("catalogue:dust").family
    'spikes, side lobe, dust'
    """
    plain = name.removeprefix("catalogue:")
    if plain not in CATALOGUE:
        raise NameNotFoundError("fault in the catalogue", plain, CATALOGUE)
    return CATALOGUE[plain]
