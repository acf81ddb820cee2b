"""Rows as Parquet: bit-exact figures, and the names of outcomes and causes beside their codes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from perilune.campaign.case import Rows
from perilune.landing.loop.rows import CAUSES, OUTCOMES

_KEY: Final = b"perilune.rows"
#: Columns of codes, and what they are called by; the text column has `_name` behind its name.
_NAMED: Final = {"outcome": OUTCOMES, "first_cause": CAUSES}


def write_rows(path: Path, rows: Rows, columns: Sequence[str], key: str) -> None:
    """Write rows (runs, columns) as one Parquet file, whole or not at all; `key` says what they belong to."""
    import pyarrow
    import pyarrow.parquet

    arrays: dict[str, Any] = {
        name: pyarrow.array(np.ascontiguousarray(rows[:, k])) for k, name in enumerate(columns)
    }
    for name, words in _NAMED.items():
        if name in columns:
            codes = rows[:, list(columns).index(name)].astype(np.int32)
            arrays[f"{name}_name"] = pyarrow.DictionaryArray.from_arrays(codes, list(words))
    table = pyarrow.table(arrays).replace_schema_metadata({_KEY: key.encode()})
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        pyarrow.parquet.write_table(table, partial, compression="zstd", row_group_size=1 << 14)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_rows(path: Path, columns: Sequence[str], key: str) -> Rows | None:
    """Return a file's rows (runs, columns), or None where it is absent, damaged or of something else."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
        if (table.schema.metadata or {}).get(_KEY) != key.encode():
            return None
        return np.column_stack([table[name].to_numpy() for name in columns])
    except (OSError, KeyError, pyarrow.ArrowException):
        return None


def rows_digest(rows: Rows) -> str:
    """Return the SHA-256 over the rows' bytes (little-endian doubles, run after run).

    >>> rows_digest(np.zeros((2, 3)))[:12]
    '17b0761f87b0'
    """
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<f8").tobytes()).hexdigest()
