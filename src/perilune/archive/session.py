"""Sessions with a PostgreSQL server: connections used one thread at a time, and what the server says.

Statements go as plain text with quoted values: several make one round trip.
"""

from __future__ import annotations

import os
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, final

from perilune.archive.address import Address
from perilune.errors import InputError, StoreError

_OLDEST: Final = 150_000  # server_version_num of PostgreSQL 15
_RECORD: Final = struct.Struct(">qi32s")  # of a packed page: seq, length of the body, hash
_UNCERTAIN: Final = "Whether this was recorded is not known: send it again with the same request id."
_NOTHING: Final = "Nothing of this was recorded."

#: SQLSTATE, or its class -> what happened and the cure.
_SAID: Final = {
    "28": "refuses the user or the password ({said}). Correct them in the store's address.",
    "3D": "has no such database ({said}). Create it, or correct the store's address.",
    "42501": "refuses a right: {said}. Let the store's user own the database (ALTER DATABASE … OWNER TO …).",
    "53100": f"has a full disk. Make room on the server and try again. {_NOTHING}",
    "53300": "has no connection left. Raise max_connections, or run fewer processes.",
    "55P03": f"waited too long: another process holds this chain. End it, then try again. {_NOTHING}",
    "25006": f"may only be read. Connect to the primary server. {_NOTHING}",
    "23": f"refuses: {{said}}. {_NOTHING}",
    "57": "is shutting down or starting ({said}). Try again in a moment.",
}

#: Connections of a parent process: never used and never closed, for the parent goes on with them.
_LEFT_BEHIND: Final[list[Any]] = []

Run = Callable[[str], list[Any]]


@final
class Transaction:
    """A transaction under way; `rows` are those of its first statement."""

    def __init__(self, told: Run, rows: list[Any]) -> None:
        self._told, self.rows = told, rows
        self._due: list[str] = []

    def run(self, statement: str) -> list[Any]:
        """Return the rows of a statement, after all that is due."""
        self._due.append(statement)
        due, self._due = "; ".join(self._due), []
        return self._told(due)

    def later(self, statement: str) -> None:
        """Have a statement without rows run with the next one, or with the commit: a round trip less."""
        self._due.append(statement)

    def ending(self) -> str:
        """Return what is due, and the commit."""
        return "; ".join([*self._due, "COMMIT"])


