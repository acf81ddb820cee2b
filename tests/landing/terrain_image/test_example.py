"""The example about finding a place by a picture runs, and says no where it must."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "find_place_by_image.py"


def test_the_example_finds_its_place_and_no_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(tmp_path / "picture.png")])
    runpy.run_path(str(EXAMPLE))
    shown = capsys.readouterr().out
    assert "right map             fixed: 25 patches" in shown
    assert "map of another place  no fix: no_clear_peak" in shown
    assert "light from elsewhere  no fix: no_clear_peak" in shown
    assert "night                 no fix: too_dark" in shown
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
