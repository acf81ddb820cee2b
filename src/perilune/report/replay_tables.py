"""A replay as Parquet tables for notebooks: `states`, `measurements`, `row`; the facts in their metadata."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from perilune.report.replay import Replay

_CODES = {"phase": "phases", "verdict": "verdicts", "status": "statuses"}


def write_tables(replay: Replay, folder: str | Path) -> tuple[Path, ...]:
    """Write the tables into a folder that is made if need be, and return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    facts = {b"perilune": json.dumps(dataclasses.asdict(replay.facts), sort_keys=True).encode()}
    row = {name: np.array([value]) for name, value in replay.row.items()}
    tables = {
        "states": _table(replay.states, replay),
        "measurements": _table(replay.measurements, replay),
        "row": _table(row, replay),
    }
    paths = []
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        pq.write_table(table.replace_schema_metadata(facts), path, compression="zstd")
        paths.append(path)
    return tuple(paths)


def _table(columns: Mapping[str, NDArray[np.float64]], replay: Replay) -> pa.Table:
    """Return columns as a table, codes also as the words they stand for."""
    arrays: dict[str, pa.Array] = {name: pa.array(column) for name, column in columns.items()}
    for name, key in _CODES.items():
        if name in columns:
            arrays[f"{name}_name"] = _words(columns[name], getattr(replay.facts, key))
    if "sensor" in columns:
        arrays["sensor_name"] = _words(columns["sensor"], tuple(name for name, _ in replay.facts.sensors))
    return pa.table(arrays)


def _words(codes: NDArray[np.float64], names: tuple[str, ...]) -> pa.Array:
    found = [names[int(code)] if 0 <= code < len(names) else str(int(code)) for code in codes.tolist()]
    return pa.array(found).dictionary_encode()
