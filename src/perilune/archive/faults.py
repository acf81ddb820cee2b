"""What a store's engine says when it cannot, as one sentence with the cure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from perilune.errors import StoreError

_NOTHING: Final = "Nothing of this was recorded."

#: Beginning of SQLite's name of an error -> what happened and the cure; the longest beginning counts.
_SQLITE: Final = {
    "SQLITE_FULL": f"the disk is full. Make room and try again. {_NOTHING}",
    "SQLITE_IOERR": (
        "the system could not write or read it: no room, a size limit or a failing disk ({said})."
        f" Make room or check the disk, then try again. {_NOTHING}"
    ),
    "SQLITE_READONLY": f"may not be written. Give yourself the right to write it and its folder. {_NOTHING}",
    "SQLITE_BUSY": f"another program holds it. Close that program, then try again. {_NOTHING}",
    "SQLITE_LOCKED": f"another program holds it. Close that program, then try again. {_NOTHING}",
    "SQLITE_NOTADB": "is not a store: it is no SQLite file. Give the store's own path, or restore a backup.",
    "SQLITE_CORRUPT": "is damaged ({said}). Keep the file, and restore the latest backup.",
    "SQLITE_CANTOPEN": "cannot be opened. Check the path, and your rights on the file and its folder.",
    "SQLITE_CONSTRAINT": f"refuses: {{said}}. {_NOTHING}",
    "SQLITE_PERM": "may not be opened. Give yourself the right to read and write it.",
}


def sqlite_sentence(path: Path, cause: sqlite3.Error) -> str:
    """Return what SQLite's error means for a store at a path, and what to do."""
    name = getattr(cause, "sqlite_errorname", "")
    fitting = [known for known in _SQLITE if name.startswith(known)]
    told = _SQLITE[max(fitting, key=len)] if fitting else "does not answer: {said}."
    return f"{path}: {told.format(said=cause)}"


@contextmanager
def sqlite_told(path: Path) -> Iterator[None]:
    """Raise what SQLite raises inside the block as a `StoreError`."""
    try:
        yield
    except sqlite3.Error as cause:
        raise StoreError(sqlite_sentence(path, cause)) from cause
