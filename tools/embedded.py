"""How an embedded data file is written: the same bytes each time, with a card of where it comes from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sources import Source, digest

DATA = Path(__file__).resolve().parents[1] / "src" / "perilune" / "data"


@dataclass(frozen=True, slots=True)
class Embedded:
    """One file of `src/perilune/data`: how it is made, from what, under which licence."""

    name: str
    title: str
    licence: str
    reference: str
    sources: tuple[Source, ...]
    make: Callable[[], bytes]
    notes: tuple[str, ...] = field(default=())

    @property
    def path(self) -> Path:
        return DATA / self.name

    @property
    def card(self) -> Path:
        return DATA / f"{self.name}.toml"

    def card_text(self, sha256: str, size: int) -> str:
        """Return the card that lies beside the file."""
        lines = [
            "# Written by tools/build_data.py; do not edit.",
            f"title = {_text(self.title)}",
            f"reference = {_text(self.reference)}",
            f"licence = {_text(self.licence)}",
            f"sha256 = {_text(sha256)}",
            f"bytes = {size}",
            'generator = "tools/build_data.py"',
            *(f"note_{number} = {_text(note)}" for number, note in enumerate(self.notes, 1)),
        ]
        for source in self.sources:
            lines += [
                "",
                "[[source]]",
                f"package = {_text(f'{source.project} {source.version}')}",
                f"file = {_text(source.member)}",
                f"sha256 = {_text(source.sha256)}",
            ]
        return "\n".join(lines) + "\n"

    def write(self) -> None:
        """Make the file and its card again."""
        content = self.make()
        DATA.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(content)
        self.card.write_text(self.card_text(digest(self.path), len(content)), encoding="utf-8")

    def faults(self) -> list[str]:
        """Return what is wrong with the committed file and card, without any source."""
        if not self.path.is_file() or not self.card.is_file():
            return [f"{self.name} or its card is missing"]
        expected = self.card_text(digest(self.path), self.path.stat().st_size)
        if self.card.read_text(encoding="utf-8") != expected:
            return [f"{self.name} differs from its card {self.card.name}"]
        return []

    def faults_against_sources(self) -> list[str]:
        """Return what differs when the file is made again from its full sources."""
        return [] if self.make() == self.path.read_bytes() else [f"{self.name} is not what its sources give"]


def npz(arrays: Mapping[str, Any]) -> bytes:
    """Return an uncompressed .npz whose bytes depend on nothing but the arrays."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0))
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, member.getvalue())
    return stream.getvalue()


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
