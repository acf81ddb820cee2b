"""Shapes a chart may carry beside its lines: clouds of dots, areas, bars, upright rules and pictures."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from perilune.report.svg import Scale

Array = NDArray[np.float64]

_NOTHING: Array = np.empty(0)
#: Dots that fall into one cell of this many px are one dot.
_CELL_PX = 0.8
#: Labels of rules nearer than this many px go one line lower.
_RULE_LINE_PX = 13.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """Many dots of one style, drawn as one path; values that are not finite are left out."""

    x: Array
    y: Array
    style: str = "c0"
    label: str = ""
    size_px: float = 3.0

    @property
    def legend(self) -> tuple[str, str]:
        """The label and style of the key."""
        return self.label, self.style

    def extent(self) -> tuple[Array, Array]:
        """Return all values of x and y."""
        return self.x, self.y

    def drawn(self, scale: Scale) -> str:
        """Return the dots as strokes of no length with round ends."""
        keep = np.isfinite(self.x) & np.isfinite(self.y)
        if not keep.any():
            return ""
        px = np.column_stack([scale.x(self.x[keep]), scale.y(self.y[keep])])
        cells = np.unique(np.rint(px / _CELL_PX), axis=0) * _CELL_PX
        data = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in cells.tolist())
        title = f"<title>{escape(self.label)}</title>" if self.label else ""
        return f'<path class="dots {self.style}" stroke-width="{self.size_px:g}" d="{data}">{title}</path>'


@dataclass(frozen=True, slots=True)
class Area:
    """What lies between two curves over one x."""

    x: Array
    low: Array
    high: Array
    style: str = "c0"
    label: str = ""
    spans: bool = True

    @property
    def legend(self) -> tuple[str, str]:
        """The label and style of the key."""
        return self.label, f"{self.style} shade"

    def extent(self) -> tuple[Array, Array]:
        """Return the values of x, and of both curves if they shall be inside the frame (`spans`)."""
        return (self.x, np.concatenate([self.low, self.high])) if self.spans else (_NOTHING, _NOTHING)

    def drawn(self, scale: Scale) -> str:
        """Return one closed path over all x where both curves are finite."""
        keep = np.isfinite(self.x) & np.isfinite(self.low) & np.isfinite(self.high)
        if keep.sum() < 2:
            return ""
        keep &= _spaced(scale.x(np.where(keep, self.x, 0.0)), keep)
        x = np.concatenate([self.x[keep], self.x[keep][::-1]])
        y = np.concatenate([self.low[keep], self.high[keep][::-1]])
        data = "L".join(f"{scale.x(a):.1f} {scale.y(b):.1f}" for a, b in zip(x, y, strict=True))
        title = f"<title>{escape(self.label)}</title>" if self.label else ""
        return f'<path class="area {self.style}" d="M{data}Z">{title}</path>'


def _spaced(px: Array, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the kept values start a new half pixel."""
    half = np.floor(2.0 * px)
    fresh = np.ones(len(px), dtype=bool)
    fresh[1:] = half[1:] != half[:-1]
    fresh[np.flatnonzero(keep)[-1]] = True
    return fresh


@dataclass(frozen=True, slots=True)
class Rule:
    """An upright line at x with a word at its top; `line` moves the word down by so many lines."""

    x: float
    label: str = ""
    style: str = "muted"
    line: int = 0

    @property
    def legend(self) -> tuple[str, str]:
        """No key: the word stands beside it."""
        return "", self.style

    def extent(self) -> tuple[Array, Array]:
        """Return nothing: a rule does not widen the frame."""
        return _NOTHING, _NOTHING

    def drawn(self, scale: Scale) -> str:
        """Return the line and its word, left of the line in the right half."""
        if not scale.x_low <= self.x <= scale.x_high:
            return ""
        x, top, bottom = scale.x(self.x), scale.y(scale.y_high), scale.y(scale.y_low)
        late = self.x > 0.6 * scale.x_high + 0.4 * scale.x_low
        shift, anchor = (-4.0, "end") if late else (4.0, "start")
        word = (
            f'<text class="note {self.style}" x="{x + shift:.1f}" text-anchor="{anchor}" '
            f'y="{top + 12.0 + _RULE_LINE_PX * self.line:.1f}">{escape(self.label)}</text>'
        )
        return f'<path class="rule {self.style}" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>' + (
            word if self.label else ""
        )


@dataclass(frozen=True, slots=True)
class Bars:
    """A histogram: `count[i]` stands between `edges[i]` and `edges[i + 1]`."""

    edges: Array
    count: Array
    style: str = "c0"
    label: str = ""

    @property
    def legend(self) -> tuple[str, str]:
        """The label and style of the key."""
        return self.label, self.style

    def extent(self) -> tuple[Array, Array]:
        """Return the edges, and zero with the counts."""
        return self.edges, np.append(self.count, 0.0)

    def drawn(self, scale: Scale) -> str:
        """Return one rectangle a bar that is not empty."""
        zero = scale.y(0.0)
        bars = []
        for low, high, count in zip(self.edges[:-1], self.edges[1:], self.count, strict=True):
            if count > 0.0:
                x, top = scale.x(low), scale.y(count)
                wide = max(scale.x(high) - x - 0.6, 0.6)
                bars.append(
                    f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{zero - top:.1f}">'
                    f"<title>{low:.6g} to {high:.6g}: {count:g}</title></rect>"
                )
        return f'<g class="bars {self.style}">{"".join(bars)}</g>'


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG laid over a range of x and y; its first row is at `y_high`."""

    png: bytes
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    label: str = ""

    @property
    def legend(self) -> tuple[str, str]:
        """No key."""
        return "", ""

    def extent(self) -> tuple[Array, Array]:
        """Return nothing: the lines say what is shown, the picture lies beneath."""
        return _NOTHING, _NOTHING

    def drawn(self, scale: Scale) -> str:
        """Return the picture as an image element that holds its own data."""
        x, y = scale.x(self.x_low), scale.y(self.y_high)
        wide, tall = scale.x(self.x_high) - x, scale.y(self.y_low) - y
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<image x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
            f'preserveAspectRatio="none" href="data:image/png;base64,{data}">'
            f"<title>{escape(self.label)}</title></image>"
        )
