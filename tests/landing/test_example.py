"""The example about landing runs and lands."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "land_at_mare_frigoris.py"


def test_the_example_lands(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE))
    shown = capsys.readouterr().out
    assert "landed, 1.00 m/s down, 0.00 m/s sideways, 0.0 degrees of tilt" in shown
    assert "1.042 of the optimum" in shown
