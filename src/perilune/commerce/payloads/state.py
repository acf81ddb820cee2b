"""The catalogue of payloads as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload in the catalogue."""

    id: str
    name: str
    party: str
    mass_kg: float


@dataclass(slots=True)
class Payloads:
    """Payloads by id."""

    by_id: dict[str, Payload] = field(default_factory=dict)
