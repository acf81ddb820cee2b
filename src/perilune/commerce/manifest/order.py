"""In which order payloads are ready, carried and released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perilune.commerce.manifest.aboard import Item
from perilune.commerce.manifest.finding import BREAKS, HOLDS, Finding, at_least, unknown
from perilune.commerce.manifest.state import Flight
from perilune.commerce.payloads.state import Payload

_STAGES = {"orbit": 0, "surface": 1}


def check_order(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield readiness, latest day, carriers, and the order of releases."""
    known = {item.payload.id: item.payload for item in items if item.payload is not None}
    for payload in known.values():
        yield from _dates(flight, payload)
        yield from _carrier(flight, payload, known)
        yield from _destination(flight, payload)
        for before in payload.release_after:
            yield _release(flight, payload, before, known)
    circle = _circle(known)
    if circle:
        names = ", ".join(circle)
        yield _broken("release", names, f"{names} wait for each other's release. Take one wait out.")


def _broken(check: str, subject: str, sentence: str) -> Finding:
    return Finding(check, subject, BREAKS, None, None, None, "", sentence)


def _dates(flight: Flight, payload: Payload) -> Iterator[Finding]:
    if payload.ready_on is None:
        yield unknown(
            "readiness", payload.id,
            f"Nobody said when {payload.id} is ready. Say it: payload revise --ready-on.",
        )  # fmt: skip
    else:
        days = float((flight.needed_by - payload.ready_on).days)
        yield at_least(
            "readiness", payload.id, days, 0.0, "d",
            f"{payload.id} is ready on {payload.ready_on}, {-days:.0f} d after {flight.needed_by}, when "
            f"{flight.mission!r} needs it. Rebook it: book rebook.",
        )  # fmt: skip
    if payload.late_on is not None:
        days = float((payload.late_on - flight.launch_on).days)
        yield at_least(
            "latest day", payload.id, days, 0.0, "d",
            f"{payload.id} has to be launched by {payload.late_on}, {-days:.0f} d before {flight.mission!r} "
            "flies. Rebook it: book rebook.",
        )  # fmt: skip


def _carrier(flight: Flight, payload: Payload, known: dict[str, Payload]) -> Iterator[Finding]:
    if not payload.carrier:
        return
    if payload.carrier not in known:
        yield _broken(
            "carrier", payload.id,
            f"{payload.id} rides on {payload.carrier}, which is not aboard {flight.mission!r}. Book it too.",
        )  # fmt: skip


def _destination(flight: Flight, payload: Payload) -> Iterator[Finding]:
    if not reached(flight, payload):
        yield _broken(
            "destination", payload.id,
            f"{payload.id} is for the {payload.destination}, and {flight.vehicle} of {flight.mission!r} "
            f"reaches the {' and the '.join(flight.deck.reaches)} only. Rebook it: book rebook.",
        )  # fmt: skip


def reached(flight: Flight, payload: Payload) -> bool:
    """Tell whether a flight gets where a payload is for; what rides on another gets where that one does."""
    return bool(payload.carrier) or payload.destination in flight.deck.reaches


def _release(flight: Flight, payload: Payload, before: str, known: dict[str, Payload]) -> Finding:
    subject = f"{payload.id} after {before}"
    earlier = known.get(before)
    if earlier is None:
        return _broken(
            "release", subject,
            f"{payload.id} is released after {before}, which is not aboard {flight.mission!r}. Revise it.",
        )  # fmt: skip
    if earlier.deployment == "stays" or payload.deployment == "stays":
        staying = before if earlier.deployment == "stays" else payload.id
        return _broken(
            "release", subject, f"{staying} stays aboard and is never released. Revise {payload.id}."
        )
    if _STAGES[earlier.deployment] > _STAGES[payload.deployment]:
        return _broken(
            "release", subject,
            f"{payload.id} is released in lunar orbit, before {before} on the surface. Revise one of them.",
        )  # fmt: skip
    return Finding("release", subject, HOLDS, None, None, None, "")


def _circle(known: dict[str, Payload]) -> list[str]:
    """Return payloads that wait for each other; none where an order exists."""
    left = {name: set(payload.release_after) & set(known) for name, payload in known.items()}
    while True:
        free = [name for name, waits in left.items() if not waits]
        if not free:
            return sorted(left)
        for name in free:
            del left[name]
        for waits in left.values():
            waits.difference_update(free)
        if not left:
            return []
