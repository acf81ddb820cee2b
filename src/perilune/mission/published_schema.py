"""[[published]]: figures that were made public of the real flight, beside which a report shows its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from perilune.errors import NameNotFoundError
from perilune.mission.quantities import read_bounded
from perilune.mission.table import Table, Text

#: What may be compared, with its dimension; `perilune.report.published` says what each is in a run.
FIGURES: Final = {
    "terrain_step": "length",
    "first_valid_height": "length",
    "first_valid_speed": "speed",
    "probe_speed": "speed",
    "powered_descent": "time",
    "hover_height": "length",
    "free_fall": "time",
    "impact_speed": "speed",
    "miss": "length",
}


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A public figure: which, its value in SI, as it was written, and who told it."""

    figure: str
    value: float
    written: str
    source: str


def _known(name: str) -> str:
    if name not in FIGURES:
        raise NameNotFoundError("public figure", name, FIGURES)
    return name


class PublishedEntry(Table):
    """[[published]]: a figure made public of the real flight, and by whom; conflicting ones are entries each.

    Nothing is judged by it and nothing flown by it: reports show what was flown beside it. `figure` is one of
    `terrain_step`, `first_valid_height`, `first_valid_speed`, `probe_speed`, `powered_descent`,
    `hover_height`, `free_fall`, `impact_speed`, `miss`; `value` carries its unit.
    """

    figure: Annotated[str, AfterValidator(_known)]
    value: Text
    source: Text
    note: str = Field(default="")

    def published(self) -> PublishedFigure:
        """Return the figure in SI; raises `ValueError` where the value's unit is not the figure's."""
        value = read_bounded(self.figure, self.value, FIGURES[self.figure])
        note = f" ({self.note})" if self.note else ""
        return PublishedFigure(self.figure, value, self.value, self.source + note)


def readable(entry: PublishedEntry) -> PublishedEntry:
    """Return an entry whose value can be read."""
    entry.published()
    return entry
