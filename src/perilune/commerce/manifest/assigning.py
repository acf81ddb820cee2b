"""The order that gives many payloads flights: solved, checked again, and booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from perilune.commerce import manifest
from perilune.commerce.booking.amounts import written
from perilune.commerce.booking.state import RESERVED, Booking
from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.manifest import asked as say
from perilune.commerce.manifest.aboard import aboard
from perilune.commerce.manifest.checks import check_items
from perilune.commerce.manifest.finding import BREAKS
from perilune.commerce.manifest.problem import Problem, problem_of
from perilune.commerce.manifest.state import Assigned, Flight
from perilune.commerce.payloads.state import Payload
from perilune.errors import NameNotFoundError, RefusedError

#: (candidate, offer, slot) of what flies.
Placed = list[tuple[int, int, str]]
_OTHERS_ABOARD: Final = "what is aboard already breaks a budget"


def assign(books: Books, asked: say.Assign, moment: Moment) -> Decision:
    """Assign payloads to missions; what is placed is reserved, what is left over may wait."""
    payloads = _payloads(books, asked.payloads)
    missions = _missions(books, asked.missions, moment.day)
    problem = problem_of(books, payloads, missions, asked.worth)
    solved = manifest.solve.assign(problem)
    placed, out = _sound(books, problem, list(solved.placed))
    reasons = {payloads[i].id: reason for i, reason in solved.left_over} | out
    worth = sum(problem.candidates[i].worth for i, _, _ in placed)
    drafts = [
        _booked(books, number, problem, choice, "booking.reserved") for number, choice in enumerate(placed, 1)
    ]
    if asked.wait:
        drafts += _queued(books, problem, len(placed), set(reasons))
    summary = {
        "missions": list(missions),
        "payload_count": len(payloads),
        "placed_count": len(placed),
        "worth": worth,
        "bound": solved.bound,
        "left_over": sorted(reasons.items()),
    }
    gap = (solved.bound - worth) / solved.bound if solved.bound else 0.0
    flies = {problem.candidates[i].payload.id: problem.offers[j].flight.mission for i, j, _ in placed}
    answer = {**summary, "left_over": dict(sorted(reasons.items())), "gap": gap, "placed": flies}
    return Decision((*drafts, Draft("manifest.assigned", summary)), answer)


def assigned(books: Books, event: Event) -> None:
    """An assignment was found; its bookings are events of their own."""
    data = event.data
    books.manifest.assigned.append(
        Assigned(
            event.moment.at,
            tuple(data["missions"]),
            data["payload_count"],
            data["placed_count"],
            data["worth"],
            data["bound"],
            tuple((payload, reason) for payload, reason in data["left_over"]),
        )
    )


def _payloads(books: Books, named: Sequence[str]) -> list[Payload]:
    known, booked = books.payloads.by_id, books.booking.by_payload
    for name in named:
        if name not in known:
            raise NameNotFoundError("payload", name, known)
        if name in booked:
            raise RefusedError(
                "state", f"Payload {name!r} is booked already as {booked[name]}. Leave it out."
            )
    wanted = dict.fromkeys(named) if named else known
    found = [known[name] for name in wanted if name not in booked and not known[name].withdrawn]
    if not found:
        raise RefusedError("state", "There is no payload to assign. Add some: payload add.")
    return found


def _missions(books: Books, named: Sequence[str], day: str) -> list[str]:
    known = books.manifest.by_mission
    for name in named:
        if name not in known:
            raise NameNotFoundError("flight", name, known)
    for name in named:
        if known[name].launch_on.isoformat() < day:
            raise RefusedError(
                "time", f"Mission {name!r} was launched on {known[name].launch_on}. Leave it out."
            )
    found = list(dict.fromkeys(named)) or [
        name for name, flight in known.items() if flight.needed_by.isoformat() >= day
    ]
    if not found:
        raise RefusedError("state", "There is no flight to assign to. Open one: manifest open.")
    return sorted(found, key=lambda name: (known[name].launch_on, name))


def _sound(books: Books, problem: Problem, placed: Placed) -> tuple[Placed, dict[str, str]]:
    """Return what passes every check of its flight's manifest, and of what does not, the sentence."""
    kept: Placed = []
    out: dict[str, str] = {}
    for j, offer in enumerate(problem.offers):
        own = [choice for choice in placed if choice[1] == j]
        while own:
            broken = _broken(books, offer.flight, problem, own)
            if broken is None:
                break
            choice, sentence = broken
            own.remove(choice)
            out[problem.candidates[choice[0]].payload.id] = sentence
        kept += own
    return sorted(kept), out


def _broken(
    books: Books, flight: Flight, problem: Problem, own: Placed
) -> tuple[tuple[int, int, str], str] | None:
    """Return the choice to give up, and why: the one a broken finding names, else the one worth least."""
    extra = [_booking(problem, choice) for choice in own]
    items = aboard(books, flight, extra)
    by_name = {problem.candidates[choice[0]].payload.id: choice for choice in own}
    for finding in check_items(flight, items):
        if finding.state == BREAKS:
            named = [by_name[part] for part in finding.subject.replace(",", " ").split() if part in by_name]
            least = min(named or own, key=lambda choice: (problem.candidates[choice[0]].worth, choice))
            return least, finding.sentence or _OTHERS_ABOARD
    return None


def _booking(problem: Problem, choice: tuple[int, int, str]) -> Booking:
    candidate, offer = problem.candidates[choice[0]], problem.offers[choice[1]]
    payload = candidate.payload
    return Booking(
        "", offer.flight.mission, payload.party, payload.id, RESERVED, candidate.amounts, choice[2]
    )


def _booked(books: Books, number: int, problem: Problem, choice: tuple[int, int, str], kind: str) -> Draft:
    booking = _booking(problem, choice)
    data: Mapping[str, Any] = {
        "id": f"BK-{books.booking.count + number:06d}",
        "mission": booking.mission,
        "party": booking.party,
        "payload": booking.payload,
        "amounts": written(booking.amounts),
        "slot": booking.slot,
        "deposit": None,
    }
    return Draft(kind, data)


def _queued(books: Books, problem: Problem, before: int, left_over: set[str]) -> list[Draft]:
    """Return the places in the queue of those left over, each on the first flight that suits it."""
    drafts: list[Draft] = []
    seen: set[int] = set()
    for i, j in problem.pairs:
        if i not in seen and problem.candidates[i].payload.id in left_over:
            seen.add(i)
            drafts.append(_booked(books, before + len(drafts) + 1, problem, (i, j, ""), "booking.waited"))
    return drafts
