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


def party_to(books: Books, contract: str, id: str) -> Party:
    """Return the party of that id; raises `RefusedError` if the contract is with another one."""
    found = party(books, id)
    known, sold = books.contracts.by_id.get(contract), books.resources.agreements.get(contract)
    whose = known.party if known else sold.buyer if sold else id
    if id != whose:
        raise RefusedError("state", f"Contract {contract!r} is with {whose!r}, not with {id!r}.")
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
