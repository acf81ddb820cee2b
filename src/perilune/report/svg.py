"""Charts as SVG text: axes with round ticks, lines, points and labels, coloured by the page's style sheet.

Colours are classes (`c0` … `c7`), so that one drawing serves a light page and a dark one.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_MARGIN_LEFT, _MARGIN_RIGHT, _MARGIN_TOP, _MARGIN_BOTTOM = 64.0, 16.0, 14.0, 44.0
_TICK_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: A bold character's width at the drawing's font size, px.
_CHARACTER_PX = 7.4
#: Where a label may stand beside its point: anchor and px down; and the px aside that go with an anchor.
_PLACES = (
    ("start", -8.0),
    ("end", -8.0),
    ("start", 18.0),
    ("end", 18.0),
    ("middle", 30.0),
    ("middle", -22.0),
)
_SHIFTS = {"start": 7.0, "middle": 0.0, "end": -7.0}

_Box = tuple[float, float, float, float]
_Value = TypeVar("_Value", float, Array)


class Shape(Protocol):
    """What else a chart may show (`report.marks`): it says what it spans and draws itself on a scale."""

    @property
    def legend(self) -> tuple[str, str]:
        """The label in the legend, empty for none, and the style of its key."""

    def extent(self) -> tuple[Array, Array]:
        """Return the values of x and y that must be inside the frame."""

    def drawn(self, scale: Scale) -> str:
        """Return the shape as SVG."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve through `x`, `y`; what is not finite breaks it."""

    x: Array
    y: Array
    style: str = "c0"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A marked place with a label beside it, at `anchor` and `dy` px down if that is free."""

    x: float
    y: float
    label: str
    style: str = "c0"
    anchor: str = "start"
    dy: float = -8.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A body drawn to scale."""

    x: float
    y: float
    radius: float
    style: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of y drawn as a shade."""

    low: float
    high: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: what is on it, the names of its axes, its size in px; `equal` keeps shapes true.

    `under` is drawn before the lines, `over` after them.
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...] = ()
    points: tuple[Point, ...] = ()
    discs: tuple[Disc, ...] = ()
    bands: tuple[Band, ...] = ()
    width: float = 640.0
    height: float = 420.0
    equal: bool = False
    limits: tuple[float, float, float, float] | None = field(default=None)
    under: tuple[Shape, ...] = ()
    over: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """From data to pixels: x and y each `offset + factor * value`, of numbers and of arrays alike."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    width: float
    height: float

    def x(self, value: _Value) -> _Value:
        """Return pixels from the left."""
        inner = self.width - _MARGIN_LEFT - _MARGIN_RIGHT
        return _MARGIN_LEFT + inner * (value - self.x_low) / (self.x_high - self.x_low)

    def y(self, value: _Value) -> _Value:
        """Return pixels from the top."""
        inner = self.height - _MARGIN_TOP - _MARGIN_BOTTOM
        return self.height - _MARGIN_BOTTOM - inner * (value - self.y_low) / (self.y_high - self.y_low)

    @property
    def px_per_x(self) -> float:
        """Pixels per unit of x."""
        return (self.width - _MARGIN_LEFT - _MARGIN_RIGHT) / (self.x_high - self.x_low)


def ticks(low: float, high: float, count: int = 6) -> tuple[float, ...]:
    """Return round values inside a range, about `count` of them.

    >>> ticks(0.0, 10.0, 5)
    (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
    """
    if not high > low:
        return (low,)
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _TICK_STEPS if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(index * step, 12) for index in range(first, last + 1))


def draw(chart: Chart) -> str:
    """Return the chart as an SVG element for a page, with its legend below it."""
    return "\n".join(part for part in (_svg(chart), _legend(chart)) if part)


def standalone(chart: Chart, style: str) -> str:
    """Return the chart as an SVG file of its own, styled by a style sheet, its legend in the first corner."""
    keys = "".join(
        f'<g class="{line_style}"><path class="line" stroke-width="3" d="M{x:g} 12h18"/></g>'
        f'<text class="note" x="{x + 24:g}" y="16">{escape(label)}</text>'
        for x, (label, line_style) in zip(_key_places(chart), _shown(chart).items(), strict=True)
    )
    taller = f'viewBox="0 -24 {chart.width:g} {chart.height + 24:g}" xmlns="http://www.w3.org/2000/svg"'
    plain = f'viewBox="0 0 {chart.width:g} {chart.height:g}"'
    keys = f'<g transform="translate(0 -24)">{keys}</g>'
    return (
        _svg(chart)
        .replace(plain, taller, 1)
        .replace("</title>", f"</title>\n<style>{style}</style>", 1)
        .replace("</svg>", f"{keys}\n</svg>")
    ) + "\n"


