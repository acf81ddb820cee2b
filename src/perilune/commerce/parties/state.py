"""The parties as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody contracts are made with, or a legal entity of the house.

    `country` is ISO 3166-1 alpha-2; `currency` is the one an own entity keeps its books in ("" for others).
    """

    id: str
    name: str
    country: str
    kind: str
    currency: str = ""


@dataclass(slots=True)
class Parties:
    """Parties by id."""

    by_id: dict[str, Party] = field(default_factory=dict)
