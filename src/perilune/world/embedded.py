"""The data files inside the package, and the card beside each: source, licence, SHA-256."""

from __future__ import annotations

import functools
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from perilune.errors import DataError
from perilune.maths.arrays import FloatArray

FOLDER = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of an embedded file."""

    name: str
    title: str
    reference: str
    licence: str
    sha256: str
    size_bytes: int
    sources: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FOLDER / self.name


@functools.cache
def cards() -> Mapping[str, Card]:
    """Return the card of every embedded file by its name."""
    found = {path.name.removesuffix(".toml"): path for path in sorted(FOLDER.glob("*.*.toml"))}
    return MappingProxyType({name: _card(name, path) for name, path in found.items()})


def _card(name: str, path: Path) -> Card:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        sources = tuple(f"{source['package']}: {source['file']}" for source in read["source"])
        return Card(
            name, read["title"], read["reference"], read["licence"], read["sha256"], read["bytes"], sources
        )
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise _damaged(path, cause) from cause


def _damaged(path: Path, cause: object) -> DataError:
    return DataError(
        f"The embedded data file {path} is missing or damaged ({cause}). Install perilune again; "
        "`perilune data verify` checks every file."
    )


def digests() -> dict[str, str]:
    """Return the SHA-256 of every embedded file as its card has it: the provenance of a result."""
    return {name: card.sha256 for name, card in cards().items()}


def is_intact(card: Card) -> bool:
    """Return whether the file is there and has the digest of its card."""
    try:
        return hashlib.sha256(card.path.read_bytes()).hexdigest() == card.sha256
    except OSError:
        return False


@functools.cache
def arrays(name: str) -> Mapping[str, FloatArray]:
    """Return the arrays of an embedded .npz, read-only. Raises `DataError` when it is missing or damaged."""
    path = FOLDER / name
    try:
        content = path.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            read = {key: archive[key] for key in archive.files}
    except (OSError, EOFError, ValueError, TypeError, zipfile.BadZipFile) as cause:
        raise _damaged(path, cause) from cause
    # A result names its data by the digests of the cards: so they must be those of what was read.
    if name not in cards() or hashlib.sha256(content).hexdigest() != cards()[name].sha256:
        raise _damaged(path, "its SHA-256 is not that of its card")
    for array in read.values():
        array.flags.writeable = False
    return MappingProxyType(read)
