"""Lots and their titles: one owner at a time, parts that weigh what the whole weighed, no title twice."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment, canonical
from perilune.commerce.money import Money
from perilune.commerce.parties.lookup import party
from perilune.commerce.resources.asked import Dispute, Lift, Sell, Split, whole_mg
from perilune.commerce.resources.state import Agreement, Lot, Sample, Title
from perilune.errors import NameNotFoundError, RefusedError


def lot(books: Books, name: str) -> Lot:
    """Return a lot; raises `NameNotFoundError`."""
    if name not in books.resources.lots:
        raise NameNotFoundError("lot", name, books.resources.lots)
    return books.resources.lots[name]


def leaf_of(books: Books, of: Lot, owner: str, day: str, by: str) -> str:
    """Return the register's leaf for a title: whose, of what, from when, and which leaf it follows."""
    return canonical(
        {
            "index": len(books.resources.leaves),
            "lot": of.id,
            "owner": owner,
            "since": day,
            "by": by,
            "agreement": of.agreement,
            "mass_mg": of.mass_mg,
            "parent": of.parent,
        }
    )


def opened(books: Books, agreement: Agreement, sample: Sample, day: str) -> Draft:
    """Return the draft of the lot that a sample makes; it belongs to whoever collected it under a licence."""
    name = f"L-{len(books.resources.lots) + 1:06d}"
    made = Lot(name, agreement.id, sample.mass_mg, ())
    leaf = leaf_of(books, made, agreement.seller, day, agreement.licence)
    held = {"id": name, "agreement": agreement.id, "mass_mg": sample.mass_mg, "owner": agreement.seller}
    return Draft("lot.opened", {**held, "by": agreement.licence, "leaf": leaf}, day)


def _opened(books: Books, event: Event) -> None:
    data = event.data
    title = Title(data["owner"], event.effective, data["by"], event.seq)
    books.resources.lots[data["id"]] = Lot(data["id"], data["agreement"], data["mass_mg"], (title,))
    agreement = books.resources.agreements[data["agreement"]]
    books.resources.agreements[agreement.id] = replace(agreement, lot=data["id"])
    books.resources.leaves.append(data["leaf"])


def _transferred(books: Books, event: Event) -> None:
    data = event.data
    found = books.resources.lots[data["id"]]
    title = Title(data["to"], event.effective, data["by"], event.seq, Money(**data["price"]))
    books.resources.lots[found.id] = replace(found, titles=(*found.titles, title))
    books.resources.leaves.append(data["leaf"])


def _owned(books: Books, name: str, moment: Moment) -> Lot:
    """Return a lot its owner may dispose of; raises `RefusedError` ("authority", "title")."""
    found = lot(books, name)
    house = books.parties.by_id[found.owner].kind == "entity" and moment.party == ""
    if moment.party != found.owner and not house:
        raise RefusedError("authority", f"Lot {name!r} belongs to {found.owner!r}, who alone disposes of it.")
    if found.parts:
        raise RefusedError(
            "title", f"Lot {name!r} was split into {', '.join(found.parts)}. Name one of them."
        )
    if found.disputed_by:
        raise RefusedError(
            "title",
            f"Lot {name!r} is disputed by {found.disputed_by!r}: no title passes before that has ended.",
        )
    if _promised(books, found):
        raise RefusedError(
            "title", f"Lot {name!r} is sold under {found.agreement!r}: hand it over there first."
        )
    return found


def _promised(books: Books, found: Lot) -> bool:
    """Say whether the lot's contract is still to pass its title."""
    agreement = books.resources.agreements[found.agreement]
    return found.owner == agreement.seller and agreement.lot == found.id and agreement.state in (
        "collected", "submitted", "verified", "disputed",
    )  # fmt: skip


