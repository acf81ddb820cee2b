"""Racing bookings: processes that book, cancel, rebook and resize on one store, some of it sent twice.

    python -m validation.booking.race --orders 100000 --processes 8
    python tools/postgres.py python -m validation.booking.race --store postgres

Afterwards the log is read again by this file's own arithmetic, not the product's: at every event no flight
gives more than it has and no slot is held twice; every answer says what the log says; what was sent twice was
done once. Ends with code 1 and the faults if anything does not hold.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perilune.archive.company import Answer, Order
from perilune.archive.entry import opened
from perilune.archive.store import HOUSE, create_store, open_store
from perilune.archive.verify import verify
from perilune.errors import RefusedError

MISSIONS = ("race-1", "race-2", "race-3")
SLOTS = tuple(f"T{k}" for k in range(1, 9))
PARTIES = 50
BATCH = 100
#: Of 100 orders: what they ask.
MIX = {"reserve": 45, "cancel": 30, "option": 8, "wait": 5, "rebook": 5, "resize": 5, "confirm": 2}
TWICE = 0.05


@dataclass
class Told:
    """One order and what came of it."""

    request: str
    verb: str
    answer: dict[str, Any] | None
    first: int = 0
    last: int = 0
    repeated: bool = False
    rule: str = ""


@dataclass
class Outcome:
    """What a race came to."""

    orders: int
    done: int
    refused: Counter[str]
    repeated: int
    events: int
    seconds: float
    fullest: dict[str, float]
    faults: list[str] = field(default_factory=list)


def race(where: str, orders: int, processes: int, seed: int = 1, files: Path | None = None) -> Outcome:
    """Make a store, race on it, and judge."""
    with create_store(where, HOUSE, files) as store:
        company = store.company(HOUSE)
        for mission in MISSIONS:
            asked = {"mission": mission, "vehicle": "APEX 1.0", "launch_on": "2035-01-01", "places": 10**5}
            company.execute(Order("manifest open", asked, "race"))
        company.execute_all([Order("party add", _party(k), "race") for k in range(PARTIES)])
    begun = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        share = orders // processes
        told = pool.starmap(_runner, [(where, number, share, seed) for number in range(processes)])
    seconds = time.perf_counter() - begun
    return _judged(where, [each for one in told for each in one], seconds)


def _runner(where: str, number: int, count: int, seed: int) -> list[Told]:
    rng = random.Random(f"{seed}-{number}")
    own: list[tuple[str, str]] = []
    told: list[Told] = []
    with open_store(where) as store:
        company = store.company(HOUSE)
        again: list[Order] = []
        for begin in range(0, count, BATCH):
            fresh = [_order(rng, own, f"{number}-{begin + k}") for k in range(min(BATCH, count - begin))]
            orders = [*fresh, *again]
            again = [order for order in fresh if rng.random() < TWICE]
            for order, answer in zip(orders, company.execute_all(orders), strict=True):
                if isinstance(answer, Answer):
                    said = Told(order.request, order.verb, dict(answer.answer), answer.first_seq,
                                answer.last_seq, answer.repeated)  # fmt: skip
                    if order.verb in ("book reserve", "book option", "book wait") and not answer.repeated:
                        own.append((answer.answer["id"], order.asked["mission"]))
                else:
                    rule = answer.rule if isinstance(answer, RefusedError) else type(answer).__name__
                    said = Told(order.request, order.verb, None, rule=rule)
                told.append(said)
    return told


def _party(number: int) -> dict[str, Any]:
    return {"id": f"party-{number}", "name": f"Party {number}", "country": "JP", "kind": "customer"}


def _order(rng: random.Random, own: list[tuple[str, str]], request: str) -> Order:
    verb = rng.choices(list(MIX), MIX.values())[0]
    if not own and verb in ("cancel", "rebook", "resize", "confirm"):
        verb = "reserve"
    asked: dict[str, Any]
    if verb in ("reserve", "option", "wait"):
        asked = {
            "mission": rng.choice(MISSIONS),
            "party": f"party-{rng.randrange(PARTIES)}",
            "mass_kg": rng.randrange(1, 4000) / 1e3,
            "power_w": rng.randrange(0, 700) / 1e3,
            "rate_bit_s": float(rng.randrange(0, 30)),
            "places": rng.randrange(2),
        }
        if rng.random() < 0.1:
            asked["slot"] = rng.choice(SLOTS)
        if verb == "option":
            asked["until"] = "2034-01-01"
    else:
        booking, mission = rng.choice(own)
        asked = {"id": booking}
        if verb == "cancel":
            own.remove((booking, mission))
        if verb == "rebook":
            asked |= {"mission": rng.choice(MISSIONS), "consent": "asked"}
        if verb == "resize":
            asked["mass_kg"] = rng.randrange(1, 6000) / 1e3
    return Order(f"book {verb}", asked, "race", request=request)


def _judged(where: str, told: list[Told], seconds: float) -> Outcome:
    with open_store(where) as store:
        books = store.company(HOUSE).books()
        faults = [one.fault for one in verify(store.log, store.files) if one.fault]
        limits = {mission: list(books.manifest.by_mission[mission].limits) for mission in MISSIONS}
        log = _Log(limits)
        for entry in store.log.read(HOUSE, "books"):
            log.take(*opened(entry))
    receipts = {request: json.loads(receipt.answer) for request, receipt in books.requests.items()}
    faults += log.faults
    faults += _answers(told, log, receipts)
    for mission in MISSIONS:
        if books.booking.used.get(mission, log.used[mission]) != log.used[mission]:
            faults.append(
                f"{mission}: the books hold {books.booking.used[mission]}, the log {log.used[mission]}"
            )
    return Outcome(
        orders=len(told),
        done=sum(one.answer is not None and not one.repeated for one in told),
        refused=Counter(one.rule for one in told if one.rule),
        repeated=sum(one.repeated for one in told),
        events=log.seq,
        seconds=seconds,
        fullest={mission: log.most[mission] / limits[mission][0] for mission in MISSIONS},
        faults=faults,
    )


class _Log:
    """The log, added up by its own rules: who holds what of which flight after each event."""

    def __init__(self, limits: dict[str, list[int]]) -> None:
        self.limits = limits
        self.used = {mission: [0] * len(limit) for mission, limit in limits.items()}
        self.most = dict.fromkeys(limits, 0)
        self.slots: dict[tuple[str, str], str] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        self.left_at: dict[int, tuple[str, list[int]]] = {}
        self.of_request: dict[str, Any] = {}
        self.faults: list[str] = []
        self.seq = 0

    def take(self, event: Any, receipt: dict[str, Any] | None) -> None:
        self.seq = event.seq
        if receipt is not None:
            if receipt["request"] in self.of_request:
                self.faults.append(f"request {receipt['request']} was done twice")
            self.of_request[receipt["request"]] = event.seq
        if not event.kind.startswith("booking."):
            return
        data = dict(event.data)
        what = event.kind.partition(".")[2]
        if what in ("reserved", "optioned", "waited"):
            if data["id"] in self.bookings:
                self.faults.append(f"event {event.seq}: {data['id']} is made twice")
            self.bookings[data["id"]] = {**data, "holds": False}
        booking = self.bookings[data["id"]]
        held = booking["holds"]
        if what in ("cancelled", "expired", "rebooked", "resized", "moved"):
            self._hold(booking, False)
        if what in ("rebooked", "resized", "moved"):
            booking |= {key: data[key] for key in ("mission", "slot", "amounts") if key in data}
        if what in ("reserved", "optioned", "served", "rebooked") or (what in ("resized", "moved") and held):
            self._hold(booking, True)
        self._within(event.seq, booking["mission"])

    def _hold(self, booking: dict[str, Any], holds: bool) -> None:
        if booking["holds"] == holds:
            if holds:
                self.faults.append(f"{booking['id']} holds its part twice")
            return
        booking["holds"] = holds
        amounts = booking["amounts"]
        numbers = [amounts["mass_g"], amounts["volume_ml"], *amounts["power_mw"], *amounts["rate_bit_s"]]
        used = self.used[booking["mission"]]
        for k, number in enumerate([*numbers, amounts["places"]]):
            used[k] += number if holds else -number
        place = (booking["mission"], booking["slot"])
        if booking["slot"] and holds and self.slots.setdefault(place, booking["id"]) != booking["id"]:
            self.faults.append(f"slot {place} is held by {self.slots[place]} and {booking['id']}")
        if booking["slot"] and not holds:
            self.slots.pop(place, None)

    def _within(self, seq: int, mission: str) -> None:
        used, limit = self.used[mission], self.limits[mission]
        self.most[mission] = max(self.most[mission], used[0])
        self.left_at[seq] = (mission, [most - part for most, part in zip(limit, used, strict=True)])
        if any(part > most or part < 0 for part, most in zip(used, limit, strict=True)):
            self.faults.append(f"event {seq}: {mission} gives {used} of {limit}")


def _answers(told: list[Told], log: _Log, receipts: dict[str, Any]) -> list[str]:
    """Return the answers that do not say what the log says."""
    faults = []
    first: dict[str, Told] = {}
    for one in told:
        if one.answer is None:
            continue
        if receipts.get(one.request) != one.answer:
            faults.append(
                f"request {one.request}: answered {one.answer}, kept is {receipts.get(one.request)}"
            )
        if one.repeated:
            continue
        if one.request in first:
            faults.append(f"request {one.request} was answered as new twice")
        first[one.request] = one
        if log.of_request.get(one.request) != one.last:
            faults.append(f"request {one.request}: its last event is told as {one.last}")
        if one.verb in ("book reserve", "book option", "book resize") and "left" in one.answer:
            left, (_, there) = one.answer["left"], log.left_at[one.last]
            said = [left["mass_g"], left["volume_ml"], *left["power_mw"], *left["rate_bit_s"], left["places"]]
            if said != there:
                faults.append(f"request {one.request}: told {said} left, the log has {there}")
    if first.keys() != log.of_request.keys():
        faults.append(f"{len(first)} orders were answered, {len(log.of_request)} stand in the log")
    return faults


def figures(outcome: Outcome) -> str:
    """Return an outcome as lines."""
    refused = ", ".join(f"{count} {rule}" for rule, count in sorted(outcome.refused.items()))
    fullest = ", ".join(f"{mission} {share:.2%}" for mission, share in outcome.fullest.items())
    return "\n".join(
        [
            f"orders sent            {outcome.orders}",
            f"seconds                {outcome.seconds:.1f} ({outcome.orders / outcome.seconds:.0f} orders/s)",
            f"done                   {outcome.done}",
            f"answered again         {outcome.repeated}",
            f"refused                {refused}",
            f"events                 {outcome.events}",
            f"fullest (mass)         {fullest}",
            f"faults                 {len(outcome.faults)}",
            *outcome.faults[:20],
        ]
    )


def main() -> int:
    """Race as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where, files = str(Path(folder) / "race"), None
        if asked.store == "postgres":
            server = os.environ["PERILUNE_TEST_POSTGRES"]
            where = f"{server}{'&' if '?' in server else '?'}schema=race_{secrets.token_hex(6)}"
            files = Path(folder) / "files"
        outcome = race(where, asked.orders, asked.processes, asked.seed, files)
    print(figures(outcome))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
