"""Whether the filter knows how wrong it is: squared errors in units of its covariance, over runs and in time.

The normalised estimation error squared (NEES) of position, velocity and attitude is chi-square with nine
degrees of freedom in a consistent filter; the normalised innovation squared (NIS) of one measurement has one
(Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, section 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.statistics import chi_square_mean_bounds

_FREEDOM: Final = {"nees": 9, "nis": 1}
#: The average over this many runs is held against its bounds at each epoch.
AVERAGED_RUNS: Final = 100
_SERIES: Final = "nees:"


def consistency(rows: NDArray[np.float64], columns: Sequence[str]) -> dict[str, Any]:
    """Return for `nees` and `nis` the runs' means per degree of freedom, one in a consistent filter.

    `epochs` tells of the average NEES of the first hundred runs at each epoch: how many epochs there are, and
    the share of them at which it lies within its 95 % bounds, below and above them.
    """
    found: dict[str, Any] = {}
    for name, freedom in _FREEDOM.items():
        values = rows[:, list(columns).index(name)] if name in columns else np.empty(0)
        values = values[np.isfinite(values)] / freedom
        if len(values):
            low, middle, high = np.percentile(values, [2.5, 50.0, 97.5])
            found[name] = {
                "freedom": freedom,
                "runs": len(values),
                "mean": float(values.mean()),
                "median": float(middle),
                "p2_5": float(low),
                "p97_5": float(high),
            }
    places = [k for k, name in enumerate(columns) if name.startswith(_SERIES)]
    if "nees" in found and places:
        found["nees"]["epochs"] = epochs(rows[:AVERAGED_RUNS, places])
    return found


def epochs(series: NDArray[np.float64], freedom: int = _FREEDOM["nees"]) -> dict[str, Any]:
    """Return how the average of NEES over runs (runs, epochs) lies to its 95 % bounds; NaN: the run is over.

    An epoch that fewer than half of the runs reach is left out.
    """
    known = np.isfinite(series)
    counts = known.sum(axis=0)
    used = np.flatnonzero(2 * counts > len(series))
    mean = np.where(known, series, 0.0).sum(axis=0)[used] / counts[used]
    bounds = np.array([chi_square_mean_bounds(freedom, int(count)) for count in counts[used]]).reshape(-1, 2)
    below, above = mean < bounds[:, 0], mean > bounds[:, 1]
    return {
        "runs": len(series),
        "epochs": len(used),
        "inside": float(1.0 - (below | above).mean()) if len(used) else None,
        "below": float(below.mean()) if len(used) else None,
        "above": float(above.mean()) if len(used) else None,
        "mean": [float(value) / freedom for value in mean],
    }
