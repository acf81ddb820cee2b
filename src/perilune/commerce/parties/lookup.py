"""Parties by id, refused with the cure where there is none."""

from __future__ import annotations

from perilune.commerce.books import Books
from perilune.commerce.parties.state import Party
from perilune.errors import NameNotFoundError, RefusedError


def party(books: Books, id: str) -> Party:
    """Return the party of that id; raises `NameNotFoundError`."""
    found = books.parties.by_id.get(id)
    if found is None:
        raise NameNotFoundError("party", id, books.parties.by_id)
    return found


def entity(books: Books, id: str) -> Party:
    """Return the own legal entity of that id; raises `InputError` if there is none or it is somebody else."""
    found = books.parties.by_id.get(id)
    own = [other.id for other in books.parties.by_id.values() if other.kind == "entity"]
    if found is None:
        raise NameNotFoundError("legal entity", id, own)
    if found.kind != "entity":
        raise RefusedError(
            "authority",
            f"{id!r} is of the kind {found.kind!r}, not an own legal entity. "
            f"There are: {', '.join(own) or 'none'}.",
        )
    return found