def split(books: Books, asked: Split, moment: Moment) -> Decision:
    """Divide a lot into parts that weigh together what it weighed, to the milligram."""
    found = _owned(books, asked.id, moment)
    masses = [whole_mg(mass_kg) for mass_kg in asked.masses_kg]
    if min(masses) <= 0 or sum(masses) != found.mass_mg:
        raise RefusedError(
            "balance",
            f"The parts weigh {sum(masses) / 1000:g} g; lot {asked.id!r} weighs {found.mass_mg / 1000:g} g.",
        )
    parts: list[dict[str, Any]] = []
    start = len(books.resources.leaves)
    for k, mass_mg in enumerate(masses):
        made = Lot(f"{found.id}.{k + 1}", found.agreement, mass_mg, (), found.id)
        leaf = leaf_of(books, made, found.owner, moment.day, found.id)
        leaf = leaf.replace(f'"index":{start}', f'"index":{start + k}')
        parts.append({"id": made.id, "mass_mg": mass_mg, "leaf": leaf})
    told = {"id": found.id, "parts": parts}
    return Decision((Draft("lot.split", told),), {"id": found.id, "parts": [part["id"] for part in parts]})


def _split(books: Books, event: Event) -> None:
    data = event.data
    found = books.resources.lots[data["id"]]
    for part in data["parts"]:
        title = Title(found.owner, event.effective, found.id, event.seq)
        made = Lot(part["id"], found.agreement, part["mass_mg"], (title,), found.id)
        books.resources.lots[made.id] = made
        books.resources.leaves.append(part["leaf"])
    books.resources.lots[found.id] = replace(found, parts=tuple(part["id"] for part in data["parts"]))


def sell(books: Books, asked: Sell, moment: Moment) -> Decision:
    """Sell a lot on: its title passes in place."""
    found = _owned(books, asked.id, moment)
    party(books, asked.buyer)
    day = asked.on.isoformat() if asked.on else moment.day
    if day > moment.day:
        raise RefusedError("time", f"{day} is still to come.")
    if day < found.titles[-1].since:
        raise RefusedError(
            "time", f"{found.owner!r} owns lot {asked.id!r} only from {found.titles[-1].since}, not on {day}."
        )
    if asked.buyer == found.owner:
        raise RefusedError("title", f"Lot {asked.id!r} belongs to {asked.buyer!r} already.")
    if asked.price.minor < 0:
        raise RefusedError("balance", f"The price is {asked.price}; it cannot be negative.")
    told = {"id": found.id, "to": asked.buyer, "by": f"sale by {found.owner}", "price": asdict(asked.price)}
    told["leaf"] = leaf_of(books, found, asked.buyer, day, str(told["by"]))
    return Decision((Draft("lot.transferred", told, day),), {"id": found.id, "owner": asked.buyer})


def claim(books: Books, asked: Dispute, moment: Moment) -> Decision:
    """Dispute a title: until that has ended, the lot can be neither split nor sold."""
    found = lot(books, asked.id)
    if not moment.party or moment.party == found.owner:
        raise RefusedError(
            "authority", "A dispute is raised by somebody who does not own the lot. Act for them."
        )
    party(books, moment.party)
    if found.disputed_by:
        raise RefusedError("state", f"Lot {asked.id!r} is disputed by {found.disputed_by!r} already.")
    if found.parts:
        raise RefusedError(
            "title", f"Lot {asked.id!r} was split into {', '.join(found.parts)}. Name one of them."
        )
    told = {"id": found.id, "by": moment.party, "why": asked.why}
    return Decision((Draft("lot.disputed", told),), {"id": found.id, "disputed_by": moment.party})


def lift(books: Books, asked: Lift, moment: Moment) -> Decision:
    """End a dispute: by whoever raised it, or by the authority that licensed the collection."""
    found = lot(books, asked.id)
    if not found.disputed_by:
        raise RefusedError("state", f"Lot {asked.id!r} is not disputed.")
    licence = books.resources.licences.get(books.resources.agreements[found.agreement].licence)
    allowed = {found.disputed_by, licence.authority if licence else found.disputed_by}
    if moment.party not in allowed:
        raise RefusedError(
            "authority", f"Only {' or '.join(sorted(allowed))} can end that dispute. Act for them."
        )
    told = {"id": found.id, "by": "", "why": asked.why}
    return Decision((Draft("lot.cleared", told),), {"id": found.id})


def _disputed(books: Books, event: Event) -> None:
    found = books.resources.lots[event.data["id"]]
    changed = replace(
        found, disputed_by=event.data["by"], dispute=event.data["why"] if event.data["by"] else ""
    )
    books.resources.lots[found.id] = changed


APPLIED = {
    "lot.opened": _opened,
    "lot.transferred": _transferred,
    "lot.split": _split,
    "lot.disputed": _disputed,
    "lot.cleared": _disputed,
}
