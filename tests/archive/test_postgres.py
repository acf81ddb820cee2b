"""What a server adds: rows of one tenant only, roles, lost connections, addresses."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stores import entries, made, party, place, put, server

from perilune.archive import postgres
from perilune.archive.address import Address, address
from perilune.archive.entry import Head
from perilune.archive.migrations import MIGRATIONS
from perilune.archive.session import Sessions, _first, _sentence, connected, quoted
from perilune.archive.store import Store, create_store, migrate_store, open_store
from perilune.archive.verify import verify
from perilune.errors import InputError, StoreError


@pytest.fixture
def where(tmp_path: Path) -> str:
    return place("postgres", tmp_path)


@pytest.fixture
def store(where: str, tmp_path: Path) -> Iterator[Store]:
    with made(where, tmp_path) as opened:
        opened.add_tenant("guest")
        for tenant in ("house", "guest"):
            put(opened, entries(Head(), 2, tenant), tenant)
            opened.company(tenant).execute(party(99))
        yield opened


@pytest.fixture
def sessions(where: str) -> Iterator[Sessions]:
    opened = Sessions(address(where), 5.0)
    yield opened
    opened.close()


TABLES = ("entries", "heads", "snapshots")


@pytest.mark.parametrize("table", TABLES)
def test_without_a_tenant_no_row_is_seen(store: Store, sessions: Sessions, table: str) -> None:
    assert sessions.run(f"SELECT * FROM {table}") == []


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_tenants_is_under_forced_security(
    store: Store, sessions: Sessions, table: str
) -> None:
    rows = sessions.run(
        f"SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = to_regclass({quoted(table)})"
    )
    assert rows == [[True, True]]
    with_tenant = sessions.run(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND column_name = 'tenant' ORDER BY 1"
    )
    assert [name for (name,) in with_tenant] == sorted(TABLES)


def test_a_transaction_sees_its_tenant_and_forgets_it(store: Store, sessions: Sessions) -> None:
    rows = sessions.run(
        "BEGIN; SET LOCAL perilune.tenant TO 'guest'; SELECT DISTINCT tenant FROM entries; COMMIT"
    )
    assert rows == [["guest"]]
    assert sessions.run("SELECT count(*) FROM entries") == [[0]]


def test_a_row_of_another_tenant_cannot_be_written(store: Store, sessions: Sessions) -> None:
    for statement in (
        r"INSERT INTO entries VALUES ('guest', 'books', 4, '\x00', '\x00')",
        r"INSERT INTO heads VALUES ('guest', 'audit', 4, '\x00')",
        r"INSERT INTO snapshots VALUES ('guest', 'books', 4, '\x00', '', '\x00')",
    ):
        with (
            pytest.raises(StoreError, match="violates row-level security policy"),
            sessions.transaction("SET LOCAL perilune.tenant TO 'house'") as transaction,
        ):
            transaction.run(statement)


def test_an_entry_is_not_truncated_away(store: Store, sessions: Sessions) -> None:
    with pytest.raises(StoreError, match="entries are only ever added, never changed or removed"):
        sessions.run("TRUNCATE entries")


def test_a_tenant_never_reads_another_even_if_the_condition_is_forgotten(store: Store, where: str) -> None:
    """The log asks with a condition; without it the server still gives the tenant's own rows only."""
    log = postgres.PostgresLog(address(where))
    rows = log._asked("guest", "SELECT tenant, count(*) FROM entries GROUP BY tenant")
    assert rows == [["guest", 3]]
    log.close()


def admin(where: str) -> str:
    return where.replace("postgresql://perilune@", "postgresql://postgres@")


def test_a_role_that_passes_over_security_is_refused(where: str, tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"'postgres' passes over row-level security.*NOSUPERUSER NOBYPASSRLS$"
    ):
        create_store(admin(where), files=tmp_path / "files")
    super_session = _admin_session(where)
    super_session.run("DROP ROLE IF EXISTS passing; CREATE ROLE passing LOGIN BYPASSRLS")
    with pytest.raises(StoreError, match="'passing' passes over row-level security"):
        open_store(where.replace("://perilune@", "://passing@"))
    super_session.run("DROP ROLE passing")
    super_session.close()


def _admin_session(where: str):  # type: ignore[no-untyped-def]
    from pg8000 import native

    found = address(where)
    return native.Connection(
        "postgres", database=found.database, unix_sock=f"{found.host}/.s.PGSQL.{found.port}"
    )


def test_a_store_of_the_first_version_is_carried_over(where: str) -> None:
    sessions = Sessions(address(where), 5.0)
    schema = address(where).schema
    sessions.run(f"CREATE SCHEMA {schema}")
    for statement in MIGRATIONS[0].statements("postgres"):
        sessions.run(statement)
    for tenant in ("guest", "house"):
        for entry in entries(Head(), 12, tenant):
            sessions.run(f"INSERT INTO entries VALUES ({', '.join(map(quoted, entry))})")  # type: ignore[arg-type]
    with pytest.raises(
        StoreError, match=r"older perilune \(tables 1, now 3\)\. Back it up, then run: perilune store"
    ):
        open_store(where)
    assert migrate_store(where) == 2
    assert migrate_store(where) == 0
    with open_store(where) as store:
        assert store.tenants == ("guest", "house")
        assert [(chain.entries, chain.fault) for chain in verify(store.log)] == [(12, ""), (12, "")]
        assert store.company("house").execute(party(99)).first_seq == 13
    sessions.close()


