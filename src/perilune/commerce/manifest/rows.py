"""Manifests as rows: what is aboard, what the checks find, what comes with a kilogram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perilune.commerce.booking.desk import flight_of
from perilune.commerce.books import Books
from perilune.commerce.manifest import asked as say
from perilune.commerce.manifest.aboard import aboard
from perilune.commerce.manifest.capacities import capacity, names
from perilune.commerce.manifest.checks import check
from perilune.commerce.manifest.finding import Finding
from perilune.commerce.manifest.interfaces import baseline
from perilune.vehicles.figures import Figure


@dataclass(frozen=True, slots=True)
class AboardRow:
    """A booking aboard a flight."""

    booking: str
    state: str
    payload: str
    name: str
    party: str
    slot: str
    mass_kg: float
    confidence: str


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """A figure with where it comes from and how far it can be trusted."""

    of: str
    figure: str
    written: str
    confidence: str
    source: str


def shown(books: Books, asked: say.OfMission) -> Iterable[AboardRow]:
    """Yield what is aboard a flight."""
    for item in aboard(books, flight_of(books, asked.mission)):
        payload, booking = item.payload, item.booking
        yield AboardRow(
            booking.id,
            booking.state,
            booking.payload,
            "" if payload is None else payload.name,
            booking.party,
            "" if item.slot is None else item.slot.id,
            item.mass_kg,
            "" if payload is None else payload.confidence,
        )


def checked(books: Books, asked: say.Check) -> Iterable[Finding]:
    """Yield what the checks of a flight's manifest find."""
    found = check(books, flight_of(books, asked.mission))
    return (row for row in found if asked.state in ("", row.state))


def interfaces(books: Books, asked: say.Nothing) -> Iterable[InterfaceRow]:  # noqa: ARG001
    """Yield the interface baseline."""
    for name, entry in baseline().items():
        per = f" per {entry.per}" if entry.per else ""
        yield _row("baseline", name, entry.figure, per)


def capacities(books: Books, asked: say.OfVehicle) -> Iterable[InterfaceRow]:  # noqa: ARG001
    """Yield the capacities of vehicles."""
    for name in [capacity(asked.vehicle).vehicle] if asked.vehicle else names():
        figures: Mapping[str, Figure] = capacity(name).figures
        for key, figure in figures.items():
            yield _row(name, key, figure)


def _row(of: str, name: str, figure: Figure, per: str = "") -> InterfaceRow:
    return InterfaceRow(of, name, figure.written + per, figure.confidence, figure.source)
