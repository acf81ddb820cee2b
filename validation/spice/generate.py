"""Write reference.json: positions, orientations and rotating frames, out of CSPICE on the full kernels.

python -m validation.spice.generate     (needs spiceypy, and PyPI for the kernels)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import spiceypy as spice

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from sources import DE440, MOON_PA, obtain  # noqa: E402

REFERENCE = Path(__file__).with_name("reference.json")
IDS = {
    "sun": 10,
    "venus": 2,
    "emb": 3,
    "earth": 399,
    "moon": 301,
    "mars": 4,
    "jupiter": 5,
    "saturn": 6,
    "ssb": 0,
}
PAIRS = (
    ("moon", "earth"),
    ("earth", "moon"),
    ("sun", "earth"),
    ("sun", "moon"),
    ("venus", "moon"),
    ("mars", "earth"),
    ("jupiter", "earth"),
    ("saturn", "moon"),
    ("emb", "earth"),
    ("earth", "ssb"),
)
#: The rotation ME <- PA of moon_de440_200625.tf, and frames that turn with two bodies, as SPICE defines them.
FRAMES = """
FRAME_MOON_PA_DE440 = 31008
FRAME_31008_NAME = 'MOON_PA_DE440'
FRAME_31008_CLASS = 2
FRAME_31008_CLASS_ID = 31008
FRAME_31008_CENTER = 301
FRAME_MOON_ME_DE440_ME421 = 31009
FRAME_31009_NAME = 'MOON_ME_DE440_ME421'
FRAME_31009_CLASS = 4
FRAME_31009_CLASS_ID = 31009
FRAME_31009_CENTER = 301
TKFRAME_31009_SPEC = 'ANGLES'
TKFRAME_31009_RELATIVE = 'MOON_PA_DE440'
TKFRAME_31009_ANGLES = ( 67.8526 78.6944 0.2785 )
TKFRAME_31009_AXES = ( 3, 2, 1 )
TKFRAME_31009_UNITS = 'ARCSECONDS'
"""
TURNING = """
FRAME_{name} = {number}
FRAME_{number}_NAME = '{name}'
FRAME_{number}_CLASS = 5
FRAME_{number}_CLASS_ID = {number}
FRAME_{number}_CENTER = {primary}
FRAME_{number}_RELATIVE = 'J2000'
FRAME_{number}_DEF_STYLE = 'PARAMETERIZED'
FRAME_{number}_FAMILY = 'TWO-VECTOR'
FRAME_{number}_PRI_AXIS = 'X'
FRAME_{number}_PRI_VECTOR_DEF = 'OBSERVER_TARGET_POSITION'
FRAME_{number}_PRI_OBSERVER = {primary}
FRAME_{number}_PRI_TARGET = {secondary}
FRAME_{number}_PRI_ABCORR = 'NONE'
FRAME_{number}_SEC_AXIS = 'Y'
FRAME_{number}_SEC_VECTOR_DEF = 'OBSERVER_TARGET_VELOCITY'
FRAME_{number}_SEC_OBSERVER = {primary}
FRAME_{number}_SEC_TARGET = {secondary}
FRAME_{number}_SEC_ABCORR = 'NONE'
FRAME_{number}_SEC_FRAME = 'J2000'
"""
AXES = {
    "MOON_PA": "MOON_PA_DE440",
    "MOON_ME": "MOON_ME_DE440_ME421",
    "EARTH_MOON_ROTATING": "EARTH_MOON_TURNING",
    "SUN_EARTH_ROTATING": "SUN_EARTH_TURNING",
}


def load() -> None:
    """Load the full kernels and define the frames."""
    spice.kclear()
    spice.furnsh(str(obtain(DE440)))
    spice.furnsh(str(obtain(MOON_PA)))
    turning = [
        TURNING.format(name="EARTH_MOON_TURNING", number=1400001, primary=399, secondary=301),
        TURNING.format(name="SUN_EARTH_TURNING", number=1400002, primary=10, secondary=399),
    ]
    text = "\n".join([FRAMES, *turning])
    spice.lmpool([line for line in text.splitlines() if line.strip()])


def state(target: str, centre: str, tdb_s: float) -> list[float]:
    """Return position (m) and velocity (m/s), ICRF."""
    return [1e3 * float(value) for value in spice.spkgeo(IDS[target], tdb_s, "J2000", IDS[centre])[0]]


def turn(axes: str, tdb_s: float) -> list[list[float]]:
    """Return the 6 x 6 state transformation ICRF -> axes as its two left blocks, matrix over rate."""
    return [[float(value) for value in row[:3]] for row in spice.sxform("J2000", AXES[axes], tdb_s)]


def orbit_plane(tdb_s: float) -> list[list[float]]:
    """Return the matrix ICRF -> MOON_OP out of SPICE's states and pole."""
    earth = spice.spkgeo(399, tdb_s, "J2000", 301)[0]
    z = spice.ucrss(earth[:3], earth[3:])
    x = spice.ucrss(spice.pxform("J2000", "MOON_PA_DE440", tdb_s)[2], z)
    return [[float(value) for value in row] for row in (x, spice.vcrss(z, x), z)]


def instant(tdb_s: float) -> dict[str, Any]:
    """Return everything that is compared at one instant."""
    return {
        "tdb_s": tdb_s,
        "states": {f"{target} from {centre}": state(target, centre, tdb_s) for target, centre in PAIRS},
        "axes": {axes: turn(axes, tdb_s) for axes in AXES},
        "moon_op": orbit_plane(tdb_s),
    }


def main() -> None:
    load()
    spread = np.random.default_rng(2025).uniform(-734400.0, 1895918400.0, 28)
    seconds = [-734400.0, 0.0, 790271008.184, 1895918399.0, *(float(round(second, 3)) for second in spread)]
    content = {
        "authority": f"{spice.tkvrsn('TOOLKIT')} on {DE440.name} and {MOON_PA.name}",
        "kernels": {source.name: source.sha256 for source in (DE440, MOON_PA)},
        "instants": [instant(second) for second in sorted(seconds)],
    }
    REFERENCE.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
