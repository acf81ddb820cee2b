"""Stores for tests: embedded ones, and schemas of their own on the server of PERILUNE_TEST_POSTGRES."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from perilune.archive.company import Order
from perilune.archive.entry import Entry, Head, Sealing, seal
from perilune.archive.store import Store, create_store, open_store
from perilune.commerce.event import Draft, Moment

SERVER = "PERILUNE_TEST_POSTGRES"
KINDS = ("sqlite", "postgres")
AT = "2026-01-02T03:04:05.000000Z"


def server() -> str:
    """Return the test server's address; skips where there is none."""
    where = os.environ.get(SERVER, "")
    if not where:
        pytest.skip(f"no PostgreSQL server is named in {SERVER}: run `make test-postgres`")
    return where


def place(kind: str, folder: Path) -> str:
    """Return where a new store of a kind can be made."""
    if kind == "sqlite":
        return str(folder / "perilune.store")
    where = server()
    return f"{where}{'&' if '?' in where else '?'}schema=t_{secrets.token_hex(6)}"


def made(where: str, folder: Path, tenant: str = "house") -> Store:
    """Return a new store at a place."""
    return create_store(where, tenant, folder / "files" if "://" in where else None)


def again(store: Store, where: str) -> Callable[[], Store]:
    """Return what opens the store once more, as another process would."""
    return lambda: open_store(where)


def party(number: int, **said: Any) -> Order:
    """Return an order that any books can carry out once."""
    asked = {"id": f"party-{number}", "name": f"Party {number}", "country": "JP", "kind": "customer"}
    return Order("party add", asked, "anna", **said)


def entries(head: Head, count: int, tenant: str = "house", chain: str = "books") -> list[Entry]:
    """Return sealed entries that follow a head."""
    found: list[Entry] = []
    for number in range(head.seq + 1, head.seq + count + 1):
        data = {"id": f"party-{number}", "name": f"Party {number}", "country": "JP", "kind": "customer"}
        draft = Draft("party.added", data | {"currency": ""})
        found.append(seal(head, draft, Moment(AT, "anna"), Sealing(tenant, chain)))
        head = found[-1].head
    return found


def put(store: Store, new: Sequence[Entry], tenant: str = "house", chain: str = "books") -> None:
    """Record entries in one commit."""
    with store.log.write(tenant, chain) as writing:
        writing.append(new)