def _key_places(chart: Chart) -> Iterator[float]:
    x = _MARGIN_LEFT
    for label in _shown(chart):
        yield x
        x += 44.0 + _CHARACTER_PX * len(label)


def _svg(chart: Chart) -> str:
    scale = _scale(chart)
    name = escape(chart.title)
    clip = f"clip-{zlib.crc32(chart.title.encode()):08x}"
    places = labels(chart, scale)
    body = [
        f'<svg class="chart" viewBox="0 0 {chart.width:g} {chart.height:g}" role="img" aria-label="{name}">',
        f"<title>{name}</title>",
        f'<clipPath id="{clip}"><rect x="{_MARGIN_LEFT}" y="{_MARGIN_TOP}" '
        f'width="{chart.width - _MARGIN_LEFT - _MARGIN_RIGHT:g}" '
        f'height="{chart.height - _MARGIN_TOP - _MARGIN_BOTTOM:g}"/></clipPath>',
        *_axes(chart, scale),
        f'<g clip-path="url(#{clip})">',
        *(shape.drawn(scale) for shape in chart.under),
        *(_band(band, scale) for band in chart.bands),
        *(_line(line, scale) for line in chart.lines),
        *(shape.drawn(scale) for shape in chart.over),
        *(_disc(disc, scale) for disc in chart.discs),
        "</g>",
        *(_point(point, scale, place) for point, place in zip(chart.points, places, strict=True)),
        "</svg>",
    ]
    return "\n".join(body)


def _scale(chart: Chart) -> Scale:
    if chart.limits is not None:
        x_low, x_high, y_low, y_high = chart.limits
    else:
        spans = [shape.extent() for shape in (*chart.under, *chart.over)]
        x_low, x_high = _extent(
            [line.x for line in chart.lines] + [x for x, _ in spans], [p.x for p in chart.points]
        )
        flat = [bound for band in chart.bands for bound in (band.low, band.high)]
        y_low, y_high = _extent(
            [line.y for line in chart.lines] + [y for _, y in spans], [p.y for p in chart.points] + flat
        )
    if chart.equal:
        inner_w = chart.width - _MARGIN_LEFT - _MARGIN_RIGHT
        inner_h = chart.height - _MARGIN_TOP - _MARGIN_BOTTOM
        unit = max((x_high - x_low) / inner_w, (y_high - y_low) / inner_h)
        x_mid, y_mid = 0.5 * (x_low + x_high), 0.5 * (y_low + y_high)
        x_low, x_high = x_mid - 0.5 * unit * inner_w, x_mid + 0.5 * unit * inner_w
        y_low, y_high = y_mid - 0.5 * unit * inner_h, y_mid + 0.5 * unit * inner_h
    return Scale(x_low, x_high, y_low, y_high, chart.width, chart.height)


def _extent(arrays: Sequence[Array], extra: Sequence[float]) -> tuple[float, float]:
    parts = [np.asarray(extra, dtype=float), *arrays]
    values = np.concatenate(parts) if parts else np.zeros(1)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or max(1.0, abs(low)) * 0.05
    return low - margin, high + margin


def _axes(chart: Chart, scale: Scale) -> Iterator[str]:
    left, bottom = _MARGIN_LEFT, chart.height - _MARGIN_BOTTOM
    right, top = chart.width - _MARGIN_RIGHT, _MARGIN_TOP
    for value in ticks(scale.x_low, scale.x_high, 7):
        x = scale.x(value)
        yield f'<path class="grid" d="M{x:.1f} {top:g}V{bottom:g}"/>'
        yield _text("tick", x, bottom + 16, "middle", _number(value))
    for value in ticks(scale.y_low, scale.y_high, 6):
        y = scale.y(value)
        yield f'<path class="grid" d="M{left:g} {y:.1f}H{right:g}"/>'
        yield _text("tick", left - 8, y + 4, "end", _number(value))
    middle_x, middle_y = 0.5 * (left + right), 0.5 * (top + bottom)
    yield _text("axis", middle_x, chart.height - 8, "middle", escape(chart.x_label))
    yield (
        f'<text class="axis" x="14" y="{middle_y:g}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle_y:g})">{escape(chart.y_label)}</text>'
    )


