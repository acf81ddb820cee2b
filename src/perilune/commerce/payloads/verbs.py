"""Orders and questions about payloads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import TypeAdapter

from perilune.commerce.booking.amounts import beyond, of_payload, told
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.parties.lookup import party
from perilune.commerce.payloads.asked import Add, Listed, Revise, Withdraw
from perilune.commerce.payloads.state import PHASES, Need, Payload
from perilune.commerce.verbs import Verb, View
from perilune.errors import NameNotFoundError, RefusedError

_PAYLOAD: Final = TypeAdapter(Payload)
#: Short forms in an order that stand for one need in every phase.
_EVERY_PHASE: Final = ("power_w", "peak_power_w", "rate_bit_s")


def listed(books: Books, payload: str) -> Payload:
    """Return a payload of the catalogue. Raises `NameNotFoundError`, `RefusedError` if it was withdrawn."""
    found = books.payloads.by_id.get(payload)
    if found is None:
        raise NameNotFoundError("payload", payload, books.payloads.by_id)
    if found.withdrawn:
        raise RefusedError("state", f"Payload {payload!r} was withdrawn. Add it under another id.")
    return found


def add(books: Books, asked: Add, moment: Moment) -> Decision:  # noqa: ARG001
    """Take a payload into the catalogue."""
    if asked.id in books.payloads.by_id:
        raise RefusedError(
            "state", f"There is a payload {asked.id!r} already. Choose another id, or revise it."
        )
    party(books, asked.party)
    data = _spread(asked.model_dump(mode="json", exclude_unset=True), {})
    _fitting(books, _PAYLOAD.validate_python(data))
    return Decision((Draft("payload.added", data),), {"id": asked.id})


def revise(books: Books, asked: Revise, moment: Moment) -> Decision:
    """Change what the catalogue says of a payload; a booked one may not outgrow what its booking holds."""
    before = listed(books, asked.id)
    said = asked.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    if len(said) < 2:
        raise RefusedError(
            "state", f"Nothing to revise of payload {asked.id!r}. Say what changes, as --mass."
        )
    kept = _PAYLOAD.dump_python(before, mode="json")
    data = _spread(said, kept["needs"])
    after = _PAYLOAD.validate_python({**kept, **data, "revision": before.revision + 1})
    _fitting(books, after)
    _held(books, after)
    if moment.party:
        _priced(books, before, after)
    changed = {**data, "revision": after.revision}
    return Decision((Draft("payload.revised", changed),), {"id": asked.id, "revision": after.revision})


def withdraw(books: Books, asked: Withdraw, moment: Moment) -> Decision:  # noqa: ARG001
    """Take a payload out of the catalogue; one that is booked stays."""
    listed(books, asked.id)
    booking = books.booking.by_payload.get(asked.id)
    if booking is not None:
        raise RefusedError(
            "state", f"Payload {asked.id!r} is booked as {booking}. Cancel that booking first."
        )
    return Decision((Draft("payload.withdrawn", {"id": asked.id}),), {"id": asked.id})


def _spread(said: dict[str, Any], needs: dict[str, Any]) -> dict[str, Any]:
    """Return what was said with `power_w` and its like written out for every phase."""
    short = {key: said.pop(key) for key in _EVERY_PHASE if key in said}
    own = said.pop("needs", {})
    if not short and not own:
        return said
    written = {phase: {**needs.get(phase, {}), **short, **own.get(phase, {})} for phase in PHASES}
    for need in written.values():
        need["peak_power_w"] = max(need.get("peak_power_w", 0.0), need.get("power_w", 0.0))
    return {**said, "needs": written}


def _fitting(books: Books, payload: Payload) -> None:
    """Refuse a payload whose statements contradict each other."""
    if payload.destination == "rover" and not payload.carrier:
        raise RefusedError("state", f"Payload {payload.id!r} rides on a rover. Name it: carrier.")
    if payload.carrier == payload.id or payload.id in (*payload.apart_from, *payload.release_after):
        raise RefusedError(
            "state", f"Payload {payload.id!r} cannot stand in relation to itself. Take it out."
        )
    if payload.carrier and payload.carrier not in books.payloads.by_id:
        raise NameNotFoundError("payload", payload.carrier, books.payloads.by_id)
    if payload.destination == "orbit" and payload.deployment == "surface":
        raise RefusedError(
            "state", f"Payload {payload.id!r} is for lunar orbit and is released on the surface. Change one."
        )


def _held(books: Books, payload: Payload) -> None:
    booking = books.booking.by_payload.get(payload.id)
    if booking is None:
        return
    short = beyond(of_payload(payload), books.booking.by_id[booking].amounts)
    if short is not None:
        k, need, held = short
        raise RefusedError(
            "capacity",
            f"Payload {payload.id!r} would need {told(k, need)}, and its booking {booking} holds "
            f"{told(k, held)}. Resize the booking first.",
        )


def _priced(books: Books, before: Payload, after: Payload) -> None:
    """Refuse its customer that what was sold becomes more than what was paid for."""
    more = beyond(of_payload(after), of_payload(before)) is not None
    if (more or after.destination != before.destination) and (quote := books.pricing.sold_by(after.id)):
        raise RefusedError(
            "authority",
            f"Payload {after.id!r} was sold as it is by quote {quote!r}. Ask the house to revise "
            "and quote it anew.",
        )


def _added(books: Books, event: Event) -> None:
    payload = _PAYLOAD.validate_python(dict(event.data))
    books.payloads.by_id[payload.id] = payload


def _revised(books: Books, event: Event) -> None:
    before = _PAYLOAD.dump_python(books.payloads.by_id[event.data["id"]])
    books.payloads.by_id[event.data["id"]] = _PAYLOAD.validate_python({**before, **event.data})


def _withdrawn(books: Books, event: Event) -> None:
    before = _PAYLOAD.dump_python(books.payloads.by_id[event.data["id"]])
    books.payloads.by_id[event.data["id"]] = _PAYLOAD.validate_python({**before, "withdrawn": True})


def _rows(books: Books, asked: Listed) -> Iterable[Payload]:
    for payload in books.payloads.by_id.values():
        if payload.withdrawn and not asked.withdrawn:
            continue
        if asked.party in ("", payload.party) and asked.id in ("", payload.id):
            yield payload


def _party(books: Books, asked: Revise | Withdraw) -> str:
    return listed(books, asked.id).party


VERBS: Final = (
    Verb("payload", "add", Add, add, "payload:write", "Take a payload into the catalogue.",
         owner=lambda _, asked: asked.party),
    Verb("payload", "revise", Revise, revise, "payload:write", "Change what the catalogue says of a payload.",
         owner=_party),
    Verb("payload", "withdraw", Withdraw, withdraw, "payload:write", "Take a payload out of the catalogue.",
         owner=_party),
)  # fmt: skip
VIEWS: Final = (
    View("payload", "list", Listed, _rows, Payload, "payload:read", "List the payloads.",
         seen_by=lambda row: (row.party,), licensed=True),
)  # fmt: skip
APPLIED: Final = {"payload.added": _added, "payload.revised": _revised, "payload.withdrawn": _withdrawn}

__all__ = ["APPLIED", "VERBS", "VIEWS", "Need", "listed"]
