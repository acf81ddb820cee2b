"""Telemetry for Open MCT: a dictionary of its points and their history, as JSON-ready values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from perilune.epoch import Epoch
from perilune.exchange.space_packet import Field, PacketKind
from perilune.exchange.xtce import qualified

_UNIX: np.datetime64 = np.datetime64("1970-01-01T00:00:00", "ms")


def dictionary(kinds: Sequence[PacketKind], *, name: str, key: str) -> dict[str, Any]:
    """Return the dictionary: a measurement for each field of each packet, keyed `packet.field`."""
    return {
        "name": name,
        "key": key,
        "measurements": [
            {
                "name": qualified(kind, field).replace("_", " "),
                "key": f"{kind.name}.{field.name}",
                "values": [_range(field), _DOMAIN],
            }
            for kind in kinds
            for field in kind.fields
        ],
    }


_DOMAIN: dict[str, Any] = {
    "key": "utc",
    "source": "timestamp",
    "name": "Time",
    "format": "utc",
    "hints": {"domain": 1},
}


def _range(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"key": "value", "name": field.what or field.name, "hints": {"range": 1}}
    if field.names:
        words = [{"value": code, "string": word} for code, word in enumerate(field.names)]
        return told | {"format": "enum", "enumerations": words}
    told["format"] = "integer" if field.kind.startswith("uint") else "float"
    return told | ({"units": field.unit} if field.unit else {})


def history(
    kind: PacketKind, base: Epoch, time_s: npt.ArrayLike, values: Mapping[str, npt.ArrayLike]
) -> dict[str, list[list[float]]]:
    """Return `[milliseconds of UTC since 1970, value]` of each field; what is not a number is left out."""
    start_ms = int((np.datetime64(base.iso("UTC", 3), "ms") - _UNIX).astype(np.int64))
    stamps = start_ms + np.rint(np.asarray(time_s, dtype=np.float64) * 1e3).astype(np.int64)
    told = {}
    for field in kind.fields:
        column = np.asarray(values[field.name], dtype=np.float64)
        kept = np.isfinite(column)
        rows = zip(stamps[kept].tolist(), column[kept].tolist(), strict=True)
        told[f"{kind.name}.{field.name}"] = [list(row) for row in rows]
    return told
