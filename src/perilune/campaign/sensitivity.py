"""On which dispersed inputs success hangs, and which drive a figure among the runs that landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.statistics import FloatArray, Ranked, correlated, holm, rank_biserial, ranked

#: An input is told as significant below this p, all inputs and both tests taken together (Holm).
SIGNIFICANT: Final = 0.01
_FIFTHS: Final = 5


def sensitivity(inputs: Mapping[str, FloatArray], landed: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return how success hangs on each input (runs,), the strongest first.

    `shift` is the rank-biserial correlation of the input with success (a bias that helps or hurts), `spread`
    that of its distance from its median (an error that hurts to either side); both are Mann-Whitney tests.
    `p_value` is the smaller of the two after Holm's correction over all inputs, `fifths` the share of
    landings in each fifth of the input, from its lowest to its highest values.
    """
    tests: list[Ranked] = []
    for values in inputs.values():
        tests += [rank_biserial(values, landed), rank_biserial(np.abs(values - np.median(values)), landed)]
    together = holm([test.p_value for test in tests])
    told = []
    for k, (name, values) in enumerate(inputs.items()):
        p_value = min(together[2 * k], together[2 * k + 1])
        told.append(
            {
                "input": name,
                "shift": tests[2 * k].effect_ratio,
                "spread": tests[2 * k + 1].effect_ratio,
                "p_value": p_value,
                "significant": p_value < SIGNIFICANT,
                "fifths": fifths(values, landed),
            }
        )
    return sorted(told, key=lambda entry: (entry["p_value"], -max(abs(entry["shift"]), abs(entry["spread"]))))


def fifths(values: FloatArray, landed: NDArray[np.bool_]) -> list[float]:
    """Return the share of landings in each fifth of the runs, ordered by the input's value.

    >>> fifths(np.arange(10.0), np.arange(10) >= 4)
    [0.0, 0.0, 1.0, 1.0, 1.0]
    """
    if len(values) < _FIFTHS:
        return []
    parts = np.array_split(landed[np.argsort(values, kind="stable")], _FIFTHS)
    return [float(part.mean()) for part in parts]


def drivers(
    inputs: Mapping[str, FloatArray],
    figures: Mapping[str, tuple[FloatArray, NDArray[np.bool_]]],
    count: int = 5,
) -> dict[str, list[dict[str, Any]]]:
    """Return for each figure (runs,), over the runs named beside it, the inputs it follows most closely.

    `rho` is Spearman's rank correlation with the input, or with the input's distance from its median where
    `of` says "distance".
    """
    told: dict[str, list[dict[str, Any]]] = {}
    kept: dict[bytes, list[tuple[str, str, FloatArray]]] = {}
    for name, (values, runs) in figures.items():
        if runs.sum() < _FIFTHS:
            continue
        mask = runs.tobytes()
        if mask not in kept:
            kept[mask] = list(_ranks(inputs, runs))
        order = ranked(values[runs])[0]
        best: dict[str, dict[str, Any]] = {}
        for key, of, ranks in kept[mask]:
            rho, p_value = correlated(ranks, order)
            if key not in best or abs(rho) > abs(best[key]["rho"]):
                best[key] = {"input": key, "rho": rho, "of": of, "p_value": p_value}
        told[name] = _significant(list(best.values()))[:count]
    return told


def _ranks(
    inputs: Mapping[str, FloatArray], runs: NDArray[np.bool_]
) -> Iterator[tuple[str, str, FloatArray]]:
    """Yield the ranks of every input among these runs, of its value and of its distance from the median."""
    for key, given in inputs.items():
        yield key, "value", ranked(given[runs])[0]
        yield key, "distance", ranked(np.abs(given - np.median(given))[runs])[0]


def _significant(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Twice as many tests were made as are told: the better of two is taken of each input.
    together = holm([min(1.0, 2.0 * entry["p_value"]) for entry in found])
    kept = [entry | {"p_value": p} for entry, p in zip(found, together, strict=True) if p < SIGNIFICANT]
    return sorted(kept, key=lambda entry: -abs(entry["rho"]))
