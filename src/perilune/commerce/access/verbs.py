"""Orders and questions about keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import Field

from perilune.commerce.access.roles import PARTY_ROLES, ROLES
from perilune.commerce.access.state import Key
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.fields import Asked, Day, Digest, Id, Name
from perilune.commerce.verbs import Verb, View
from perilune.errors import InputError, NameNotFoundError, RefusedError


class Issue(Asked):
    """A new key of the service; the secret itself never enters the books."""

    id: Id = Field(description="Stable id of the key.")
    name: Name = Field(description="Who or what uses it.")
    role: Name = Field(description="A role: a set of scopes.")
    party: Id | None = Field(None, description="Bind the key to this party's own data.")
    expires_on: Day | None = Field(None, description="The last day on which it is valid.")
    digest: Digest = Field(description="SHA-256 of the secret, hexadecimal.")


def issue(books: Books, asked: Issue, moment: Moment) -> Decision:
    """Record a key by its digest."""
    if asked.id in books.access.keys:
        raise RefusedError("state", f"There is a key {asked.id!r} already. Choose another id.")
    if asked.role not in ROLES:
        raise NameNotFoundError("role", asked.role, ROLES)
    if (asked.role in PARTY_ROLES) != bool(asked.party):
        raise InputError(
            f"A key of the role {asked.role!r} must be bound to a party: give one."
            if asked.role in PARTY_ROLES
            else f"A key of the role {asked.role!r} sees all parties: leave the party out."
        )
    if asked.party and asked.party not in books.parties.by_id:
        raise NameNotFoundError("party", asked.party, books.parties.by_id)
    day = asked.expires_on.isoformat() if asked.expires_on else ""
    if day and day < moment.day:
        raise RefusedError(
            "time", f"The key would have expired on {day}, before it is issued. Give a later day."
        )
    data = asked.model_dump(mode="json") | {"party": asked.party or "", "expires_on": day}
    data["scopes"] = list(ROLES[asked.role])
    return Decision((Draft("key.issued", data),), {"id": asked.id})


def _issued(books: Books, event: Event) -> None:
    data = dict(event.data)
    data["scopes"] = tuple(data["scopes"])
    books.access.keys[data["id"]] = Key(**data, issued_on=event.moment.day)


class Revoke(Asked):
    """A key that is no longer to be trusted."""

    id: Id = Field(description="The key.")


def revoke(books: Books, asked: Revoke, moment: Moment) -> Decision:  # noqa: ARG001
    """Make a key worthless from now on."""
    key = books.access.keys.get(asked.id)
    if key is None:
        raise NameNotFoundError("key", asked.id, books.access.keys)
    if key.revoked_on:
        raise RefusedError("state", f"Key {asked.id!r} was revoked on {key.revoked_on} already.")
    return Decision((Draft("key.revoked", {"id": asked.id}),), {"id": asked.id})


def _revoked(books: Books, event: Event) -> None:
    key = books.access.keys[event.data["id"]]
    books.access.keys[key.id] = replace(key, revoked_on=event.moment.day)


class Listed(Asked):
    """Which keys to list."""

    role: Name | None = Field(None, description="Only those of this role.")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without its digest."""

    id: str
    name: str
    role: str
    party: str
    issued_on: str
    expires_on: str
    revoked_on: str


def _rows(books: Books, asked: Listed) -> Iterable[KeyRow]:
    return (
        KeyRow(key.id, key.name, key.role, key.party, key.issued_on, key.expires_on, key.revoked_on)
        for key in books.access.keys.values()
        if asked.role in (None, key.role)
    )


VERBS: Final = (
    Verb("key", "issue", Issue, issue, "key:write", "Issue a key of the service."),
    Verb("key", "revoke", Revoke, revoke, "key:write", "Revoke a key."),
)
VIEWS: Final = (
    View("key", "list", Listed, _rows, KeyRow, "key:read", "List the keys.", lambda row: (row.party,)),
)
APPLIED: Final = {"key.issued": _issued, "key.revoked": _revoked}
