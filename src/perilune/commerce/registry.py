"""Every order, question and kind of event there is, gathered from the parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from perilune.commerce.access import verbs as access
from perilune.commerce.booking import verbs as booking
from perilune.commerce.books import Books
from perilune.commerce.contracts import verbs as contracts
from perilune.commerce.event import Decision, Event, Moment
from perilune.commerce.evidence import verbs as evidence
from perilune.commerce.ledger import verbs as ledger
from perilune.commerce.manifest import verbs as manifest
from perilune.commerce.milestones import verbs as milestones
from perilune.commerce.parties import verbs as parties
from perilune.commerce.payloads import verbs as payloads
from perilune.commerce.plans import verbs as plans
from perilune.commerce.pricing import verbs as pricing
from perilune.commerce.resources import verbs as resources
from perilune.commerce.verbs import Verb, View
from perilune.errors import NameNotFoundError, StoreError

_PARTS: Final = (
    payloads,
    manifest,
    booking,
    plans,
    evidence,
    milestones,
    contracts,
    parties,
    ledger,
    resources,
    access,
    pricing,
)

VERBS: Final[Mapping[str, Verb[Any]]] = MappingProxyType(
    {f"{verb.area} {verb.name}": verb for part in _PARTS for verb in part.VERBS}
)
VIEWS: Final[Mapping[str, View[Any, Any]]] = MappingProxyType(
    {f"{view.area} {view.name}": view for part in _PARTS for view in part.VIEWS}
)
_APPLIED: Final[Mapping[str, Callable[[Books, Event], None]]] = MappingProxyType(
    {kind: apply for part in _PARTS for kind, apply in part.APPLIED.items()}
)
#: Every kind of event there is.
KINDS: Final = frozenset(_APPLIED)
#: Kind of event -> the SHA-256 digests of kept files that such an event's data names; a part's `FILES`.
FILES: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]]] = MappingProxyType(
    {kind: named for part in _PARTS for kind, named in getattr(part, "FILES", {}).items()}
)


def verb(name: str) -> Verb[Any]:
    """Return the order of that name ("payload add")."""
    if name not in VERBS:
        raise NameNotFoundError("order", name, VERBS)
    return VERBS[name]


def view(name: str) -> View[Any, Any]:
    """Return the question of that name ("payload list")."""
    if name not in VIEWS:
        raise NameNotFoundError("question", name, VIEWS)
    return VIEWS[name]


def apply(books: Books, event: Event) -> None:
    """Let an event take its effect on the books; an event of an unknown kind is a `StoreError`."""
    take = _APPLIED.get(event.kind)
    if take is None:
        raise StoreError(
            f"Event {event.seq} is of the kind {event.kind!r}, unknown to this version. Update perilune."
        )
    take(books, event)
    books.seq = event.seq
    books.at = event.moment.at


def rehearse(
    books: Books, name: str, asked: Mapping[str, Any], moment: Moment
) -> tuple[Decision, tuple[Event, ...]]:
    """Decide an order on books in memory and let its events take effect there; nothing is recorded.

    Raises `InputError` if it is refused, `pydantic.ValidationError` if what is asked is none; both before any
    event takes effect.
    """
    order = verb(name)
    decision = order.decide(books, order.asked.model_validate(dict(asked)), moment)
    events: list[Event] = []
    for draft in decision.events:
        day = draft.effective or moment.day
        events.append(Event(books.seq + 1, draft.kind, draft.data, day, moment))
        apply(books, events[-1])
    return decision, tuple(events)