def _text(style: str, x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _number(value: float) -> str:
    text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return text.replace("-", "\u2212").replace(",", "\u2009")


def _line(line: Line, scale: Scale) -> str:
    label = f"<title>{escape(line.label)}</title>" if line.label else ""
    return f'<path class="line {line.style}" d="{path(line.x, line.y, scale)}">{label}</path>'


def path(x_values: Array, y_values: Array, scale: Scale) -> str:
    """Return path data with points closer than a third of a pixel left out."""
    parts: list[str] = []
    last: tuple[float, float] | None = None
    pen_up = True
    for x, y in zip(x_values.tolist(), y_values.tolist(), strict=True):
        if not (math.isfinite(x) and math.isfinite(y)):
            pen_up = True
            continue
        px, py = scale.x(x), scale.y(y)
        if not pen_up and last is not None and abs(px - last[0]) + abs(py - last[1]) < 0.35:
            continue
        parts.append(f"{'M' if pen_up else 'L'}{px:.1f} {py:.1f}")
        last, pen_up = (px, py), False
    return "".join(parts)


def _band(band: Band, scale: Scale) -> str:
    top, bottom = scale.y(band.high), scale.y(band.low)
    left = _MARGIN_LEFT
    label = (
        f'<text class="note" x="{left + 6:g}" y="{top + 13:.1f}">{escape(band.label)}</text>'
        if band.label
        else ""
    )
    rect = (
        f'<rect class="band" x="{left:g}" y="{top:.1f}" width="{scale.width:g}" height="{bottom - top:.1f}"/>'
    )
    return rect + label


def _disc(disc: Disc, scale: Scale) -> str:
    radius = max(disc.radius * scale.px_per_x, 3.0)
    x, y = scale.x(disc.x), scale.y(disc.y)
    label = (
        f'<text class="note" x="{x:.1f}" y="{y + radius + 14:.1f}" text-anchor="middle">'
        f"{escape(disc.label)}</text>"
    )
    circle = f'<circle class="disc {disc.style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    return circle + (label if disc.label else "")


def _point(point: Point, scale: Scale, place: tuple[str, float]) -> str:
    x, y = scale.x(point.x), scale.y(point.y)
    anchor, dy = place
    return (
        f'<circle class="dot {point.style}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        f'<text class="mark" x="{x + _SHIFTS[anchor]:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}">'
        f"{escape(point.label)}</text>"
    )


def labels(chart: Chart, scale: Scale) -> list[tuple[str, float]]:
    """Return where each point's label goes, (anchor, px down): the first place that is free and inside."""
    taken = [_disc_box(disc, scale) for disc in chart.discs if disc.label]
    places = []
    for point in chart.points:
        wanted = (point.anchor, point.dy)
        tries = [wanted, *(place for place in _PLACES if place != wanted)]
        boxes = [_label_box(point, place, scale) for place in tries]
        costs = [_cost(box, taken, scale) for box in boxes]
        best = costs.index(min(costs))
        places.append(tries[best])
        taken.append(boxes[best])
    return places


def _disc_box(disc: Disc, scale: Scale) -> _Box:
    x, y = scale.x(disc.x), scale.y(disc.y)
    below = y + max(disc.radius * scale.px_per_x, 3.0) + 14.0
    half = 0.5 * _CHARACTER_PX * len(disc.label)
    return x - half, below - 11.0, x + half, below + 3.0


def _label_box(point: Point, place: tuple[str, float], scale: Scale) -> _Box:
    anchor, dy = place
    wide = _CHARACTER_PX * len(point.label)
    left = scale.x(point.x) + _SHIFTS[anchor] - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * wide
    base = scale.y(point.y) + dy
    return left, base - 11.0, left + wide, base + 3.0


def _cost(box: _Box, taken: Sequence[_Box], scale: Scale) -> float:
    """Return the px by which a label overlaps others or leaves the drawing."""
    left, top, right, bottom = box
    outside = max(0.0, _MARGIN_LEFT - left) + max(0.0, right - (scale.width - _MARGIN_RIGHT))
    shared = (
        max(0.0, min(right, other[2]) - max(left, other[0])) * (min(bottom, other[3]) > max(top, other[1]))
        for other in taken
    )
    return outside + sum(shared)


def _shown(chart: Chart) -> dict[str, str]:
    """Return the labels of the lines with their styles; none where there is but one."""
    keys = [
        *((line.label, line.style) for line in chart.lines),
        *(shape.legend for shape in (*chart.under, *chart.over)),
    ]
    shown = {label: style for label, style in keys if label}
    return shown if len(shown) > 1 else {}


def _legend(chart: Chart) -> str:
    items = "".join(
        f'<span><i class="key {style}"></i>{escape(label)}</span>' for label, style in _shown(chart).items()
    )
    return f'<p class="legend">{items}</p>' if items else ""
