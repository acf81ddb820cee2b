"""The service: what it answers, what it refuses, and that every answer is one it documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import Client, Served, serving

from perilune.archive.store import open_store
from perilune.archive.verify import verify
from perilune.commerce.registry import VIEWS
from perilune.errors import InputError
from perilune.server.app import Settings


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("sqlite", tmp_path_factory.mktemp("served")) as made:
        yield made


@pytest.fixture
def client(served: Served) -> Client:
    return Client(served.app)


def test_it_says_that_it_is_up_without_a_key(client: Client) -> None:
    assert client.get("/v1/health").json()["version"]


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer north:key-admin:wrong"},
        {"Authorization": "Bearer north:nobody:x"},
        {"Authorization": "Bearer nowhere:key-admin:x"},
        {"Authorization": "Basic north:key-admin:x"},
    ],
)
def test_without_a_valid_key_nothing_is_told(client: Client, header: dict[str, str]) -> None:
    answer = client.get("/v1/payload/list", headers=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["rule"] == "key"


def test_a_key_of_one_tenant_does_not_open_another(client: Client, served: Served) -> None:
    key = served.keys["north", "admin", ""].replace("north:", "south:")
    assert client.get("/v1/payload/list", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_revoked_key_is_worthless_at_once(client: Client, served: Served) -> None:
    admin = served.key("south")
    assert client.get("/v1/party/list", headers=served.key("south", "auditor")).status_code == 200
    assert client.post("/v1/key/revoke", headers=admin, json={"id": "key-auditor"}).status_code == 201
    assert client.get("/v1/party/list", headers=served.key("south", "auditor")).status_code == 401


def test_a_scope_that_a_key_lacks_is_named(client: Client, served: Served) -> None:
    answer = client.post("/v1/ledger/transfer", headers=served.key(role="sales"), json={})
    assert answer.status_code == 403
    assert answer.json()["message"] == "This key does not hold the scope 'ledger:write'."


def test_an_order_sent_twice_is_done_once(client: Client, served: Served) -> None:
    head = served.key() | {"Idempotency-Key": "one"}
    party = {"id": "twice", "name": "Twice", "country": "US", "kind": "customer"}
    first = client.post("/v1/party/add", headers=head, json=party)
    again = client.post("/v1/party/add", headers=head, json=party)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    other = client.post("/v1/party/add", headers=head, json=party | {"id": "thrice"})
    assert (other.status_code, other.json()["rule"]) == (409, "request")


def test_the_same_request_id_of_two_keys_are_two_requests(client: Client, served: Served) -> None:
    for role, id_ in (("admin", "by-admin"), ("sales", "by-sales")):
        head = served.key(role=role) | {"Idempotency-Key": "same"}
        party = {"id": id_, "name": id_, "country": "US", "kind": "customer"}
        answer = client.post("/v1/party/add", headers=head, json=party)
        assert (answer.status_code, answer.json()["repeated"]) == (201, False)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{", 400, "Invalid JSON"),
        (b"\xff", 400, "Invalid JSON"),
        (b"[]", 422, "should be an object"),
        (b'{"id":"x","name":"x","party":"north-alpha","mass_kg":-1}', 422, "mass_kg"),
        (b'{"id":"x","name":"x","party":"north-alpha","mass_kg":1e999}', 422, "mass_kg"),
        (b'{"id":"x","name":"x","party":"nobody","mass_kg":1}', 404, "nobody"),
        (b'{"id":"x","name":"' + b"x" * 300 + b'","party":"north-alpha","mass_kg":1}', 422, "200 characters"),
        (b'{"id":"x","strange":1}', 422, "strange: Extra inputs are not permitted"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_written(
    client: Client, served: Served, body: bytes, status: int, text: str
) -> None:
    before = client.get("/v1/resource/head", headers=served.key()).json()["seq"]
    answer = client.post("/v1/payload/add", headers=served.key(), content=body)
    assert answer.status_code == status
    assert text in answer.json()["message"]
    assert client.get("/v1/resource/head", headers=served.key()).json()["seq"] == before


def test_a_body_without_end_is_cut_off(client: Client, served: Served) -> None:
    answer = client.post("/v1/payload/add", headers=served.key(), content=b" " * (1 << 20) + b"{}")
    assert (answer.status_code, answer.json()["rule"]) == (413, "size")


def test_pages_lead_through_all_rows(client: Client, served: Served) -> None:
    first = client.get("/v1/party/list?limit=2", headers=served.key()).json()
    rest = client.get(f"/v1/party/list?start={first['next']}", headers=served.key()).json()
    assert len(first["rows"]) == 2
    assert rest["next"] is None
    assert len(rest["rows"]) + 2 == first["total"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "start=-1", "limit=9" + "9" * 30])
def test_a_page_that_cannot_be_is_told(client: Client, served: Served, query: str) -> None:
    answer = client.get(f"/v1/party/list?{query}", headers=served.key())
    assert answer.status_code == 422
    assert "write a whole number" in answer.json()["message"]


def test_what_another_process_records_is_seen(client: Client, served: Served) -> None:
    from perilune.archive.company import Order

    before = client.get("/v1/party/list", headers=served.key()).json()["total"]
    with open_store(served.where) as store:
        asked = {"id": "elsewhere", "name": "E", "country": "US", "kind": "customer"}
        store.company("north").execute(Order("party add", asked, "tests"))
    import time

    time.sleep(0.03)
    assert client.get("/v1/party/list", headers=served.key()).json()["total"] == before + 1


def test_every_read_of_licensed_rows_is_in_the_audit_chain(client: Client, served: Served) -> None:
    def count() -> int:
        with open_store(served.where) as store:
            return sum(1 for _ in store.log.read("north", "audit"))

    before = count()
    for _ in range(3):
        client.get("/v1/payload/list?limit=1", headers=served.key(role="customer", customer="alpha"))
    assert count() == before + 3
    with open_store(served.where) as store:
        *_, last = store.log.read("north", "audit")
    assert b"key:key-customer-alpha" in last.body
    assert b"payload list" in last.body
    with open_store(served.where) as store:
        assert {chain.fault for chain in verify(store.log, store.files)} == {""}


def test_a_key_that_asks_too_often_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving("sqlite", tmp_path_factory.mktemp("slow"), Settings(rate_hz=0.1, burst=2)) as slow:
        client = Client(slow.app)
        answers = [client.get("/v1/resource/head", headers=slow.key()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) >= 1
        assert client.get("/v1/resource/head", headers=slow.key("south")).status_code == 200


def test_no_secret_is_kept(served: Served) -> None:
    with open_store(served.where) as store:
        held = b"".join(entry.body for entry in store.log.read("north", "books"))
    for key in served.keys.values():
        assert key.rpartition(":")[2].encode() not in held


def test_nothing_else_is_here(client: Client) -> None:
    assert client.get("/v1/nothing").json() == {"rule": "route", "message": "There is nothing here."}
    assert client.get("/v1/payload/list/").status_code == 404  # no way around by a redirect to plain HTTP
    assert client.request("DELETE", "/v1/payload/list").status_code == 405


def test_a_customer_does_not_say_that_the_other_side_agrees(served: Served, client: Client) -> None:
    alpha = served.key(role="customer", customer="alpha")
    asked = {"id": "R-north-alpha", "agreed_by": "north-house"}
    told = client.post("/v1/resource/resolve", headers=alpha, json=asked)
    assert (told.status_code, told.json()["rule"]) == (403, "authority")


def test_whatever_is_one_customers_alone_is_audited(served: Served) -> None:
    with open_store(served.where) as store:
        company = store.company("north")
        for name, view in VIEWS.items():
            try:
                house, beta = (company.rows(name, {}, party) for party in ("", "north-beta"))
            except InputError:
                continue  # needs to be told of what
            if beta and len(beta) < len(house):
                assert view.licensed or name in ("evidence list", "key list"), name
    assert all(VIEWS[name].licensed for name in ("quote show", "resource payments"))
