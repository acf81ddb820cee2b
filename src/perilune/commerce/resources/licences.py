"""Licences: applied for with a plan, granted by the licensing state, personal, never assigned.

Luxembourg: law of 20 July 2017, articles 2 to 6 (authorisation for a mission, personal and non-assignable).
Japan: Act 83 of 2021, articles 3 and 5 (permit with a business plan; ownership of what is taken by the plan).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.parties.lookup import entity, party
from perilune.commerce.plans.verbs import mission
from perilune.commerce.resources.asked import Apply, Assign, Named
from perilune.commerce.resources.state import Area, Licence
from perilune.errors import NameNotFoundError, RefusedError


def licence(books: Books, name: str) -> Licence:
    """Return a licence; raises `NameNotFoundError`."""
    if name not in books.resources.licences:
        raise NameNotFoundError("licence", name, books.resources.licences)
    return books.resources.licences[name]


def apply_for(books: Books, asked: Apply, moment: Moment) -> Decision:  # noqa: ARG001
    """Apply for a licence."""
    if asked.id in books.resources.licences:
        raise RefusedError("state", f"There is a licence {asked.id!r} already. Choose another id.")
    entity(books, asked.holder)
    if party(books, asked.authority).kind != "authority":
        raise RefusedError("authority", f"{asked.authority!r} is no licensing authority. Name one.")
    mission(books, asked.mission)
    if asked.valid_until < asked.valid_from:
        raise RefusedError(
            "time", f"The licence would end on {asked.valid_until}, before it begins on {asked.valid_from}."
        )
    return Decision((Draft("licence.applied", asked.model_dump(mode="json")),), {"id": asked.id})


def _applied(books: Books, event: Event) -> None:
    data: dict[str, Any] = dict(event.data)
    area = data.pop("area")
    data["methods"] = tuple(data["methods"])
    books.resources.licences[data["id"]] = Licence(
        **data, area=Area(**area) if area else None, state="applied"
    )


def grant(books: Books, asked: Named, moment: Moment) -> Decision:
    """Grant a licence, as its authority."""
    return _decided(books, asked.id, moment, "granted")


def refuse(books: Books, asked: Named, moment: Moment) -> Decision:
    """Refuse a licence, as its authority."""
    return _decided(books, asked.id, moment, "refused")


def _decided(books: Books, name: str, moment: Moment, state: str) -> Decision:
    found = licence(books, name)
    _as_authority(found, moment)
    if found.state != "applied":
        raise RefusedError("state", f"Licence {name!r} is {found.state} already.")
    return Decision((Draft(f"licence.{state}", {"id": name}),), {"id": name, "state": state})


def revoke(books: Books, asked: Named, moment: Moment) -> Decision:
    """Revoke a licence, as its authority; nothing can be collected under it any more."""
    found = licence(books, asked.id)
    _as_authority(found, moment)
    if found.state != "granted":
        raise RefusedError("state", f"Licence {asked.id!r} is {found.state}, not granted: nothing to revoke.")
    return Decision((Draft("licence.revoked", {"id": asked.id}),), {"id": asked.id, "state": "revoked"})


def _as_authority(found: Licence, moment: Moment) -> None:
    if moment.party != found.authority:
        raise RefusedError(
            "authority", f"Only {found.authority!r} decides on licence {found.id!r}. Act for it."
        )


def _moved(books: Books, event: Event) -> None:
    found = books.resources.licences[event.data["id"]]
    state = event.kind.partition(".")[2]
    granted = event.effective if state == "granted" else found.granted_on
    books.resources.licences[found.id] = replace(found, state=state, granted_on=granted)


def assign(books: Books, asked: Assign, moment: Moment) -> Decision:  # noqa: ARG001
    """Refuse to assign a licence: it is personal."""
    found = licence(books, asked.id)
    raise RefusedError(
        "authority",
        f"Licence {asked.id!r} is personal to {found.holder!r} and cannot be assigned to {asked.to!r}. "
        "Have the other operator apply for its own.",
    )


APPLIED = {
    "licence.applied": _applied,
    "licence.granted": _moved,
    "licence.refused": _moved,
    "licence.revoked": _moved,
}
