"""Orders and questions about evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.evidence.state import Evidence, Found
from perilune.commerce.fields import Asked, Digest, Id, Name
from perilune.commerce.plans.verbs import mission
from perilune.commerce.verbs import Verb, View
from perilune.commerce.when import When, surely_after
from perilune.errors import NameNotFoundError, RefusedError

Kind = Literal[
    "delivery",
    "statement",
    "imagery",
    "telemetry",
    "review",
    "inspection",
    "approval",
    "acceptance",
    "collection",
]
Figure = Annotated[float, Field(ge=-1e18, le=1e18)]
FigureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class MilestoneSeen(Asked):
    """A milestone of the mission in a piece of evidence."""

    id: Id
    status: Literal["achieved", "partial", "failed", "not achieved"]
    at: When | None = Field(None, description="When it was reached.")


class Record(Asked):
    """A kept file and what it shows."""

    mission: Id = Field(description="Stable id of the mission.")
    digest: Digest = Field(description="SHA-256 of the kept file.")
    kind: Kind = Field(description="What sort of file it is.")
    what: Name = Field(description="What it shows, in a sentence.")
    seen_at: When = Field(description="When that happened.")
    source: Name | None = Field(None, description="Where the file comes from.")
    milestones: tuple[MilestoneSeen, ...] = Field((), max_length=100, description="Milestones it shows.")
    outcome: Annotated[str, Field(pattern=r"^[a-z_ -]{0,40}$")] = Field(
        "", description="How the landing ended."
    )
    figures: dict[FigureName, Figure] = Field(
        default_factory=dict, max_length=200, description="Figures it shows, the unit in each name."
    )
    supersedes: Id | None = Field(None, description="Id of the evidence that this one replaces.")
    kept: bool = Field(False, description="The file is kept in the store, which then answers for it.")
    id: Id | None = Field(None, description="Id of the evidence [default: numbered].")


def evidence(books: Books, name: str) -> Evidence:
    """Return a piece of evidence; raises `NameNotFoundError`."""
    if name not in books.evidence.by_id:
        raise NameNotFoundError("evidence", name, books.evidence.by_id)
    return books.evidence.by_id[name]


def record(books: Books, asked: Record, moment: Moment) -> Decision:
    """Record what a kept file shows."""
    mission(books, asked.mission)
    id_ = asked.id or _numbered(books)
    if id_ in books.evidence.by_id:
        raise RefusedError("state", f"There is evidence {id_!r} already. Choose another id, or supersede it.")
    _unrepeated(books, asked)
    for told in (asked.seen_at, *(shown.at for shown in asked.milestones if shown.at)):
        if surely_after(told, moment.at):
            raise RefusedError("time", f"{told} is still to come. Evidence shows what has happened.")
    if asked.supersedes is not None:
        _supersedable(evidence(books, asked.supersedes), asked, moment)
    data = asked.model_dump(mode="json", exclude_none=True) | {"id": id_, "numbered": asked.id is None}
    return Decision((Draft("evidence.recorded", data),), {"id": id_, "digest": asked.digest})


def _numbered(books: Books) -> str:
    """Return the next number that nobody chose for an id."""
    numbers = (f"E-{number:06d}" for number in itertools.count(books.evidence.count + 1))
    return next(name for name in numbers if name not in books.evidence.by_id)


def _unrepeated(books: Books, asked: Record) -> None:
    shown = [one.id for one in asked.milestones]
    if len(set(shown)) < len(shown):
        raise RefusedError("evidence", "A milestone stands twice in this evidence. Name each once.")
    for other in books.evidence.by_id.values():
        if (other.digest, other.mission) == (asked.digest, asked.mission) and other.id != asked.supersedes:
            raise RefusedError(
                "evidence", f"This file is evidence {other.id!r} already. Use that, or supersede it."
            )


def _supersedable(old: Evidence, asked: Record, moment: Moment) -> None:
    if old.superseded_by:
        raise RefusedError(
            "state", f"Evidence {old.id!r} is superseded by {old.superseded_by!r}. Supersede that."
        )
    if old.mission != asked.mission:
        raise RefusedError(
            "evidence", f"Evidence {old.id!r} is of mission {old.mission!r}, not {asked.mission!r}."
        )
    if old.party != moment.party:
        whose = repr(old.party) if old.party else "the house"
        raise RefusedError(
            "authority", f"Evidence {old.id!r} was handed in by {whose}, who alone replaces it."
        )


_FOUND: Final = TypeAdapter(Found)


def _recorded(books: Books, event: Event) -> None:
    data: Mapping[str, Any] = event.data
    found = _FOUND.validate_python({key: data[key] for key in ("milestones", "outcome", "figures")})
    books.evidence.by_id[data["id"]] = Evidence(
        **{key: data[key] for key in ("id", "mission", "digest", "kind", "what", "seen_at")},
        found=found,
        recorded_at=event.moment.at,
        source=data.get("source", ""),
        party=event.moment.party,
    )
    books.evidence.count += data["numbered"]
    if "supersedes" in data:
        old = books.evidence.by_id[data["supersedes"]]
        books.evidence.by_id[old.id] = replace(old, superseded_by=data["id"])


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence in a list; `milestones` as "success-2 achieved 2025-01-15"."""

    id: str
    mission: str
    kind: str
    what: str
    seen_at: str
    milestones: tuple[str, ...]
    outcome: str
    figures: dict[str, float]
    digest: str
    source: str
    superseded_by: str
    recorded_at: str
    parties: tuple[str, ...]


class Listed(Asked):
    """Which evidence."""

    mission: Id | None = Field(None, description="Only that of this mission.")
    superseded: bool = Field(False, description="With what has been superseded.")


class Shown(Asked):
    """One piece of evidence."""

    id: Id = Field(description="Id of the evidence.")


def _row(books: Books, one: Evidence) -> EvidenceRow:  # noqa: ARG001
    return EvidenceRow(
        one.id, one.mission, one.kind, one.what, one.seen_at,
        tuple(f"{shown.id} {shown.status} {shown.at}".strip() for shown in one.found.milestones),
        one.found.outcome, one.found.figures, one.digest, one.source, one.superseded_by, one.recorded_at,
        (one.party,) if one.party else (),
    )  # fmt: skip


def _listed(books: Books, asked: Listed) -> Iterable[EvidenceRow]:
    for one in books.evidence.by_id.values():
        if asked.mission in (None, one.mission) and (asked.superseded or not one.superseded_by):
            yield _row(books, one)


def _shown(books: Books, asked: Shown) -> Iterable[EvidenceRow]:
    return [_row(books, evidence(books, asked.id))]


def _parties(row: EvidenceRow) -> tuple[str, ...]:
    return row.parties


VERBS: Final = (
    Verb("evidence", "record", Record, record, "evidence:write", "Record what a kept file shows."),
)
VIEWS: Final = (
    View("evidence", "list", Listed, _listed, EvidenceRow, "evidence:read", "List the evidence.", _parties),
    View(
        "evidence",
        "show",
        Shown,
        _shown,
        EvidenceRow,
        "evidence:read",
        "Show one piece of evidence.",
        _parties,
    ),
)
APPLIED: Final = {"evidence.recorded": _recorded}


def _files(data: Mapping[str, Any]) -> tuple[str, ...]:
    return (data["digest"],) if data["kept"] else ()


#: Files of the store that events name (`store verify` asks for them).
FILES: Final = {"evidence.recorded": _files}
