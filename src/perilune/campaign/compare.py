"""Arms beside each other: policies on the same seeds, policy against fault, the map of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from perilune.campaign.run import FlownArm
from perilune.campaign.statistics import mcnemar
from perilune.landing.loop.rows import LANDED


def compared(arms: Sequence[FlownArm]) -> list[dict[str, Any]]:
    """Return every pair of policies over the same runs: who landed where the other did not (McNemar)."""
    told = []
    for first, second in combinations(arms, 2):
        a, b = _landed(first), _landed(second)
        only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
        told.append(
            {
                "first": first.arm.policy,
                "second": second.arm.policy,
                "both": int((a & b).sum()),
                "only_first": only_first,
                "only_second": only_second,
                "neither": int((~a & ~b).sum()),
                "p_value": mcnemar(only_first, only_second),
            }
        )
    return told


def success_map(arms: Sequence[FlownArm]) -> dict[str, Any]:
    """Return a sweep's arms (of one policy and fault) as a grid: names, values, and shares of landings.

    `success_probability[i][j]` belongs to the first name's value i and the second's value j; one name gives
    one column.
    """
    names = [name for name, _ in arms[0].arm.point]
    axes = [sorted({flown.arm.point[k][1] for flown in arms}) for k in range(len(names))]
    shape = [len(axes[0]), len(axes[1]) if len(axes) > 1 else 1]
    grid: list[list[float | None]] = [[None] * shape[1] for _ in range(shape[0])]
    for flown in arms:
        place = [axis.index(value) for axis, (_, value) in zip(axes, flown.arm.point, strict=True)]
        grid[place[0]][place[1] if len(place) > 1 else 0] = float(_landed(flown).mean())
    return {"names": names, "values": axes, "success_probability": grid, "runs": len(arms[0].rows)}


def _landed(flown: FlownArm) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(flown.rows[:, flown.arm.case.columns.index("outcome")] == LANDED)
