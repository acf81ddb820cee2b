"""Kinds of faults by name: where a size goes, what it is measured in, and which units can have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from perilune.landing.faults._kernels import ADDS, HOLDS, MULTIPLIES
from perilune.landing.sensing import layout as at

RANGERS: Final = ("laser", "radar")
ENGINES: Final = ("main", "assist", "rcs")
OTHERS: Final = ("tank", "map", "software", "ground")
_AIDING: Final = tuple(kind for kind in at.KINDS if kind != "imu")
_LOOKS: Final = (*RANGERS, "velocimeter", "terrain-camera")
_CAN_STICK: Final = (*RANGERS, "velocimeter", "star-tracker", "terrain-camera", "imu")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault; without a `dimension` it has no size."""

    column: int
    joins: int
    dimension: str | None
    units: tuple[str, ...]
    what: str


_SHARE: Final = "dimensionless"

KINDS: Final[dict[str, Kind]] = {
    "off": Kind(
        at.OFF, HOLDS, None, (*at.KINDS, *ENGINES, "software"), "no data, no thrust; software starts again"
    ),
    "stuck": Kind(at.STUCK, HOLDS, None, _CAN_STICK, "the last value is told again and again"),
    "noise": Kind(at.NOISE, MULTIPLIES, _SHARE, at.KINDS, "noise larger by this factor, untold"),
    "latency": Kind(at.EXTRA_LATENCY_S, ADDS, "time", _AIDING, "told later, and the time tag is not aware"),
    "bias": Kind(at.BIAS, ADDS, "length", RANGERS, "range too long by this"),
    "scale": Kind(
        at.SCALE, MULTIPLIES, _SHARE, (*RANGERS, "velocimeter", "imu"), "values too large by this share"
    ),
    "spikes": Kind(
        at.SPIKE_SIZE, HOLDS, "length", RANGERS, "some values off by up to this; shorter where negative"
    ),
    "false": Kind(at.FALSE_VALUE, HOLDS, "length", RANGERS, "this range is told, whatever the ground is"),
    "late": Kind(at.CEILING_M, HOLDS, "length", _LOOKS, "no return from above this height"),
    "no-return": Kind(at.CEILING_M, HOLDS, None, _LOOKS, "nothing comes back, and it says so"),
    "energy-loss": Kind(at.ENERGY_LOST, HOLDS, _SHARE, ("laser",), "share of the returned energy lost"),
    "rate-bias": Kind(at.BIAS, ADDS, "speed", ("velocimeter",), "range rates too large by this"),
    "beams-lost": Kind(at.BEAMS_LOST, HOLDS, _SHARE, ("velocimeter",), "so many beams see nothing"),
    "attitude-bias": Kind(at.BIAS, ADDS, "angle", ("star-tracker",), "attitude off by this about body x"),
    "wrong-match": Kind(
        at.FALSE_VALUE, HOLDS, "length", ("terrain-camera",), "fixes of another place, so far to the east"
    ),
    "wrong-advice": Kind(at.BIAS, ADDS, "length", ("hazard-camera",), "advice so far to the east"),
    "accelerometer-bias": Kind(
        at.BIAS_Z, ADDS, "acceleration", ("imu",), "specific force too large by this along the thrust"
    ),
    "accelerometer-off": Kind(at.FALSE_VALUE, HOLDS, None, ("imu",), "zero told, whatever is felt"),
    "gyro-bias": Kind(at.RATE_Y, ADDS, "angular rate", ("imu",), "rate too large by this about body y"),
    "thrust": Kind(at.SCALE, MULTIPLIES, _SHARE, ENGINES, "thrust and flow larger by this share"),
    "misalignment-x": Kind(at.BIAS, ADDS, "angle", ENGINES, "force turned by this about body x"),
    "misalignment-y": Kind(at.BIAS_Y, ADDS, "angle", ENGINES, "force turned by this about body y"),
    "under-fill": Kind(at.SCALE, HOLDS, _SHARE, ("tank",), "share of the main propellant not there"),
    "slosh": Kind(at.BIAS, HOLDS, "length", ("tank",), "propellant displaced by this at the start"),
    "height": Kind(at.BIAS, ADDS, "length", ("map",), "map too high by this"),
    "tie-east": Kind(at.BIAS_Y, ADDS, "length", ("map",), "map so far to the east of the ground"),
    "tie-north": Kind(at.BIAS_Z, ADDS, "length", ("map",), "map so far to the north of the ground"),
    "wrong-site-east": Kind(at.BIAS_Y, ADDS, "length", ("software",), "site loaded lies so far to the east"),
    "wrong-site-north": Kind(
        at.BIAS_Z, ADDS, "length", ("software",), "site loaded lies so far to the north"
    ),
    "step": Kind(
        -1, HOLDS, "length", ("ground",), "ground that falls by this before the site; no map has it"
    ),
}
#: SI unit of a size, by its dimension.
SI: Final = {
    "length": "m",
    "time": "s",
    "speed": "m/s",
    "acceleration": "m/s^2",
    "angle": "rad",
    "angular rate": "rad/s",
    "dimensionless": "",
}
