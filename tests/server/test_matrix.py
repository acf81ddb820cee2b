"""Tenant by endpoint by role: nobody is told a word of somebody else's, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from served import CUSTOMERS, TENANTS, Client, Served, name_of, orders, serving
from stores import KINDS

from perilune.commerce.access.roles import PARTY_ROLES, allows
from perilune.commerce.registry import VERBS, VIEWS

#: Filters a question may need; values are tried of every tenant and customer.
_FIELDS = {
    "id": (
        "{name}",
        "{name}-lamp",
        "C-{name}",
        "R-{name}",
        "Q-000001",
        "Q-000002",
        "L-000001",
        "launched",
        "m3",
    ),
    "mission": ("m3",),
    "account": ("{tenant}-house:receivable:{name}", "{tenant}-house:cash"),
    "index": ("0",),
    "first": ("1",),
    "payload": ("{name}-lamp",),
    "party": ("{name}",),
    "contract": ("C-{name}",),
}


@pytest.fixture(scope="module", params=KINDS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(request.param, tmp_path_factory.mktemp("matrix")) as made:
        yield made


def told_of(tenant: str, customer: str, text: str) -> list[str]:
    """Return what a text tells that a key of this tenant (and customer) must not learn."""
    others = [name for other in TENANTS if other != tenant for name in (f"{other}-", f"{other} ")]
    if customer:
        others += [name_of(tenant, other) for other in CUSTOMERS if other != customer]
    return [name for name in others if name in text]


def questions() -> Iterator[str]:
    """Yield every question, with every filter it needs filled in every way, and each optional one once."""
    for view in VIEWS.values():
        path = f"/v1/{view.area}/{view.name}"
        needed = [field for field, info in view.asked.model_fields.items() if info.is_required()]
        if not needed:
            yield path
        for field in view.asked.model_fields:
            if field in needed or field in ("party", "mission", "payload", "contract"):
                for filled in dict.fromkeys(_filled(field)):
                    yield f"{path}?{field}={filled}"


def _filled(field: str) -> Iterator[str]:
    for tenant in TENANTS:
        for customer in CUSTOMERS:
            for pattern in _FIELDS[field]:
                yield pattern.format(tenant=tenant, name=name_of(tenant, customer))


def test_no_question_of_any_key_tells_of_others(served: Served) -> None:
    client = Client(served.app)
    asked = list(questions())
    answered = 0
    for (tenant, role, customer), key in served.keys.items():
        head = {"Authorization": f"Bearer {key}"}
        for url in asked:
            answer = client.get(url, headers=head)
            assert answer.status_code in (200, 403, 404, 409, 422), (role, url, answer.text)
            unasked = answer.text if answer.status_code == 200 else _without_asked(answer.text, url)
            assert told_of(tenant, customer, unasked) == [], (tenant, role, customer, url, answer.text)
            answered += answer.status_code == 200 and bool(answer.json()["rows"])
    assert answered > 200


def _without_asked(text: str, url: str) -> str:
    """Return a refusal without the name that was asked for: saying it back tells nothing."""
    for part in url.partition("=")[2].split(":"):
        text = text.replace(part, "")
    return text


def test_each_role_reaches_what_its_scopes_say(served: Served) -> None:
    from perilune.commerce.access.roles import ROLES

    client = Client(served.app)
    for (_, role, _), key in served.keys.items():
        head = {"Authorization": f"Bearer {key}"}
        for view in VIEWS.values():
            status = client.get(f"/v1/{view.area}/{view.name}", headers=head).status_code
            assert (status == 403) == (not allows(ROLES[role], view.scope)), (role, view.area, view.name)
        for verb in VERBS.values():
            answer = client.post(f"/v1/{verb.area}/{verb.name}", headers=head, content=b"[]")
            barred = not allows(ROLES[role], verb.scope) or (role in PARTY_ROLES and verb.owner is None)
            assert answer.status_code == (403 if barred else 422), (role, verb.area, verb.name, answer.text)


def _orders_on(tenant: str, customer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield orders that are a customer's own: on what they have, with plausible contents."""
    name = name_of(tenant, customer)
    own = {
        "payload": f"{name}-lamp", "contract": f"C-{name}", "resource": f"R-{name}",
        "quote": f"Q-{1 + CUSTOMERS.index(customer):06d}", "book": f"BK-{1 + CUSTOMERS.index(customer):06d}",
    }  # fmt: skip
    fills = {
        "version": 1, "why": "x", "cause": "x", "milestone": "signing", "number": 1, "agreed_by": name,
        "party": name, "mission": "m3", "payload": own["payload"], "name": "x", "mass_kg": 1.0, "claim": 1,
        "masses_kg": [1.0, 1.0], "buyer": name, "price": "1.00 USD", "until": "2030-01-01",
        "evidence": "launched", "to": "m3", "amount": "1.00 USD",
    }  # fmt: skip
    for verb in VERBS.values():
        if verb.owner is None:
            continue
        needed = [field for field, info in verb.asked.model_fields.items() if info.is_required()]
        asked = {field: own[verb.area] if field == "id" else fills.get(field) for field in needed}
        yield f"/v1/{verb.area}/{verb.name}", asked


def test_no_customer_orders_for_another(served: Served) -> None:
    client = Client(served.app)
    for tenant in TENANTS:
        head = served.key(tenant, "customer", "alpha")
        seq = client.get("/v1/resource/head", headers=head).json()["seq"]
        for where in TENANTS:
            for url, asked in _orders_on(where, "beta"):
                answer = client.post(url, headers=head, json=asked)
                assert answer.status_code in (403, 404, 409, 422), (url, asked, answer.text)
                text = answer.text
                for said in asked.values():
                    text = text.replace(str(said), "")
                assert told_of(tenant, "alpha", text) == [], (url, asked, answer.text)
        assert client.get("/v1/resource/head", headers=head).json()["seq"] == seq


def test_the_filled_books_name_everybody() -> None:
    text = str(list(orders("north")))
    assert all(name_of("north", customer) in text for customer in CUSTOMERS)
    assert told_of("north", "alpha", text) == ["north-beta"]
    assert told_of("north", "", text) == []
