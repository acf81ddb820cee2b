"""The folder of a campaign: finished blocks as they come, one Parquet file an arm when all are there.

::

    DIR/campaign.json            what it is: mission, seed, each arm's digest
    DIR/rows/latch/000000.parquet …     blocks of an arm that is still flying
    DIR/rows/latch.parquet       an arm's rows, in the order of its runs
    DIR/summary.json             what they say

Every file is written beside its place and renamed into it, so that a kill at any moment leaves whole files.
What is there is not flown again. A folder holds one seed and one version of each arm; anything
else is refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.campaign.blocks import FlownBlock
from perilune.campaign.case import Arm, Rows, code_digest
from perilune.campaign.tables import read_rows, write_rows
from perilune.errors import InputError

MANIFEST: Final = "campaign.json"
_LOCK: Final = ".lock"
_FORMAT: Final = 1


class Store:
    """A campaign's folder, held by one process at a time."""

    def __init__(self, folder: Path, *, mission: str, seed: int, arms: Sequence[Arm]) -> None:
        self.folder = folder
        self._seed = seed
        self._arms = tuple(arms)
        self._keys = tuple(arm.key(seed) for arm in arms)
        _prepare(folder)
        self._lock = _locked(folder)
        try:
            self._agree(mission)
        except BaseException:
            self.close()
            raise

    def _agree(self, mission: str) -> None:
        """Write the manifest, or refuse a folder whose rows are others'."""
        path = self.folder / MANIFEST
        held = _manifest(path)
        origin = _origin(mission)
        if held and held["seed"] != self._seed:
            raise InputError(
                f"--out {self.folder}: holds rows of seed {held['seed']}, asked for is seed {self._seed}. "
                f"Name another folder, or give --seed {held['seed']}."
            )
        keys: dict[str, str] = dict(held.get("arms", {}))
        for arm, key in zip(self._arms, self._keys, strict=True):
            if keys.setdefault(arm.name, key) != key:
                raise InputError(
                    f"--out {self.folder}: holds rows of {arm.name} that were flown from another "
                    f"mission file or by another version of perilune. Name another folder."
                )
        # An arm that is there already says that mission and code are the same, whatever was edited since.
        shared = any(arm.name in held.get("arms", {}) for arm in self._arms)
        if held and not shared and held.get("origin") != origin:
            raise InputError(
                f"--out {self.folder}: holds rows of {held['mission']}, or of another version of it or of "
                f"perilune. Name another folder."
            )
        told = {
            "format": _FORMAT,
            "mission": mission,
            "origin": origin,
            "seed": self._seed,
            "arms": keys,
        }
        write_text(path, json.dumps(told, indent=2) + "\n")

    def kept(self, number: int, runs: int) -> tuple[Rows, NDArray[np.bool_]]:
        """Return an arm's rows (runs, columns), and which of them are there; the others are NaN."""
        columns = self._arms[number].case.columns
        rows = np.full((runs, len(columns)), np.nan)
        have = np.zeros(runs, dtype=np.bool_)
        for path in [self._whole(number), *sorted(self._parts(number).glob("*.parquet"))]:
            found = read_rows(path, columns, self._keys[number])
            if found is not None:
                within = found[found[:, 0] < runs]
                places = within[:, 0].astype(np.int64)
                rows[places] = within
                have[places] = True
        return rows, have

    def keep(self, flown: FlownBlock) -> None:
        """Keep a block's rows."""
        number = flown.block.arm
        parts = self._parts(number)
        path = parts / f"{flown.block.first:06d}.parquet"
        with self._writing():
            parts.mkdir(parents=True, exist_ok=True)
            write_rows(path, flown.rows, self._arms[number].case.columns, self._keys[number])

    def finish(self, number: int, rows: Rows) -> None:
        """Make one file of an arm's rows, if they came in parts."""
        parts = self._parts(number)
        if not parts.is_dir():
            return
        whole = self._whole(number)
        held = read_rows(whole, self._arms[number].case.columns, self._keys[number])
        with self._writing():
            if held is None or len(held) < len(rows):
                write_rows(whole, rows, self._arms[number].case.columns, self._keys[number])
            shutil.rmtree(parts)

    def write(self, name: str, text: str) -> Path:
        """Write a text file into the folder, whole or not at all."""
        with self._writing():
            return write_text(self.folder / name, text)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell a full disk or a missing right with the folder, and that nothing is lost by it."""
        try:
            yield
        except OSError as fault:
            why = (fault.strerror or str(fault)).rstrip(".")
            raise InputError(
                f"{self.folder}: can not be written: {why}. Finished blocks are kept; make room and give "
                f"the same command again."
            ) from None

    def remove(self) -> None:
        """Remove the folder and all rows."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._lock)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _whole(self, number: int) -> Path:
        return self.folder / "rows" / f"{self._arms[number].name}.parquet"

    def _parts(self, number: int) -> Path:
        return self.folder / "rows" / self._arms[number].name


def _origin(mission: str) -> str:
    """Return a digest of what rows are made from: the mission file (its name without one), the code."""
    path = Path(mission)
    held = path.read_bytes() if path.is_file() else mission.encode()
    return hashlib.sha256(held + code_digest().encode()).hexdigest()[:16]


def folder_made(folder: Path) -> Path:
    """Return the output folder, made if need be; one that can not be is told in a sentence."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: is a file, not a folder. Name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Made and removed, because rights alone do not tell (/proc).
        Path(tempfile.mkdtemp(prefix=".perilune-", dir=folder)).rmdir()
    except OSError as fault:
        raise InputError(f"--out {folder}: {fault.strerror}. Name another folder.") from None
    return folder


def _prepare(folder: Path) -> None:
    """Make the folder, or refuse one that holds something else than a campaign."""
    foreign = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    if MANIFEST not in foreign and [name for name in foreign if name != _LOCK]:
        raise InputError(f"--out {folder}: holds {foreign[0]!r}, it is no campaign's. Name a new folder.")
    folder_made(folder)


def _locked(folder: Path) -> int:
    """Take the folder's lock, which the system lets go of however this process ends."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise InputError(
            f"--out {folder}: another campaign is flying into it. Wait, or name another folder."
        ) from None
    return descriptor


def _manifest(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["format"] == _FORMAT and isinstance(held["arms"], dict) and "seed" in held:
            return dict(held)
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(f"{path}: is damaged or of another version of perilune. Name another folder.")


def write_text(path: Path, text: str) -> Path:
    """Write a text file whole or not at all, and return its path."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
