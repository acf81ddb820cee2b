"""Orders and questions about payloads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Final

from pydantic import Field

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.fields import Asked, Id, Name
from perilune.commerce.payloads.state import Payload
from perilune.commerce.verbs import Verb, View
from perilune.errors import RefusedError

MassKg = Annotated[float, Field(gt=0.0, le=100_000.0)]


class Add(Asked):
    """A payload for the catalogue."""

    id: Id = Field(description="Stable id of the payload.")
    name: Name = Field(description="What it is.")
    party: Id = Field(description="Whose it is.")
    mass_kg: MassKg = Field(description="Mass with everything that stays aboard.")


def add(books: Books, asked: Add, moment: Moment) -> Decision:  # noqa: ARG001
    """Take a payload into the catalogue."""
    if asked.id in books.payloads.by_id:
        raise RefusedError("state", f"There is a payload {asked.id!r} already. Choose another id, or revise it.")
    return Decision((Draft("payload.added", asked.model_dump(mode="json")),), {"id": asked.id})


def _added(books: Books, event: Event) -> None:
    books.payloads.by_id[event.data["id"]] = Payload(**event.data)


class Listed(Asked):
    """Which payloads to list."""


def _rows(books: Books, asked: Listed) -> Iterable[Payload]:  # noqa: ARG001
    return books.payloads.by_id.values()


VERBS: Final = (Verb("payload", "add", Add, add, "payload:write", "Take a payload into the catalogue."),)
VIEWS: Final = (
    View(
        "payload", "list", Listed, _rows, Payload, "payload:read", "List the payloads.",
        seen_by=lambda row: (row.party,), licensed=True,
    ),
)  # fmt: skip
APPLIED: Final = {"payload.added": _added}

_ = asdict
