"""Rows as people read them: a table where they fit side by side, one below the other where they do not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

_GAP = "  "
#: Characters below which a cut text is of no use.
_NARROWEST = 14


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
    """Return rows as a table without its empty columns; texts are cut where they would not fit beside others.

    Where even that is wider than the terminal, the rows stand one below the other and whole.
    """
    held = [key for key in rows[0] if any(cell(row[key]) != "-" for row in rows)]
    heads = [_head(key) for key in held]
    cells = [[cell(row[key]) for key in held] for row in rows]
    number = [_is_number(rows[0][key]) for key in held]
    widths = _fitted(
        [max(len(head), *(len(line[k]) for line in cells)) for k, head in enumerate(heads)], number
    )
    if widths is None:
        return "\n\n".join(_block(heads, line) for line in cells)
    lines = [heads, ["-" * width for width in widths], *cells]
    return "\n".join(_line(line, widths, number) for line in lines)


def _fitted(widths: list[int], number: Sequence[bool]) -> list[int] | None:
    """Return widths that fit the terminal, texts made narrower but not beyond use; None if they cannot."""
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - _room()
    while over > 0:
        texts = [k for k in range(len(widths)) if not number[k] and widths[k] > _NARROWEST]
        if not texts:
            return None
        widest = max(texts, key=lambda k: widths[k])
        widths[widest] -= 1
        over -= 1
    return widths


def _room() -> int:
    return max(100, shutil.get_terminal_size((160, 24)).columns)


def _head(key: str) -> str:
    from perilune.mission.asked import written_name

    unit = key.removeprefix(written_name(key)[0]).lstrip("_").replace("bit_s", "bit/s").replace("m_s", "m/s")
    words = written_name(key)[0].replace("_", " ")
    return f"{words} [{unit}]" if unit else words


def _line(line: Sequence[str], widths: Sequence[int], number: Sequence[bool]) -> str:
    placed = [
        text.rjust(width) if right else _cut(text, width).ljust(width)
        for text, width, right in zip(line, widths, number, strict=True)
    ]
    return _GAP.join(placed).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "\u2026"


def _is_number(value: Any) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or _is_money(value)


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"minor", "currency"}


def _block(heads: Sequence[str], line: Sequence[str]) -> str:
    width = max(len(head) for head in heads)
    return "\n".join(
        f"{head:<{width}}  {text}" for head, text in zip(heads, line, strict=True) if text != "-"
    )
