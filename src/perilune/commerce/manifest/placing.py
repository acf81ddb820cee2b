"""Slots for the payloads of one flight: each in a place it fits, the centre of mass within its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from perilune.commerce.booking.amounts import POWER
from perilune.commerce.manifest.aboard import Item
from perilune.commerce.manifest.geometry import between, clearance_rad, length_m, radius_of
from perilune.commerce.manifest.problem import Offer, Problem
from perilune.commerce.manifest.state import Slot
from perilune.commerce.payloads.state import Cone, Payload

#: How far inside its limits the centre of mass is laid, as a share of the distance between them.
_INSIDE: Final = 0.02
_NODES: Final = 200

#: A row of a linear system: (column, value) each, and between what their sum has to lie.
Row = tuple[list[tuple[int, float]], float, float]


def place(problem: Problem, j: int, aboard: Sequence[int]) -> tuple[dict[int, str], list[int]]:
    """Return the slots (by candidate; "" for riders) of what flies on offer `j`, and what finds none.

    What is worth least leaves first until the rest has its places.
    """
    riding = [i for i in aboard if problem.candidates[i].payload.carrier]
    standing = [i for i in aboard if i not in riding]
    out: list[int] = []
    while standing:
        slots = _placed(problem, problem.offers[j], j, standing)
        if slots is not None:
            break
        least = min(standing, key=lambda i: (problem.candidates[i].worth, -i))
        standing.remove(least)
        out.append(least)
    else:
        slots = {}
    names = {problem.candidates[i].payload.id for i in standing}
    names |= {item.name for item in problem.offers[j].items}
    for i in riding:
        if problem.candidates[i].payload.carrier in names:
            slots[i] = ""
        else:
            out.append(i)
    return slots, out


def _placed(problem: Problem, offer: Offer, j: int, standing: Sequence[int]) -> dict[int, str] | None:
    variables = [(i, s) for i in standing for s in problem.slots[i, j]]
    rows: list[Row] = []
    rows += (([(k, 1.0) for k, (own, _) in enumerate(variables) if own == i], 1.0, 1.0) for i in standing)
    rows += (
        ([(k, 1.0) for k, (_, at) in enumerate(variables) if at == s], 0.0, 1.0)
        for s in sorted({s for _, s in variables})
    )
    rows += _balanced(problem, offer, variables, standing)
    rows += _cool(problem, offer, variables)
    rows += _kept_clear(problem, offer, variables)
    rows += _open_to(problem, offer, variables)
    # Any solution will do, and presolve takes ten times as long as finding one.
    found = milp(
        np.zeros(len(variables)),
        integrality=np.ones(len(variables), dtype=np.int8),
        bounds=Bounds(0.0, 1.0),
        constraints=_system(rows, len(variables)),
        options={"node_limit": _NODES, "presolve": False},
    )
    if found.x is None:
        return None
    return {i: offer.slots[s].id for (i, s), taken in zip(variables, found.x, strict=True) if taken > 0.5}


def _system(rows: Sequence[Row], columns: int) -> Any:
    entries = [(row, column, value) for row, (terms, _, _) in enumerate(rows) for column, value in terms]
    at, to, values = zip(*entries, strict=True)
    matrix = coo_array((values, (at, to)), shape=(len(rows), columns)).tocsr()
    return LinearConstraint(matrix, np.array([row[1] for row in rows]), np.array([row[2] for row in rows]))


def _balanced(
    problem: Problem, offer: Offer, variables: Sequence[tuple[int, int]], standing: Sequence[int]
) -> list[Row]:
    """Return the moments about the limits, with everything aboard and without what leaves in lunar orbit."""
    balance = offer.flight.deck.balance
    rows = []
    for without in ((), ("orbit",)):
        flying = [i for i in standing if problem.candidates[i].payload.deployment not in without]
        if without and len(flying) == len(standing):
            continue
        kept = [
            item
            for item in offer.items
            if item.slot and item.payload and item.payload.deployment not in without
        ]
        mass_kg = balance.mass_kg + sum(item.mass_kg for item in kept)
        mass_kg += sum(problem.candidates[i].payload.mass_kg for i in flying)
        for axis in range(3):
            here = balance.mass_kg * balance.centre_m[axis]
            here += sum(item.mass_kg * item.place_m[axis] for item in kept)
            low, high = balance.low_m[axis], balance.high_m[axis]
            inside = _INSIDE * (high - low)
            terms = [
                (k, problem.candidates[i].payload.mass_kg * offer.slots[s].position_m[axis])
                for k, (i, s) in enumerate(variables)
                if i in flying
            ]
            rows.append((terms, mass_kg * (low + inside) - here, mass_kg * (high - inside) - here))
    return rows


def _cool(problem: Problem, offer: Offer, variables: Sequence[tuple[int, int]]) -> list[Row]:
    rows = []
    for zone in offer.flight.deck.zones:
        for phase in range(POWER.stop - POWER.start):
            held = sum(
                item.booking.amounts[POWER][phase]
                for item in offer.items
                if item.slot and item.slot.zone == zone.id
            )
            terms = [
                (k, problem.candidates[i].amounts[POWER][phase] / 1e3)
                for k, (i, s) in enumerate(variables)
                if offer.slots[s].zone == zone.id
            ]
            if terms:
                rows.append((terms, -np.inf, zone.heat_w - held / 1e3))
    return rows


def _kept_clear(problem: Problem, offer: Offer, variables: Sequence[tuple[int, int]]) -> Iterator[Row]:
    """Yield who may not stand where, because of who looks, disturbs or sheds from where.

    By slots for views: a slot's box encloses its payload. A row says of one source and one slot: either the
    source is not in a place from which it reaches that slot, or nobody that it hurts is there. Since each
    payload has one slot and each slot one payload, the row's sum is one at most, which cuts tightly.
    """
    seats = _seats(problem, offer, variables)
    rows: dict[tuple[int, int, bytes], list[int]] = {}
    for k, (i, s) in enumerate(variables):
        own, slot = problem.candidates[i].payload, offer.slots[s]
        cones = (*own.fields_of_view, *own.keep_outs)
        if not cones and not own.emc_emission and not own.shedding:
            continue
        if any(_hurt_aboard(offer, (own, slot), cones, item) for item in offer.items):
            yield [(k, 1.0)], 0.0, 0.0
            continue
        hurt = seats.hurt_by(own, s, cones) & (seats.owner != i)
        for t in np.unique(seats.at[hurt]):
            there = np.flatnonzero(hurt & (seats.at == t))
            rows.setdefault((i, int(t), there.tobytes()), []).append(k)
    for (_, _, there_bytes), from_where in rows.items():
        columns = [*from_where, *np.frombuffer(there_bytes, dtype=np.intp)]
        yield [(int(column), 1.0) for column in columns], 0.0, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Seats:
    """Who might sit where, by variable (owner, slot, what the owner bears), and how slots stand."""

    owner: NDArray[np.int64]
    at: NDArray[np.int64]
    emc_tolerance: NDArray[np.int64]
    dirt_tolerance: NDArray[np.int64]
    ways_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    angle_rad: NDArray[np.float64]
    same_face: NDArray[np.bool_]
    emc_distance_m: float

    def hurt_by(self, own: Payload, s: int, cones: Sequence[Cone]) -> NDArray[np.bool_]:
        """Tell for each variable whether a payload in slot `s` would look at, disturb or dirty it."""
        near = self.distance_m[s][self.at] < (own.emc_emission - self.emc_tolerance) * self.emc_distance_m
        dirty = self.same_face[s][self.at] & (own.shedding > self.dirt_tolerance)
        seen = np.zeros(len(self.distance_m), dtype=np.bool_)
        for cone in cones:
            along = self.ways_m[s] @ np.array(cone.direction) / np.maximum(self.distance_m[s], 1e-12)
            seen |= np.arccos(np.clip(along, -1.0, 1.0)) - self.angle_rad[s] < cone.half_angle_rad
        seen[s] = False
        return np.asarray(near | dirty | seen[self.at], dtype=np.bool_)


def _seats(problem: Problem, offer: Offer, variables: Sequence[tuple[int, int]]) -> _Seats:
    owners = [problem.candidates[i].payload for i, _ in variables]
    places = np.array([slot.position_m for slot in offer.slots])
    ways = places[None, :] - places[:, None]
    distance = np.linalg.norm(ways, axis=2)
    radius = np.array([radius_of(slot.box_m) for slot in offer.slots])
    # What a slot's box takes of the view from another one; all of it where the boxes touch.
    angle = np.where(
        distance <= radius, math.pi, np.arcsin(np.minimum(1.0, radius / np.maximum(distance, 1e-12)))
    )
    faces = np.array([slot.face for slot in offer.slots])
    return _Seats(
        np.array([i for i, _ in variables]),
        np.array([s for _, s in variables]),
        np.array([payload.emc_tolerance for payload in owners]),
        np.array([payload.dirt_tolerance for payload in owners]),
        ways,
        distance,
        angle,
        faces[:, None] == faces[None, :],
        offer.flight.deck.emc_distance_m,
    )


def _in_way(cones: Sequence[Cone], own: Slot, other: Slot) -> bool:
    radius_m = radius_of(other.box_m)
    return any(clearance_rad(cone, own.position_m, other.position_m, radius_m) < 0.0 for cone in cones)


def _hurt(offer: Offer, source: tuple[Payload, Slot], other: tuple[Payload, Slot]) -> bool:
    """Tell whether what stands in one slot disturbs or dirties what stands in the other."""
    (own, slot), (victim, there) = source, other
    if own.shedding > victim.dirt_tolerance and slot.face == there.face:
        return True
    needed_m = (own.emc_emission - victim.emc_tolerance) * offer.flight.deck.emc_distance_m
    return length_m(between(slot.position_m, there.position_m)) < needed_m


def _hurt_aboard(offer: Offer, source: tuple[Payload, Slot], cones: Sequence[Cone], item: Item) -> bool:
    if item.slot is None or item.payload is None:
        return False
    return _in_way(cones, source[1], item.slot) or _hurt(offer, source, (item.payload, item.slot))


def _open_to(problem: Problem, offer: Offer, variables: Sequence[tuple[int, int]]) -> Iterator[Row]:
    """Yield the slots that what is aboard already looks at, disturbs or dirties."""
    for k, (i, s) in enumerate(variables):
        new = (problem.candidates[i].payload, offer.slots[s])
        for item in offer.items:
            if item.slot is None or item.payload is None:
                continue
            cones = (*item.payload.fields_of_view, *item.payload.keep_outs)
            if _in_way(cones, item.slot, new[1]) or _hurt(offer, (item.payload, item.slot), new):
                yield [(k, 1.0)], 0.0, 0.0
                break
