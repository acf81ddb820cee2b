"""Fit our dynamics to two hours of LRO's reconstructed orbit and print what is left over.

python -m validation.lro.fit LRO_2022001_Moon_ICRF_4h.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import MOON_ICRF

Array = npt.NDArray[np.float64]

FIRST, LAST = 79, 199  # samples of the arc; the reconstruction itself jumps by 36 m between 77 and 78
START = Epoch.tdb("2022-01-01T00:00:00")  # of sample 0
STEP_S = 60.0
# A sphere for the spacecraft: the stowed body's side of 3.9 x 2.7 m (NASA's press kit of 2009), all light
# absorbed; 1,020 kg dry and some 80 kg of propellant left.
SUNLIGHT = SolarPressure(area_m2=10.5, reflectivity=1.0, shadow=True)
MASS_KG = 1100.0
NUDGES = np.array([10.0, 10.0, 10.0, 0.01, 0.01, 0.01])  # m and m/s, for differences


def read(path: Path) -> Array:
    """Return the arc's states (121, 6) in m and m/s, Moon-centred ICRF."""
    table = np.loadtxt(path, delimiter=",", comments="#")
    return 1e3 * table[FIRST : LAST + 1, 1:7]


def flown(values: Array, degree: int, count: int, tolerance: float = 1e-12) -> Array:
    """Return positions (count, 3) in m at the samples, from six initial values."""
    forces = ForceModel(
        point_masses=("moon", "earth", "sun", "venus", "mars", "jupiter", "saturn"),
        moon_degree=degree,
        solar_pressure=SUNLIGHT,
    )
    state = State(START + FIRST * STEP_S, MOON_ICRF, values[:3], values[3:])
    arc = propagate(state, (count - 1) * STEP_S, forces, mass_kg=MASS_KG, tolerance=tolerance)
    return arc.states(np.arange(count) * STEP_S)[:, :3]


def fit(observed: Array, degree: int) -> tuple[float, Array]:
    """Return the rms of the distances left (m) after fitting the six initial values, and these values."""
    values, count = observed[0].copy(), len(observed)
    for _ in range(4):
        columns = [
            (flown(values + nudge, degree, count) - flown(values - nudge, degree, count)).ravel() / (2 * size)
            for nudge, size in zip(np.diag(NUDGES), NUDGES, strict=True)
        ]
        left = (observed[:, :3] - flown(values, degree, count)).ravel()
        correction, *_ = np.linalg.lstsq(np.stack(columns, axis=1) * NUDGES, left, rcond=None)
        values = values + correction * NUDGES
    distance = np.linalg.norm(observed[:, :3] - flown(values, degree, count), axis=1)
    return float(np.sqrt(np.mean(distance**2))), values


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("orbit", type=Path, help="states of LRO, one a minute, as JPL Horizons gives them")
    parser.add_argument("--degrees", type=int, nargs="+", default=[20, 50, 100, 150, 200])
    options = parser.parse_args()
    observed = read(options.orbit)
    for degree in options.degrees:
        print(f"degree {degree:3d}: rms {fit(observed, degree)[0]:7.3f} m")


if __name__ == "__main__":
    main()
