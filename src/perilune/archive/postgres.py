"""The store on a server: PostgreSQL 15 or newer, each tenant's rows for its own transactions only.

A transaction says whose rows it works on, and row-level security shows it no others: not even the owner of
the tables sees more, so a forgotten condition cannot leak. The row of a chain's head is the writers' lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, final

from perilune.archive.address import Address, address
from perilune.archive.entry import Entry, Head
from perilune.archive.log import Snapshot, Writing, check_next
from perilune.archive.migrations import ahead, check_version
from perilune.archive.session import Sessions, Transaction, quoted, unpacked
from perilune.errors import StoreError

#: Entries fetched at once.
_PAGE: Final = 2000
#: The chains with their heads; one whose head was taken away is found by its entries (a jump a chain).
_CHAINS: Final = """
WITH RECURSIVE place (chain) AS (
    (SELECT chain FROM entries WHERE tenant = {tenant} ORDER BY chain LIMIT 1)
    UNION ALL
    SELECT (SELECT chain FROM entries WHERE tenant = {tenant} AND chain > place.chain ORDER BY chain LIMIT 1)
    FROM place WHERE place.chain IS NOT NULL
), known AS (
    SELECT chain FROM place WHERE chain IS NOT NULL UNION
    SELECT chain FROM heads WHERE tenant = {tenant} AND seq > 0
)
SELECT known.chain, heads.seq, heads.hash FROM known
LEFT JOIN heads ON heads.tenant = {tenant} AND heads.chain = known.chain ORDER BY known.chain COLLATE "C"
"""


@final
class PostgresLog:
    """Chains in one schema of a database; `patience_s` is how long a writer waits for another."""

    def __init__(self, where: Address, patience_s: float = 60.0) -> None:
        self._where, self._patience_s = where, patience_s
        self._sessions = Sessions(where, patience_s)
        try:
            check_version(str(where), version_of(self._sessions))
        except BaseException:
            self.close()
            raise

    def __reduce__(self) -> tuple[type[PostgresLog], tuple[Address, float]]:
        """Say how another process opens the same store."""
        return PostgresLog, (self._where, self._patience_s)

    def close(self) -> None:
        """Let go of the server."""
        self._sessions.close()

    def chains(self) -> Sequence[tuple[str, str, Head]]:
        """Return (tenant, chain, head) of every chain; each tenant's in a transaction of its own."""
        found = []
        for tenant in self.tenants():
            rows = self._asked(tenant, _CHAINS.format(tenant=quoted(tenant)))
            found += [(tenant, chain, Head(seq, digest) if seq else Head()) for chain, seq, digest in rows]
        return found

    def read(self, tenant: str, chain: str, after: int = 0) -> Iterator[Entry]:
        """Yield the entries after a place."""
        return _paged(lambda statement: self._asked(tenant, statement), tenant, chain, after)

    @contextmanager
    def write(self, tenant: str, chain: str) -> Iterator[Writing]:
        """Hold a chain for writing."""
        first = f"{_as(tenant)}; {_hold(tenant, chain)}"
        with self._sessions.transaction(first) as transaction:
            yield _Writing(transaction, tenant, chain, transaction.rows)

    @contextmanager
    def write_many(self) -> Iterator[Callable[[str, str], Writing]]:
        """Hold chains for writing, each when it is asked for."""
        with self._sessions.transaction("SELECT 1") as transaction:
            yield lambda tenant, chain: _Turned(transaction, tenant, chain)

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants, in order."""
        rows = self._sessions.run('SELECT name FROM tenants ORDER BY name COLLATE "C"')
        return tuple(name for (name,) in rows)

    def add_tenant(self, name: str) -> None:
        """Give a tenant a place in the store."""
        self._sessions.run(f"INSERT INTO tenants VALUES ({quoted(name)}) ON CONFLICT DO NOTHING")

    def setting(self, name: str) -> str:
        """Return a setting, "" if there is none."""
        rows = self._sessions.run(f"SELECT value FROM settings WHERE name = {quoted(name)}")
        return rows[0][0] if rows else ""

    def snapshot(self, tenant: str, chain: str) -> Snapshot | None:
        """Return the snapshot of a chain, or None."""
        rows = self._asked(
            tenant, f"SELECT seq, hash, version, body FROM snapshots WHERE {_of(tenant, chain)}"
        )
        return Snapshot(Head(rows[0][0], rows[0][1]), rows[0][2], rows[0][3]) if rows else None

    def keep_snapshot(self, tenant: str, chain: str, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the one before."""
        head = snapshot.head
        values = _row(tenant, chain, head.seq, head.hash, snapshot.version, snapshot.body)
        self._asked(
            tenant,
            f"INSERT INTO snapshots VALUES {values} ON CONFLICT (tenant, chain) DO UPDATE SET"
            " seq = excluded.seq, hash = excluded.hash, version = excluded.version, body = excluded.body",
        )

    def _asked(self, tenant: str, statement: str) -> list[Any]:
        """Return the rows of one statement, in a transaction of the tenant's."""
        return self._sessions.run(f"BEGIN; {_as(tenant)}; {statement}; COMMIT")


