"""Tables as CSV (RFC 4180): a header line, one line a row, full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence


def csv_text(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return rows as CSV text; a missing value stays empty.

    >>> csv_text([{"name": "LOI", "dv_m_s": 237.5}], ["name", "dv_m_s"])
    'name,dv_m_s\\r\\nLOI,237.5\\r\\n'
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
    return buffer.getvalue()
