"""Rows as people read them: a table where they fit side by side, one below the other where they do not."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

_GAP = "  "
#: An instant, its fraction of a second left out where it is none.
_INSTANT = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.(?!0+Z)\d+)?)?)(?:\.0+)?Z")
#: Lines of one row above which a table is harder to read than a list.
_TALLEST = 3


def plain(row: type[Any], rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows as JSON would hold them."""
    from pydantic import TypeAdapter

    found: list[dict[str, Any]] = TypeAdapter(list[row]).dump_python(list(rows), mode="json")  # type: ignore[valid-type]
    return found


def cell(value: Any) -> str:
    """Return a value as it stands in a cell.

    >>> cell({"minor": 500000, "currency": "USD"}), cell(None), cell(["a", "b"])
    ('5,000.00 USD', '-', 'a, b')
    >>> cell("2025-06-06T00:00:00.000000Z"), cell("2025-01-15T06:26:35.759Z")
    ('2025-06-06 00:00:00Z', '2025-01-15 06:26:35.759Z')
    """
    if isinstance(value, dict):
        return _folded(value)
    if isinstance(value, list | tuple):
        return ", ".join(cell(entry) for entry in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "-" if value is None or value == "" else _INSTANT.sub(r"\1 \2Z", _shown(str(value)))


def _shown(text: str) -> str:
    """Return a text that cannot steer the terminal: what is not printable stands as its code."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def _folded(value: dict[str, Any]) -> str:
    from perilune.commerce.money import Money

    if set(value) == {"minor", "currency"}:
        return str(Money(value["minor"], value["currency"]))
    return (
        " ".join(f"{key}={cell(entry)}" for key, entry in value.items() if entry not in (None, "", [], {}))
        or "-"
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a table without its empty columns; texts go on in the next line where they do not fit.

    Where that is too wide for the terminal, columns of no money at all are left out, then what all rows have
    in common is told once above them; where even that does not do, they stand one below the other.
    """
    held = [key for key in rows[0] if any(cell(row[key]) != "-" for row in rows)]
    spare = [key for key in held if not all(_is_none(row[key]) for row in rows)]
    return (
        _side_by_side(rows, held)
        or _side_by_side(rows, spare)
        or _below_what_is_common(rows, spare)
        or _one_below_the_other(rows, held)
    )


def _side_by_side(rows: Sequence[dict[str, Any]], held: Sequence[str]) -> str:
    heads = [_head(key) for key in held]
    cells = [[cell(row[key]) for key in held] for row in rows]
    number = [_is_number(rows[0][key]) for key in held]
    columns = [[head, *(line[k] for line in cells)] for k, head in enumerate(heads)]
    widths = _fitted(
        [max(map(len, column)) for column in columns],
        [
            max(_longest_word(column[0]), *map(len if right else _longest_word, column[1:]))
            for column, right in zip(columns, number, strict=True)
        ],
    )
    if widths is None:
        return ""
    lines = [_wrapped(line, widths) for line in (heads, *cells)]
    if any(len(line) > _TALLEST for line in lines):
        return ""
    lines.insert(1, [["-" * width for width in widths]])
    return "\n".join(_line(part, widths, number) for line in lines for part in line)


def _below_what_is_common(rows: Sequence[dict[str, Any]], held: Sequence[str]) -> str:
    common = [key for key in held if all(cell(row[key]) == cell(rows[0][key]) for row in rows)]
    own = [key for key in held if key not in common]
    told = _side_by_side(rows, own) if common and own else ""
    return f"{_one_below_the_other(rows[:1], common)}\n\n{told}" if told else ""


def _one_below_the_other(rows: Sequence[dict[str, Any]], held: Sequence[str]) -> str:
    return "\n\n".join(_block([_head(key) for key in held], [row[key] for key in held]) for row in rows)


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _fitted(widths: list[int], least: Sequence[int]) -> list[int] | None:
    """Return widths that fit the terminal, the widest made narrower first; None if they cannot."""
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - _room()
    while over > 0:
        wide = [k for k in range(len(widths)) if widths[k] > least[k]]
        if not wide:
            return None
        widths[max(wide, key=lambda k: widths[k])] -= 1
        over -= 1
    return widths


def _wrapped(line: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """Return the lines that a row takes: a text that is wider than its column goes on below."""
    parts = [
        textwrap.wrap(text, width, break_on_hyphens=False) for text, width in zip(line, widths, strict=True)
    ]
    return [list(part) for part in zip_longest(*parts, fillvalue="")]


def _room() -> int:
    return max(100, shutil.get_terminal_size((160, 24)).columns)


def _head(key: str) -> str:
    from perilune.mission.asked import written_name

    unit = key.removeprefix(written_name(key)[0]).lstrip("_").replace("bit_s", "bit/s").replace("m_s", "m/s")
    words = written_name(key)[0].replace("_", " ")
    return f"{words} [{unit}]" if unit else words


def _line(line: Sequence[str], widths: Sequence[int], number: Sequence[bool]) -> str:
    placed = [
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(line, widths, number, strict=True)
    ]
    return _GAP.join(placed).rstrip()


def _is_number(value: Any) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or _is_money(value)


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"minor", "currency"}


def _is_none(value: Any) -> bool:
    return cell(value) == "-" or (_is_money(value) and value["minor"] == 0)


def _block(heads: Sequence[str], line: Sequence[Any]) -> str:
    width = max(len(head) for head in heads)
    return "\n".join(
        _entry(head, value, width) for head, value in zip(heads, line, strict=True) if cell(value) != "-"
    )


def _entry(head: str, value: Any, width: int) -> str:
    """Return one entry of a block; what has parts of its own stands below it, as a table if several."""
    if isinstance(value, dict) and not _is_money(value) and len(cell(value)) > _room() - width:
        told = _block([_head(key) for key in value], list(value.values()))
    elif isinstance(value, list) and value and all(isinstance(one, dict) and one for one in value):
        told = table(value)
    elif isinstance(value, list) and len(cell(value)) > _room() - width:
        told = "\n".join(cell(one) for one in value)
    else:
        return f"{head:<{width}}  {cell(value)}"
    return f"{head}\n{textwrap.indent(told, _GAP)}"
