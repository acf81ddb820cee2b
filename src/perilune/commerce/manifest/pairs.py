"""What payloads do to each other: in the way of a view, disturbing, dirtying, not to fly together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from perilune.commerce.manifest.aboard import Item
from perilune.commerce.manifest.finding import BREAKS, Finding, at_least, unknown
from perilune.commerce.manifest.geometry import apart_rad, between, clearance_rad, length_m
from perilune.commerce.manifest.state import Flight
from perilune.commerce.payloads.state import Payload

_DEGREES = 180.0 / math.pi


def check_pairs(flight: Flight, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield the findings of all pairs aboard, and of views against the vehicle's own keep-outs."""
    known = [(item, item.payload) for item in items if item.payload is not None]
    for item, payload in known:
        yield from _vehicle(flight, item, payload)
    for (one, first), (other, second) in itertools.permutations(known, 2):
        yield from _view(one, first, other, second)
        yield from _keep_out(one, first, other)
        yield from _disturbance(flight, one, first, other, second)
        yield from _dirt(one, first, other, second)
        if other.name in first.apart_from:
            yield Finding(
                "apart", f"{one.name}, {other.name}", BREAKS, None, None, -1.0, "",
                f"{one.name} may not fly with {other.name}. Rebook one of them: book rebook.",
            )  # fmt: skip


def _vehicle(flight: Flight, item: Item, payload: Payload) -> Iterator[Finding]:
    for view in payload.fields_of_view:
        for out in flight.deck.keep_outs:
            margin = apart_rad(view, out.cone)
            yield at_least(
                "field of view", f"{item.name}, {out.name}", margin, 0.0, "rad",
                f"{item.name} looks into the {out.name}, by {-_DEGREES * margin:.1f} deg. "
                "Turn it, or narrow its field of view: payload revise.",
            )  # fmt: skip


def _together(one: Payload, other: Payload) -> bool:
    """Tell whether two stand as one on deck: the one rides on the other."""
    return other.id == one.carrier or one.id == other.carrier


def _view(one: Item, first: Payload, other: Item, second: Payload) -> Iterator[Finding]:
    if not first.fields_of_view or _together(first, second):
        return
    if one.slot is None or other.slot is None:
        yield unknown(
            "field of view",
            f"{one.name}, {other.name}",
            f"Whether {one.name} sees past {other.name} is not known before both have a slot: book move.",
        )
        return
    for view in first.fields_of_view:
        margin = clearance_rad(view, one.place_m, other.place_m, other.radius_m)
        yield at_least(
            "field of view", f"{one.name}, {other.name}", margin, 0.0, "rad",
            f"{other.name} on {other.slot.id} stands {-_DEGREES * margin:.1f} deg inside the field of view "
            f"of {one.name} on {one.slot.id}. Move one of them: book move.",
        )  # fmt: skip


def _keep_out(one: Item, first: Payload, other: Item) -> Iterator[Finding]:
    if one.slot is None or other.slot is None or (other.payload and _together(first, other.payload)):
        return
    for cone in first.keep_outs:
        margin = clearance_rad(cone, one.place_m, other.place_m, other.radius_m)
        yield at_least(
            "keep-out", f"{one.name}, {other.name}", margin, 0.0, "rad",
            f"{other.name} on {other.slot.id} stands {-_DEGREES * margin:.1f} deg inside what {one.name} on "
            f"{one.slot.id} keeps free. Move one of them: book move.",
        )  # fmt: skip


def _disturbance(
    flight: Flight, one: Item, first: Payload, other: Item, second: Payload
) -> Iterator[Finding]:
    excess = first.emc_emission - second.emc_tolerance
    if excess <= 0 or _together(first, second):
        return
    needed_m = excess * flight.deck.emc_distance_m
    subject = f"{one.name}, {other.name}"
    if one.slot is None or other.slot is None:
        yield unknown(
            "EMC", subject,
            f"{one.name} disturbs {other.name} closer than {needed_m:g} m. Give both slots: book move.",
        )  # fmt: skip
        return
    distance_m = length_m(between(one.place_m, other.place_m))
    yield at_least(
        "EMC", subject, distance_m, needed_m, "m",
        f"{one.name} (emits class {first.emc_emission}) stands {distance_m:.2f} m from {other.name} (bears "
        f"class {second.emc_tolerance}), and {needed_m:g} m are needed. Move one of them: book move.",
    )  # fmt: skip


def _dirt(one: Item, first: Payload, other: Item, second: Payload) -> Iterator[Finding]:
    excess = first.shedding - second.dirt_tolerance
    if excess <= 0 or one.slot is None or other.slot is None:
        return
    shared = one.slot.face == other.slot.face
    yield at_least(
        "contamination", f"{one.name}, {other.name}",
        -float(excess) if shared else 0.0, 0.0, "classes",
        f"{one.name} sheds class {first.shedding} on the same face as {other.name}, which bears class "
        f"{second.dirt_tolerance}. Move one of them to another face: book move.",
    )  # fmt: skip
