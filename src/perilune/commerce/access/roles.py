"""Roles: sets of scopes by name. A scope is "AREA:read" or "AREA:write"; "*:read" stands for every area."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SOLD: Final = ("party", "plan", "payload", "manifest", "book", "quote", "contract", "evidence", "milestone")

#: Role -> scopes. Those of PARTY_ROLES only hold for keys that are bound to a party.
ROLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "admin": ("*:read", "*:write"),
        "auditor": ("*:read",),
        "sales": (
            *(f"{area}:read" for area in _SOLD),
            *(f"{area}:write" for area in ("party", "payload", "manifest", "book", "quote", "contract")),
        ),
        "operations": (
            *(f"{area}:read" for area in _SOLD),
            *(f"{area}:write" for area in ("plan", "manifest", "evidence", "milestone")),
        ),
        "finance": ("*:read", "ledger:write", "contract:write"),
        "resources": (
            *(f"{area}:read" for area in (*_SOLD, "resource")),
            "resource:write",
            "evidence:write",
        ),
        "customer": (
            *(f"{area}:read" for area in (*_SOLD, "resource", "ledger")),
            *(f"{area}:write" for area in ("payload", "book", "quote", "contract", "resource")),
        ),
    }
)
PARTY_ROLES: Final = ("customer",)


def allows(scopes: tuple[str, ...], wanted: str) -> bool:
    """Say whether scopes hold the wanted one.

    >>> allows(("*:read", "ledger:write"), "payload:read"), allows(("*:read",), "ledger:write")
    (True, False)
    """
    return wanted in scopes or f"*:{wanted.partition(':')[2]}" in scopes
