"""Orders and questions about plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.fields import Asked, Day, Id, Name, Text
from perilune.commerce.plans.launch import Launch, slip_day_count
from perilune.commerce.plans.state import Mission, PlanVersion
from perilune.commerce.verbs import EVERYONE, Verb, View
from perilune.errors import NameNotFoundError, RefusedError

Status = Literal["planned", "launched", "flown", "cancelled"]
Confidence = Literal["published", "inferred", "assumed"]


class Announce(Asked):
    """A mission that has no plan yet."""

    id: Id = Field(description="Stable id of the mission, never reused: names and numbers change.")
    name: Name = Field(description="Name shown from this day on.")
    launch: Launch = Field(description='Launch: "2027", "2026-11", "2025-01-15" or "2024-12/2025-02".')
    vehicle: Name = Field(description="What flies.")
    as_of: Day = Field(description="The day this was told.")
    source: Name = Field(description="Document that tells it.")
    status: Status = "planned"
    confidence: Confidence = "published"
    note: Text = ""


class Revise(Asked):
    """What changed in a plan; what is not said stays as it was on that day."""

    id: Id = Field(description="Stable id of the mission.")
    as_of: Day = Field(description="The day the change was told.")
    source: Name = Field(description="Document that tells it.")
    name: Name | None = None
    launch: Launch | None = None
    vehicle: Name | None = None
    status: Status | None = None
    confidence: Confidence = "published"
    note: Text = ""


def mission(books: Books, name: str) -> Mission:
    """Return a mission by its stable id; raises `NameNotFoundError`."""
    if name not in books.plans.by_id:
        raise NameNotFoundError("mission", name, books.plans.by_id)
    return books.plans.by_id[name]


def announce(books: Books, asked: Announce, moment: Moment) -> Decision:
    """Give a mission its first plan."""
    if asked.id in books.plans.by_id:
        raise RefusedError("state", f"Mission {asked.id!r} is announced already. Use plan revise.")
    told = asked.model_dump(mode="json", exclude={"id"})
    return _told(books, asked.id, PlanVersion(**told), moment, "plan.announced")


def revise(books: Books, asked: Revise, moment: Moment) -> Decision:
    """Give a plan a further version, the newest one or one told earlier and found late."""
    found = mission(books, asked.id)
    day = asked.as_of.isoformat()
    before = found.as_of(day)
    if before is None:
        first = found.versions[0].as_of
        raise RefusedError(
            "time", f"Mission {asked.id!r} was announced on {first}. Give a later day than {day}."
        )
    if before.as_of == day:
        raise RefusedError(
            "state",
            f"Mission {asked.id!r} has a version of {day} already. Give the day of the newer document.",
        )
    changes = asked.model_dump(mode="json", exclude={"id"}, exclude_none=True)
    return _told(books, asked.id, replace(before, **changes), moment, "plan.revised")


def _told(books: Books, id_: str, version: PlanVersion, moment: Moment, kind: str) -> Decision:
    if version.as_of > moment.day:
        raise RefusedError("time", f"{version.as_of} is still to come. Date a plan by the day it was told.")
    for other in books.plans.by_id.values():
        shown = other.as_of(version.as_of)
        if other.id != id_ and shown is not None and shown.name == version.name:
            raise RefusedError(
                "state",
                f"On {version.as_of} {version.name!r} is the name of mission {other.id!r}. "
                "Revise that one first, or choose another name.",
            )
    data = {"id": id_, "version": asdict(version)}
    return Decision(
        (Draft(kind, data, version.as_of),), {"id": id_, "as_of": version.as_of, "name": version.name}
    )


def _apply(books: Books, event: Event) -> None:
    id_, version = event.data["id"], PlanVersion(**event.data["version"])
    before = books.plans.by_id.get(id_, Mission(id_, ())).versions
    versions = tuple(sorted((*before, version), key=lambda one: one.as_of))
    books.plans.by_id[id_] = Mission(id_, versions)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan on a day: how far its launch moved against the version before, and against the first."""

    id: str
    name: str
    launch: str
    vehicle: str
    status: str
    as_of: str
    slip_day_count: int
    slip_total_day_count: int
    source: str
    confidence: str
    note: str


class Listed(Asked):
    """Plans as they stood on a day."""

    as_of: Day | None = Field(None, description="The day [default: the newest].")


class Shown(Asked):
    """All versions of one mission's plan."""

    id: Id = Field(description="Stable id of the mission.")
    as_of: Day | None = Field(None, description="Only what was told until this day.")


def _row(found: Mission, place: int) -> PlanRow:
    version, first = found.versions[place], found.versions[0]
    before = found.versions[max(place - 1, 0)]
    data: dict[str, Any] = asdict(version)
    return PlanRow(
        id=found.id,
        slip_day_count=slip_day_count(before.launch, version.launch),
        slip_total_day_count=slip_day_count(first.launch, version.launch),
        **data,
    )


def _listed(books: Books, asked: Listed) -> Iterable[PlanRow]:
    day = "" if asked.as_of is None else asked.as_of.isoformat()
    for found in books.plans.by_id.values():
        version = found.as_of(day)
        if version is not None:
            yield _row(found, found.versions.index(version))


def _shown(books: Books, asked: Shown) -> Iterable[PlanRow]:
    found = mission(books, asked.id)
    last = "9999" if asked.as_of is None else asked.as_of.isoformat()
    return [_row(found, place) for place, version in enumerate(found.versions) if version.as_of <= last]


def _slips(books: Books, asked: Listed) -> Iterable[PlanRow]:
    last = "9999" if asked.as_of is None else asked.as_of.isoformat()
    rows = [_row(found, k) for found in books.plans.by_id.values() for k in range(len(found.versions))]
    slipped = (row for row in rows if row.slip_day_count and row.as_of <= last)
    return sorted(slipped, key=lambda row: (row.as_of, row.id))


def _everyone(row: PlanRow) -> tuple[str, ...]:  # noqa: ARG001
    return (EVERYONE,)


VERBS: Final = (
    Verb("plan", "announce", Announce, announce, "plan:write", "Announce a mission."),
    Verb("plan", "revise", Revise, revise, "plan:write", "Record what changed in a mission's plan."),
)
VIEWS: Final = (
    View("plan", "list", Listed, _listed, PlanRow, "plan:read", "List the plans of a day.", _everyone),
    View("plan", "show", Shown, _shown, PlanRow, "plan:read", "Show all versions of a plan.", _everyone),
    View("plan", "slips", Listed, _slips, PlanRow, "plan:read", "List the launches that moved.", _everyone),
)
APPLIED: Final = {"plan.announced": _apply, "plan.revised": _apply}
