"""A service on a store that holds two tenants, each with two customers whose every text names them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from stores import made, place

from perilune.archive.company import Answer, Company, Order
from perilune.archive.store import open_store
from perilune.commerce.access.roles import PARTY_ROLES, ROLES
from perilune.server import keys
from perilune.server.app import Settings, make_app

TENANTS = ("north", "south")
CUSTOMERS = ("alpha", "beta")


def name_of(tenant: str, customer: str) -> str:
    """Return what every text of a customer of a tenant holds, and no other text does."""
    return f"{tenant}-{customer}"


@dataclass(frozen=True)
class Served:
    """The service, its store's place, and keys by (tenant, role, customer or "")."""

    app: FastAPI
    where: str
    keys: dict[tuple[str, str, str], str]

    def key(self, tenant: str = "north", role: str = "admin", customer: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[tenant, role, customer]}"}


class Client:
    """Asks the service in this process, without a network."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def request(self, method: str, url: str, **said: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://books") as client:
                return await client.request(method, url, **said)

        return asyncio.run(asked())

    def get(self, url: str, **said: Any) -> httpx.Response:
        return self.request("GET", url, **said)

    def post(self, url: str, **said: Any) -> httpx.Response:
        return self.request("POST", url, **said)


@contextmanager
def serving(kind: str, folder: Path, settings: Settings | None = None) -> Iterator[Served]:
    """Serve a filled store of a kind; the desks are closed at the end."""
    where = place(kind, folder)
    held: dict[tuple[str, str, str], str] = {}
    with made(where, folder, TENANTS[0]) as store:
        store.add_tenant(TENANTS[1])
        for tenant in TENANTS:
            company = store.company(tenant)
            fill(company, tenant)
            for role in ROLES:
                for customer in CUSTOMERS if role in PARTY_ROLES else ("",):
                    held[tenant, role, customer] = _key(company, tenant, role, customer)
    app = make_app(lambda: open_store(where).log, settings)
    try:
        yield Served(app, where, held)
    finally:
        app.state.service.close()


def _key(company: Company, tenant: str, role: str, customer: str) -> str:
    secret, id_ = keys.new_secret(), f"key-{role}{customer and '-'}{customer}"
    asked = {"id": id_, "name": id_, "role": role, "digest": keys.digest_of(secret)}
    party = {"party": name_of(tenant, customer)} if customer else {}
    company.execute(Order("key issue", {**asked, **party}, "tests"))
    return keys.written(tenant, id_, secret)


def digest(number: int) -> str:
    return f"{number:064x}"


def orders(tenant: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (verb, acting for, what is asked) of everything a tenant has."""
    house, agency = f"{tenant}-house", f"{tenant}-licence"
    own = {"country": "JP", "kind": "entity", "currency": "USD"}
    yield "party add", "", {"id": house, "name": house, **own}
    yield "party add", "", {"id": agency, "name": agency, "country": "LU", "kind": "authority"}
    yield "plan announce", "", {
        "id": "m3", "name": f"{tenant} Mission 3", "launch": "2031", "vehicle": "APEX 1.0",
        "as_of": "2025-05-09", "source": "briefing",
    }  # fmt: skip
    yield "quote tariff", "", {"standard": True}
    yield "manifest open", "", {"mission": "m3", "vehicle": "APEX 1.0", "launch_on": "2031-06-01"}
    yield "evidence record", "", {
        "mission": "m3", "digest": digest(1), "kind": "statement", "what": f"{tenant} launched",
        "seen_at": "2026-01-02", "id": "launched",
        "milestones": [{"id": "success-2", "status": "achieved", "at": "2026-01-02"}],
    }  # fmt: skip
    for place_, customer in enumerate(CUSTOMERS):
        yield from _customer(house, agency, name_of(tenant, customer), place_)


def _customer(house: str, agency: str, name: str, number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "party add", "", {"id": name, "name": f"{name} Ltd", "country": "US", "kind": "customer"}
    yield "payload add", name, {"id": f"{name}-lamp", "name": f"{name} lamp", "party": name, "mass_kg": 4.0}
    yield "book reserve", name, {"mission": "m3", "payload": f"{name}-lamp"}
    yield "quote make", "", {
        "payload": f"{name}-lamp", "mission": "m3", "valid_until": "2030-12-31", "terms": f"{name} only",
    }  # fmt: skip
    yield "contract draft", "", {
        "id": f"C-{name}", "kind": "payload-service", "entity": house, "party": name, "mission": "m3",
        "title": f"{name} carriage", "price": "6000000.00 USD",
        "milestones": [
            {"id": "signing", "name": f"{name} signing", "share_bp": 10_000, "needs_kind": "signature"},
        ],
    }  # fmt: skip
    yield "ledger invoice-issue", "", {
        "entity": house, "party": name, "contract": f"D-{name}", "amount": "100.00 USD", "due": "2031-01-01",
        "memo": f"{name} deposit",
    }  # fmt: skip
    yield "resource draft", "", {
        "id": f"R-{name}", "buyer": name, "seller": house, "mission": "m3", "price": "5000.00 USD",
        "term": "2031-12-31",
    }  # fmt: skip
    yield "resource licence-apply", "", {
        "id": f"licence-{number}", "authority": agency, "holder": house, "mission": "m3",
        "methods": ["scoop"], "plan_digest": digest(2), "valid_from": "2026-01-01",
        "valid_until": "2032-01-01",
    }  # fmt: skip


def fill(company: Company, tenant: str) -> None:
    """Give a tenant's books everything of `orders`."""
    for verb, party, asked in orders(tenant):
        answer = company.execute(Order(verb, asked, "tests", party=party))
        assert isinstance(answer, Answer), (verb, answer)
