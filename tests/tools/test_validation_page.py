"""The validation page is what the figures give."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "validation_page.py"


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_frozen_bound_is_broken() -> None:
    page = (TOOL.parents[1] / "docs" / "validation.md").read_text(encoding="utf-8")
    assert "above the frozen" not in page
