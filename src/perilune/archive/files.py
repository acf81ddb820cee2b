"""Files beside the log, each under the SHA-256 of its content: deliveries, imagery, telemetry, campaign rows.

A file is whole and on the disk before its digest is told; what is read is checked against its digest.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, final

from perilune.errors import InputError, StoreError

_DIGEST: Final = re.compile("[0-9a-f]{64}")
#: How much of a file is held in memory at once, bytes.
_PIECE: Final = 1 << 20


@final
class FileStore:
    """Files in a folder: `ab/cdef…` holds the content whose SHA-256 is `abcdef…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a content durably; returns its SHA-256 in hexadecimal."""
        return self.keep_pieces([content])

    def keep_file(self, path: Path) -> str:
        """Keep a copy of a file durably; returns its SHA-256 in hexadecimal."""
        try:
            with path.open("rb") as source:
                return self.keep_pieces(pieces(source))
        except OSError as cause:
            raise InputError(f"{path}: {cause.strerror}. Give a file that can be read.") from cause

    def path(self, digest: str) -> Path:
        """Return where a content lies, or would."""
        if not _DIGEST.fullmatch(digest):
            raise InputError(
                f"{digest!r} is not a SHA-256: write its 64 hexadecimal digits in small letters."
            )
        return self.folder / digest[:2] / digest[2:]

    def read(self, digest: str) -> bytes:
        """Return a content; raises `StoreError` if it is missing or is not what its digest says."""
        content = b"".join(self.pieces(digest))
        _check(self.path(digest), digest, hashlib.sha256(content).hexdigest())
        return content

    def pieces(self, digest: str) -> Iterator[bytes]:
        """Yield a content in pieces, unchecked: `check` it first."""
        path = self.path(digest)
        try:
            with path.open("rb") as source:
                yield from pieces(source)
        except FileNotFoundError as cause:
            raise StoreError(f"The store has no file {digest}. Restore {path} from a backup.") from cause
        except OSError as cause:
            raise StoreError(
                f"{path} cannot be read: {cause.strerror}. Check your rights and the disk."
            ) from cause

    def check(self, digest: str) -> int:
        """Return a content's size in bytes; raises `StoreError` if it is missing or damaged."""
        found, size = hashlib.sha256(), 0
        for piece in self.pieces(digest):
            found.update(piece)
            size += len(piece)
        _check(self.path(digest), digest, found.hexdigest())
        return size

    def digests(self) -> Iterator[str]:
        """Yield the digests of everything kept, in order."""
        if not self.folder.is_dir():
            return
        for shelf in sorted(self.folder.iterdir()):
            if len(shelf.name) == 2:
                yield from (shelf.name + path.name for path in sorted(shelf.iterdir()))

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, str) and self.path(digest).is_file()

    def keep_pieces(self, content: Iterable[bytes]) -> str:
        """Keep a content that comes in pieces durably; returns its SHA-256 in hexadecimal."""
        draft = self.folder / f"draft-{secrets.token_hex(8)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            digest = _written(draft, content)
            self._shelve(draft, digest)
        except OSError as cause:
            raise StoreError(
                f"{self.folder}: the file could not be kept ({cause.strerror}). Make room, or give yourself"
                " the right to write this folder, then try again. Nothing was kept."
            ) from cause
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return digest

    def _shelve(self, draft: Path, digest: str) -> None:
        target = self.path(digest)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            sync_folder(self.folder)
        draft.chmod(0o444)
        draft.replace(target)
        sync_folder(target.parent)


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """Yield the rest of an open file, a piece at a time."""
    while piece := source.read(_PIECE):
        yield piece


def _written(draft: Path, content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    with draft.open("xb") as target:
        for piece in content:
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _check(path: Path, expected: str, found: str) -> None:
    if found != expected:
        raise StoreError(f"{path} is damaged: its content has the SHA-256 {found}. Restore it from a backup.")


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
