"""The ground under many directions at once, for maps."""

# mypy: ignore-errors
from __future__ import annotations

from perilune._jit import kernel
from perilune.landing.ground._kernels import elevation_from


@kernel(bare=True)
def elevations(directions, finest_m, ground, out):
    """Write the elevation (m) under unit vectors (n, 3) into `out` (n,), without details below `finest_m`."""
    for i in range(directions.shape[0]):
        out[i] = elevation_from(directions[i, 0], directions[i, 1], directions[i, 2], finest_m, ground)[0]
