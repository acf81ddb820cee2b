"""The compiled-kernel cache: it may be slow to fill, it may never be wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from perilune import _jit

CALLED = "from toy._jit import kernel\n\n\n@kernel\ndef weight(x):\n    return {factor} * x\n"
CALLING = (
    "from toy._jit import kernel\nfrom toy.world._kernels import weight\n\n\n"
    "@kernel\ndef answer(x):\n    return weight(x) + 1\n"
)
ASK = (
    "from toy.dynamics._kernels import answer; from toy import _jit; from pathlib import Path; "
    "print(answer(10), _jit.cache_folder(Path(_jit.__file__).parent / 'dynamics/_kernels.py'))"
)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A package of two rooms, where one kernel calls another from another file."""
    for room in ("toy", "toy/world", "toy/dynamics"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    shutil.copy(_jit.__file__, tmp_path / "toy" / "_jit.py")
    (tmp_path / "toy/world/_kernels.py").write_text(CALLED.format(factor=2))
    (tmp_path / "toy/dynamics/_kernels.py").write_text(CALLING)
    return tmp_path


def ask(folder: Path, cache: str) -> tuple[str, Path]:
    environment = {
        **os.environ,
        "PERILUNE_CACHE_DIR": cache,
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    answer, place = done.stdout.split()
    return answer, Path(place)


def test_a_changed_kernel_of_another_file_is_compiled_again(toy: Path) -> None:
    first, first_place = ask(toy, str(toy / "cache"))
    (toy / "toy/world/_kernels.py").write_text(CALLED.format(factor=3))
    second, second_place = ask(toy, str(toy / "cache"))
    assert (first, second) == ("21", "31")
    assert first_place != second_place


def test_an_unchanged_kernel_is_loaded_not_compiled(toy: Path) -> None:
    _, place = ask(toy, str(toy / "cache"))
    compiled = {path: path.stat().st_mtime_ns for path in place.rglob("*.nbc")}
    assert ask(toy, str(toy / "cache")) == ("21", place)
    assert compiled
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*.nbc")} == compiled


@pytest.mark.parametrize("kept", [0.0, 0.5, None])
@pytest.mark.parametrize("kind", ["*.nbi", "*.nbc"])
def test_a_damaged_cache_is_compiled_again(toy: Path, kind: str, kept: float | None) -> None:
    _, place = ask(toy, str(toy / "cache"))
    for path in place.rglob(kind):
        content = path.read_bytes()
        cut = content[:-99] + bytes(99) if kept is None else content[: int(kept * len(content))]
        path.write_bytes(cut)
    assert ask(toy, str(toy / "cache")) == ("21", place)
    whole = {path: path.read_bytes() for path in place.rglob(kind)}
    assert ask(toy, str(toy / "cache")) == ("21", place)
    assert {path: path.read_bytes() for path in place.rglob(kind)} == whole


@pytest.mark.parametrize("trap", ["open to all", "link"])
def test_a_temporary_folder_that_others_can_fill_is_not_used(toy: Path, trap: str) -> None:
    (toy / "occupied").touch()
    taken = toy / f"perilune-kernels-{os.getuid()}"
    if trap == "link":
        (toy / "elsewhere").mkdir()
        taken.symlink_to(toy / "elsewhere")
    else:
        taken.mkdir()
        taken.chmod(0o777)
    answer, place = ask(toy, str(toy / "occupied"))
    assert answer == "21"
    assert taken not in place.parents
    assert not any(taken.iterdir())


def test_an_unwritable_cache_falls_back_to_a_temporary_folder(toy: Path) -> None:
    (toy / "occupied").write_text("a file where the cache folder should be")
    answer, place = ask(toy, str(toy / "occupied"))
    assert answer == "21"
    assert place.is_relative_to(toy)
    assert place.parent.name == f"perilune-kernels-{os.getuid()}"


def test_a_kernel_stands_on_what_it_imports_and_on_nothing_else(toy: Path) -> None:
    (toy / "toy/world/_kernels_other.py").write_text(CALLED.format(factor=5))
    _, first = ask(toy, str(toy / "cache"))
    (toy / "toy/world/_kernels_other.py").write_text(CALLED.format(factor=6))
    assert ask(toy, str(toy / "cache")) == ("21", first)


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _jit.cache_root.cache_clear()
    monkeypatch.setenv("PERILUNE_CACHE_DIR", str(tmp_path))
    assert _jit.cache_root() == tmp_path / "kernels"
    _jit.cache_root.cache_clear()
    monkeypatch.delenv("PERILUNE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert _jit.cache_root() == tmp_path / "perilune" / "kernels"
    _jit.cache_root.cache_clear()


def test_numba_s_own_settings_stay_as_they_were() -> None:
    before = numba.config.CACHE_DIR

    @_jit.kernel
    def twice(x):  # type: ignore[no-untyped-def]
        return 2 * x

    assert before == numba.config.CACHE_DIR
    assert twice(4) == 8


def test_not_a_number_keeps_its_meaning_in_fast_kernels() -> None:
    @_jit.kernel(fast=True)
    def is_lost(x):  # type: ignore[no-untyped-def]
        return x != x

    assert is_lost(float("nan"))
    assert not is_lost(1.0)


def test_a_bare_kernel_works_on_arrays_and_makes_none() -> None:
    @_jit.kernel(bare=True)
    def add_up(values):  # type: ignore[no-untyped-def]
        total = 0.0
        for value in values:
            total += value
        return total

    @_jit.kernel(bare=True)
    def makes_one(count):  # type: ignore[no-untyped-def]
        return np.empty(count)[0]

    assert add_up(np.arange(4.0)) == 6.0
    with pytest.raises(numba.core.errors.TypingError, match="Only accept returning of array passed"):
        makes_one(3)
