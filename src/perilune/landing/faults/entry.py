"""One entry of the catalogue of faults."""

from __future__ import annotations

from dataclasses import dataclass

from perilune.landing.faults.rows import Fault
from perilune.landing.faults.signatures import Sign


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One entry. `needs` are the kinds of sensors without which it can not happen."""

    name: str
    family: str
    faults: tuple[Fault, ...]
    signature: str
    good: str
    shows: Sign
    needs: tuple[str, ...] = ()


def entry(
    name: str,
    family: str,
    faults: tuple[Fault, ...],
    signature: str,
    good: str,
    shows: Sign,
    needs: tuple[str, ...] = (),
) -> tuple[str, CatalogueFault]:
    """Return an entry with its name before it."""
    return name, CatalogueFault(name, family, faults, signature, good, shows, needs)
