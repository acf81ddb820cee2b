"""A table of shares as a picture: a row a fault, a column a policy, green where landings succeed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

_CELL_WIDE, _CELL_TALL, _NAMES_WIDE, _HEAD_TALL = 92.0, 24.0, 240.0, 34.0
#: Red, green and blue of shares of 0, a half and 1, and how much of them covers the page.
_STOPS, _COVER = ((190, 50, 45), (205, 160, 35), (31, 140, 80)), 0.42


def colour(share: float) -> str:
    """Return the colour of a share from 0 to 1, thin enough for text on a light page and on a dark one.

    >>> colour(0.0), colour(1.0)
    ('rgba(190,50,45,0.42)', 'rgba(31,140,80,0.42)')
    """
    low, high = (_STOPS[0], _STOPS[1]) if share < 0.5 else (_STOPS[1], _STOPS[2])
    part = 2.0 * share if share < 0.5 else 2.0 * share - 1.0
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return f"rgba({red},{green},{blue},{_COVER})"


def heat(title: str, shares: Mapping[str, Mapping[str, float]], columns: Sequence[str], style: str) -> str:
    """Return an SVG file of shares by row and column, the best of each row in bold, styled by `style`."""
    wide = _NAMES_WIDE + _CELL_WIDE * len(columns) + 8.0
    tall = _HEAD_TALL + _CELL_TALL * len(shares) + 8.0
    name = escape(title)
    parts = [
        f'<svg class="chart" viewBox="0 0 {wide:g} {tall:g}" xmlns="http://www.w3.org/2000/svg" '
        f'role="img" aria-label="{name}">',
        f"<title>{name}</title>\n<style>{style}</style>",
        *(
            f'<text class="note" x="{_centre(k):g}" y="{_HEAD_TALL - 12.0:g}" text-anchor="middle">'
            f"{escape(column)}</text>"
            for k, column in enumerate(columns)
        ),
        *(line for i, (row, told) in enumerate(shares.items()) for line in _row(i, row, told, columns)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _centre(column: int) -> float:
    return _NAMES_WIDE + _CELL_WIDE * (column + 0.5)


def _row(i: int, row: str, told: Mapping[str, float], columns: Sequence[str]) -> Iterator[str]:
    top = _HEAD_TALL + _CELL_TALL * i
    base = top + 0.5 * _CELL_TALL + 4.5
    best = max(told.values(), default=0.0)
    yield (
        f'<text class="note" x="{_NAMES_WIDE - 10.0:g}" y="{base:g}" text-anchor="end">'
        f"{escape(row.replace('_', ' '))}</text>"
    )
    for k, column in enumerate(columns):
        if column not in told:
            continue
        share = told[column]
        yield (
            f'<rect x="{_NAMES_WIDE + _CELL_WIDE * k + 1.0:g}" y="{top + 1.0:g}" '
            f'width="{_CELL_WIDE - 2.0:g}" height="{_CELL_TALL - 2.0:g}" rx="3" fill="{colour(share)}"/>'
        )
        kind = "mark" if share == best > 0.0 else "note"
        yield (
            f'<text class="{kind}" x="{_centre(k):g}" y="{base:g}" text-anchor="middle">'
            f"{100.0 * share:.0f}\u00a0%</text>"
        )