@final
class Sessions:
    """Connections to one schema of a database, opened as they are needed; threads may share them."""

    def __init__(self, where: Address, patience_s: float) -> None:
        self.where, self._patience_s = where, patience_s
        self._idle: list[Any] = []
        self._process = os.getpid()

    def close(self) -> None:
        """Close every connection."""
        while (connection := self._resting()) is not None:
            _drop(connection)

    def run(self, statement: str) -> list[Any]:
        """Return the rows of a statement (of all of them, if there are several)."""
        connection, rows = self._started(statement)
        self._idle.append(connection)
        return rows

    @contextmanager
    def transaction(self, first: str) -> Iterator[Transaction]:
        """Begin with a statement; what follows is committed at the end of the block."""
        connection, rows = self._started(f"BEGIN ISOLATION LEVEL READ COMMITTED; {first}")
        transaction = Transaction(lambda statement: self._told(connection, statement), rows)
        try:
            yield transaction
            self._told(connection, transaction.ending(), _UNCERTAIN)
        except Exception:
            self._back(connection)
            raise
        except BaseException:
            _drop(connection)  # interrupted anywhere: the server rolls back what it loses sight of
            raise
        self._idle.append(connection)

    def _started(self, statement: str) -> tuple[Any, list[Any]]:
        """Return a connection on which a statement was run; one that died while idle is replaced."""
        if self._process != os.getpid():
            _LEFT_BEHIND.extend(self._idle)
            self._process, self._idle = os.getpid(), []
        while (connection := self._resting()) is not None:
            try:
                return connection, connection.run(statement) or []
            except _broken() as cause:
                if not _is_dead(cause):
                    self._back(connection)
                    raise self._error(cause, "") from cause
                _drop(connection)
        connection = connected(self.where, self._patience_s)
        try:
            return connection, self._told(connection, statement)
        except BaseException:
            self._back(connection)
            raise

    def _resting(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _back(self, connection: Any) -> None:
        """Take back a connection after an error: with its transaction rolled back, or not at all."""
        try:
            connection.run("ROLLBACK")
        except _broken():
            _drop(connection)
        else:
            self._idle.append(connection)

    def _told(self, connection: Any, statement: str, lost: str = _NOTHING) -> list[Any]:
        try:
            return connection.run(statement) or []
        except _broken() as cause:
            raise self._error(cause, lost) from cause

    def _error(self, cause: BaseException, lost: str) -> StoreError:
        return StoreError(f"{self.where}: {_sentence(cause, lost)}")


def connected(where: Address, patience_s: float) -> Any:
    """Return a connection whose commits are durable and whose role sees one tenant at a time."""
    native = _driver()
    socket = f"{where.host}/.s.PGSQL.{where.port}" if where.host.startswith("/") else None
    try:
        connection = native.Connection(
            where.user,
            host=where.host,
            port=where.port,
            database=where.database,
            password=where.password or None,
            unix_sock=socket,
            ssl_context=_tls(where.sslmode),
            application_name="perilune",
        )
    except _broken() as cause:
        raise StoreError(f"{where}: the server {_sentence(_first(cause), '')}") from cause
    try:
        connection.run(
            f"SET search_path TO {where.schema}; SET synchronous_commit TO on;"
            f" SET lock_timeout TO {round(patience_s * 1000)}; SET standard_conforming_strings TO on"
        )
        _check_server(connection, where)
    except BaseException:
        _drop(connection)
        raise
    return connection


def _check_server(connection: Any, where: Address) -> None:
    ((version, fsync, mighty),) = connection.run(
        "SELECT current_setting('server_version_num')::int, current_setting('fsync'),"
        " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
    )
    if version < _OLDEST:
        raise StoreError(f"{where}: the server is PostgreSQL {version // 10_000}. Use version 15 or newer.")
    if fsync != "on":
        raise StoreError(
            f"{where}: the server acknowledges what is not on its disk. Set fsync = on in postgresql.conf."
        )
    if mighty:
        raise StoreError(
            f"{where}: the role {where.user!r} passes over row-level security: it would see every tenant."
            " Use a role of its own: CREATE ROLE perilune LOGIN NOSUPERUSER NOBYPASSRLS"
        )


def _driver() -> Any:
    try:
        from pg8000 import native
    except ImportError:
        raise StoreError(
            "A store on PostgreSQL needs one package more: pip install 'perilune[postgres]'"
        ) from None
    return native


def _tls(sslmode: str) -> ssl.SSLContext | None:
    if sslmode == "disable":
        return None
    context = ssl.create_default_context()
    if sslmode == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _broken() -> tuple[type[BaseException], ...]:
    native = _driver()
    return (native.Error, OSError, struct.error)


def _state(cause: BaseException) -> str:
    told = cause.args[0] if cause.args else ""
    return str(told.get("C", "")) if isinstance(told, dict) else ""


def _first(cause: BaseException) -> BaseException:
    """Return what the server said, where the driver then failed to close what the server had closed."""
    seen: BaseException | None = cause
    while seen is not None:
        if _state(seen):
            return seen
        seen = seen.__context__
    return cause


def _is_dead(cause: BaseException) -> bool:
    """Tell whether a connection is lost, rather than a statement refused."""
    return not _state(cause) or _state(cause).startswith(("57P", "08"))


def _sentence(cause: BaseException, lost: str) -> str:
    state = _state(cause)
    if not state:
        return f"does not answer ({cause}). Check that it runs and can be reached. {lost}".rstrip()
    told = _SAID.get(state) or _SAID.get(state[:2]) or f"refuses: {{said}}. {lost}"
    return told.format(said=cause.args[0].get("M", "")).rstrip()


def _drop(connection: Any) -> None:
    with suppress(*_broken()):
        connection.close()


def quoted(value: str | int | bytes) -> str:
    r"""Return a value as it stands in a statement.

    >>> quoted("it's"), quoted(b"\x01\xff"), quoted(7)
    ("'it''s'", "'\\x01ff'", '7')
    """
    if isinstance(value, str):
        if "\0" in value:
            raise InputError("A name or setting of a store holds the character NUL. Leave it out.")
        return "'" + value.replace("'", "''") + "'"
    return f"'\\x{value.hex()}'" if isinstance(value, bytes) else f"{value:d}"


def unpacked(packed: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (seq, body, hash) of the entries of a packed page."""
    at, end = 0, len(packed)
    while at < end:
        seq, length, digest = _RECORD.unpack_from(packed, at)
        at += _RECORD.size
        yield seq, packed[at : at + length], digest
        at += length