@final
class _Writing:
    def __init__(self, on: Transaction | _Turned, tenant: str, chain: str, rows: list[Any]) -> None:
        self._on, self._tenant, self._chain = on, tenant, chain
        self._end = Head(*(rows or self._begun())[0])

    def head(self) -> Head:
        return self._end

    def read(self, after: int) -> Iterator[Entry]:
        return _paged(self._on.run, self._tenant, self._chain, after)

    def append(self, entries: Sequence[Entry]) -> None:
        head = check_next(self._end, entries, self._tenant, self._chain)
        if head == self._end:
            return
        rows = ", ".join(_row(*entry) for entry in entries)
        self._on.later(
            f"INSERT INTO entries VALUES {rows};"
            f" UPDATE heads SET seq = {head.seq:d}, hash = {quoted(head.hash)}"
            f" WHERE {_of(self._tenant, self._chain)}"
        )
        self._end = head

    def _begun(self) -> list[Any]:
        tenant, chain = quoted(self._tenant), quoted(self._chain)
        return self._on.run(
            f"INSERT INTO tenants VALUES ({tenant}) ON CONFLICT DO NOTHING;"
            f" INSERT INTO heads VALUES ({tenant}, {chain}, 0, {quoted(Head().hash)}) ON CONFLICT DO NOTHING;"
            f" {_hold(self._tenant, self._chain)}"
        )


@final
class _Turned:
    """A chain among several: each use first turns the transaction to its tenant."""

    def __init__(self, transaction: Transaction, tenant: str, chain: str) -> None:
        self._transaction, self._turn = transaction, _as(tenant)
        self._writing = _Writing(self, tenant, chain, self.run(_hold(tenant, chain)))
        self.head, self.read, self.append = self._writing.head, self._writing.read, self._writing.append

    def run(self, statement: str) -> list[Any]:
        return self._transaction.run(f"{self._turn}; {statement}")

    def later(self, statement: str) -> None:
        self._transaction.later(f"{self._turn}; {statement}")


def _row(*values: str | int | bytes) -> str:
    return f"({', '.join(map(quoted, values))})"


def _as(tenant: str) -> str:
    return f"SET LOCAL perilune.tenant TO {quoted(tenant)}"


def _of(tenant: str, chain: str) -> str:
    return f"tenant = {quoted(tenant)} AND chain = {quoted(chain)}"


def _hold(tenant: str, chain: str) -> str:
    return f"SELECT seq, hash FROM heads WHERE {_of(tenant, chain)} FOR UPDATE"


def _paged(run: Callable[[str], list[Any]], tenant: str, chain: str, after: int) -> Iterator[Entry]:
    """Yield entries page by page; a page comes as one value, which costs far less than its rows would."""
    while True:
        ((packed,),) = run(
            "SELECT string_agg("
            "int8send(seq) || int4send(length(body)) || hash || body, ''::bytea ORDER BY seq)"
            f" FROM (SELECT seq, body, hash FROM entries WHERE {_of(tenant, chain)} AND seq > {after:d}"
            f" ORDER BY seq LIMIT {_PAGE}) AS page"
        )
        entries = [Entry(tenant, chain, *row) for row in unpacked(packed or b"")]
        yield from entries
        if len(entries) < _PAGE:
            return
        after = entries[-1].seq


def version_of(sessions: Sessions) -> int:
    """Return the version of a schema's tables; 0 if it has none."""
    ((entries, settings),) = sessions.run(
        "SELECT to_regclass('entries') IS NOT NULL, to_regclass('settings') IS NOT NULL"
    )
    if not settings:
        return 1 if entries else 0
    ((version,),) = sessions.run("SELECT value FROM settings WHERE name = 'tables'")
    return int(version)


def create(where: Address, files: str) -> None:
    """Make the tables of a new store. Raises `StoreError` if there are some already."""
    sessions = Sessions(where, 60.0)
    try:
        sessions.run(f"CREATE SCHEMA IF NOT EXISTS {where.schema}")
        if version_of(sessions):
            raise StoreError(f"{where} holds a store already. Open it, or name another schema.")
        _carry_over(sessions, f"INSERT INTO settings VALUES ('files', {quoted(files)})")
    finally:
        sessions.close()


def migrate(where: str) -> int:
    """Carry an older store to the tables of today; returns how many steps it took."""
    sessions = Sessions(address(where), 60.0)
    try:
        if not version_of(sessions):
            raise StoreError(f"There is no store at {sessions.where}. Make one with: perilune store create")
        return _carry_over(sessions)
    finally:
        sessions.close()


def _carry_over(sessions: Sessions, *more: str) -> int:
    """Run the missing steps in one transaction, one process at a time.

    A step that must see every tenant's rows has to lift FORCE ROW LEVEL SECURITY while it runs.
    """
    turn = f"SELECT pg_advisory_xact_lock(hashtext({quoted('perilune ' + sessions.where.schema)}))"
    with sessions.transaction(turn) as transaction:
        steps = ahead(version_of(sessions))
        for migration in steps:
            for statement in migration.statements("postgres"):
                transaction.run(statement)
        if steps:
            number = steps[-1].number
            transaction.run(
                f"INSERT INTO settings VALUES ('tables', '{number}')"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            )
        for statement in more:
            transaction.run(statement)
        return len(steps)
