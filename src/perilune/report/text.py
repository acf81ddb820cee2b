"""The delivery in a few lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from perilune.mission.delivery import Delivery
from perilune.report.figures import Figure, figures
from perilune.report.words import spaced, when

_MARKS = {"achieved": "[x]", "partial": "[~]", "not achieved": "[ ]"}
_PLAIN = {"\u202f": ",", "\u00a0": " ", "\u2212": "-", "\u00b0": " deg", "\u00b2": "2", "\u2013": "-"}


def summary(delivery: Delivery) -> str:
    """Return the flight's key figures and the table of milestones."""
    head = f"{delivery.mission}, {delivery.vehicle}: {delivery.outcome.replace('_', ' ')}"
    if delivery.reason:
        head += f"\n{delivery.reason}"
    lines = [_plain(line) for part in figures(delivery).values() for line in part]
    return "\n".join([head, "", *lines, "", *_milestones(delivery)])


def _plain(figure: Figure) -> str:
    """Return a figure as a line of characters that every terminal has."""
    value = figure.value
    for fine, plain in _PLAIN.items():
        value = value.replace(fine, plain)
    return f"{figure.label:<12}{value}"


def _milestones(delivery: Delivery) -> Iterator[str]:
    width = max((len(m.name) for m in delivery.milestones), default=4)
    yield f"    {'milestone':<{width}}  {'status':<12}  {'achieved (UTC)':<19}  public"
    for m in delivery.milestones:
        public = spaced(m.public_written or "-")
        reached = when(m.achieved_epoch)
        yield f"{_MARKS[m.status]} {m.name:<{width}}  {m.status:<12}  {reached:<19}  {public}"
