"""Rows as Parquet: bit-exact figures, and the names of outcomes and causes beside their codes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from perilune.campaign.case import Rows
from perilune.landing.loop.rows import CAUSES, OUTCOMES

_KEY: Final = b"perilune.rows"
#: Columns of codes, and what they are called by; the text column has `_name` behind its name.
_NAMED: Final = {"outcome": OUTCOMES, "first_cause": CAUSES}


def write_rows(path: Path, rows: Rows, columns: Sequence[str], key: str) -> None:
    """Write rows (runs, columns) as one Parquet file, whole or not at all; `key` says what they belong to."""
    import pyarrow
    import pyarrow.parquet

    arrays: dict[str, Any] = {name: _numbers(pyarrow.float64(), rows[:, k]) for k, name in enumerate(columns)}
    for name, words in _NAMED.items():
        if name in columns:
            codes = rows[:, list(columns).index(name)].astype(np.int32)
            arrays[f"{name}_name"] = pyarrow.DictionaryArray.from_arrays(
                _numbers(pyarrow.int32(), codes), _texts(words)
            )
    table = pyarrow.table(arrays).replace_schema_metadata({_KEY: key.encode()})
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        pyarrow.parquet.write_table(table, partial, compression="zstd", row_group_size=1 << 14)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _numbers(kind: Any, values: npt.NDArray[Any]) -> Any:
    """Return numbers as an Arrow array of their own kind, by its bytes: `pyarrow.array` would load pandas, a
    third of a second of a start.
    """
    import pyarrow

    content = pyarrow.py_buffer(np.ascontiguousarray(values))
    return pyarrow.Array.from_buffers(kind, len(values), [None, content])


def _texts(words: Sequence[str]) -> Any:
    """Return words as an Arrow array, by its bytes too."""
    import pyarrow

    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *(len(each) for each in encoded)], dtype=np.int32)
    return pyarrow.StringArray.from_buffers(
        len(words), pyarrow.py_buffer(ends), pyarrow.py_buffer(b"".join(encoded))
    )


def read_rows(path: Path, columns: Sequence[str], key: str) -> Rows | None:
    """Return a file's rows (runs, columns), or None where it is absent, damaged or of something else."""
    import pyarrow
    import pyarrow.parquet

    try:
        # Not `read_table`, which loads the machinery of whole data sets: 0.2 s of a start.
        with pyarrow.parquet.ParquetFile(path) as file:
            table = file.read()
        if (table.schema.metadata or {}).get(_KEY) != key.encode():
            return None
        return np.column_stack([_values(table[name]) for name in columns])
    except (OSError, KeyError, pyarrow.ArrowException):
        return None


def _values(column: Any) -> npt.NDArray[np.float64]:
    """Return a column's numbers, by their bytes too (`to_numpy` would load pandas)."""
    # A chunk may be a part of its buffer, which is seen from its begin.
    parts = [np.frombuffer(one.buffers()[1])[one.offset :][: len(one)] for one in column.chunks]
    return np.concatenate(parts) if parts else np.zeros(0)


def rows_digest(rows: Rows) -> str:
    """Return the SHA-256 over the rows' bytes (little-endian doubles, run after run).

    >>> rows_digest(np.zeros((2, 3)))[:12]
    '17b0761f87b0'
    """
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<f8").tobytes()).hexdigest()
