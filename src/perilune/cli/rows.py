"""Rows as people read them: a table where they fit side by side, one below the other where they do not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

_GAP = "  "


def plain(row: type[Any], rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows as JSON would hold them."""
    from pydantic import TypeAdapter

    found: list[dict[str, Any]] = TypeAdapter(list[row]).dump_python(list(rows), mode="json")  # type: ignore[valid-type]
    return found


def cell(value: Any) -> str:
    """Return a value as it stands in a cell.

    >>> cell({"minor": 500000, "currency": "USD"}), cell(None), cell(["a", "b"])
    ('5,000.00 USD', '-', 'a, b')
    """
    if isinstance(value, dict):
        return _folded(value)
    if isinstance(value, list | tuple):
        return ", ".join(cell(entry) for entry in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "-" if value is None or value == "" else str(value)


def _folded(value: dict[str, Any]) -> str:
    from perilune.commerce.money import Money

    if set(value) == {"minor", "currency"}:
        return str(Money(value["minor"], value["currency"]))
    return (
        " ".join(f"{key}={cell(entry)}" for key, entry in value.items() if entry not in (None, "", [], {}))
        or "-"
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a table, or as blocks of lines where the table is wider than the terminal."""
    heads = [_head(key) for key in rows[0]]
    cells = [[cell(value) for value in row.values()] for row in rows]
    widths = [max(len(head), *(len(line[k]) for line in cells)) for k, head in enumerate(heads)]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > _room():
        return "\n\n".join(_block(heads, line) for line in cells)
    lines = [heads, ["-" * width for width in widths], *cells]
    return "\n".join(_line(line, widths, rows[0]) for line in lines)


def _room() -> int:
    return max(100, shutil.get_terminal_size((160, 24)).columns)


def _head(key: str) -> str:
    from perilune.mission.asked import written_name

    unit = key.removeprefix(written_name(key)[0]).lstrip("_").replace("bit_s", "bit/s").replace("m_s", "m/s")
    words = written_name(key)[0].replace("_", " ")
    return f"{words} [{unit}]" if unit else words


def _line(line: Sequence[str], widths: Sequence[int], first: dict[str, Any]) -> str:
    number = [isinstance(value, int | float) or _is_money(value) for value in first.values()]
    placed = [
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(line, widths, number, strict=True)
    ]
    return _GAP.join(placed).rstrip()


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"minor", "currency"}


def _block(heads: Sequence[str], line: Sequence[str]) -> str:
    width = max(len(head) for head in heads)
    return "\n".join(
        f"{head:<{width}}  {text}" for head, text in zip(heads, line, strict=True) if text != "-"
    )