def test_a_newer_store_is_told(store: Store, where: str, sessions: Sessions) -> None:
    sessions.run("UPDATE settings SET value = '4' WHERE name = 'tables'")
    with pytest.raises(StoreError, match=r"newer perilune \(tables 4, known here 3\)"):
        open_store(where)


def test_a_lost_connection_is_replaced(store: Store, where: str) -> None:
    company = store.company("house")
    company.books()
    killer = _admin_session(where)
    killer.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'perilune'")
    assert company.execute(party(100)).last_seq == 4
    killer.close()


def test_a_connection_lost_in_the_middle_is_told_and_nothing_recorded(store: Store, where: str) -> None:
    company = store.company("house")
    killer = _admin_session(where)
    with (
        pytest.raises(StoreError, match=r"does not answer|is shutting down"),
        store.log.write("house", "books") as w,
    ):
        killer.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'perilune' AND state = 'idle in transaction'"
        )
        w.append(entries(w.head(), 1))
    assert company.books().seq == 3
    assert company.execute(party(100)).last_seq == 4
    killer.close()


def test_a_server_that_may_only_be_read_is_told_and_nothing_recorded(store: Store) -> None:
    store.log._sessions.run("SET default_transaction_read_only TO on")  # type: ignore[attr-defined]
    with pytest.raises(
        StoreError, match=r"may only be read\. Connect to the primary server\. Nothing of this was"
    ):
        store.company("house").execute(party(100))
    assert store.company("house").books().seq == 3


def test_a_file_folder_goes_with_the_store(store: Store, where: str, tmp_path: Path) -> None:
    assert store.files.folder == tmp_path / "files"
    digest = store.files.keep(b"abc")
    with open_store(where) as other:
        assert other.files.read(digest) == b"abc"


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"does not answer .*Check that it runs and can be reached\."
    ) as told:
        open_store(f"postgresql://anna:secret@/moon?host={tmp_path}")
    assert "secret" not in str(told.value)
    with pytest.raises(StoreError, match="does not answer"):
        open_store("postgresql://anna:secret@127.0.0.1:1/moon")


def test_a_missing_database_and_role_are_told() -> None:
    where = server()
    with pytest.raises(StoreError, match=r'has no such database \(database "mars" does not exist\)'):
        open_store(where.replace("/perilune?", "/mars?"))
    with pytest.raises(
        StoreError, match=r'refuses the user or the password \(role "nobody-known" does not exist\)'
    ):
        open_store(where.replace("://perilune@", "://nobody-known@"))


def test_a_commit_is_durable_whatever_the_servers_default(where: str) -> None:
    found = address(where)
    connection = connected(found, 5.0)
    assert connection.run("SHOW synchronous_commit") == [["on"]]
    connection.close()


def test_without_the_driver_the_extra_is_named(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(StoreError, match=re.escape("pip install 'perilune[postgres]'")):
        open_store(where)


# --- addresses, without a server ---


def test_an_address_is_read() -> None:
    assert address(
        "postgresql://a%40b:p%3Aw@db.example:5433/moon?schema=east&sslmode=verify-full"
    ) == Address("a@b", "p:w", "db.example", 5433, "moon", "east", "verify-full")
    assert address("postgresql://anna@/moon?host=/run/pg").host == "/run/pg"


@pytest.mark.parametrize(
    "text", ["postgresql://anna:secret@db", "postgresql://db/moon", "postgresql://anna:secret@db:port/moon"]
)
def test_an_address_with_something_missing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="postgresql://USER:PASSWORD@HOST:PORT/DATABASE") as told:
        address(text)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("schema=East%3B", "cannot name a schema"),
        ("sslmode=maybe", "sslmode 'maybe' is not known. There are: disable, require, verify-full"),
        ("color=red", "'color' is no option of a store's address"),
    ],
)
def test_an_option_that_is_not_known_is_refused(option: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        address(f"postgresql://anna@db/moon?{option}")


def test_an_address_is_told_without_its_password() -> None:
    for text in ("postgresql://anna:secret@db/moon", "postgresql://anna:secret@/moon?host=/run/pg"):
        told = str(address(text))
        assert "secret" not in told
        assert address(told) == Address(**{**_parts(address(text)), "password": ""})


def _parts(found: Address) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def test_a_text_with_nul_is_no_name() -> None:
    with pytest.raises(InputError, match="NUL"):
        quoted("a\0b")


def test_what_the_server_said_is_told_even_if_the_connection_broke_then() -> None:
    said = Exception({"C": "28000", "M": 'role "x" does not exist'})
    broken = Exception("network error")
    broken.__context__ = said
    assert _sentence(_first(broken), "").startswith(
        'refuses the user or the password (role "x" does not exist)'
    )
    assert _first(Exception("network error")).args == ("network error",)


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), content=st.binary())
@example(text="'; DROP TABLE entries; --", content=b"\\' --")
@example(text="\\'; SELECT 1; $$ :name %s", content=b"")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_quoted_comes_back(sessions: Sessions, text: str, content: bytes) -> None:
    assert sessions.run(f"SELECT {quoted(text)}::text, {quoted(content)}::bytea") == [[text, content]]
