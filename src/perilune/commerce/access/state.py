"""Keys as recorded: never the key itself, only its digest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the service: `digest` is the SHA-256 of its secret; `party` binds it to one party's data."""

    id: str
    name: str
    role: str
    scopes: tuple[str, ...]
    party: str
    digest: str
    issued_on: str
    expires_on: str
    revoked_on: str = ""


@dataclass(slots=True)
class Access:
    """Keys by id."""

    keys: dict[str, Key] = field(default_factory=dict)
