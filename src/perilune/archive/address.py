"""Where a server's store is: the parts of "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?…"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from perilune.errors import InputError

_SCHEMA: Final = re.compile("[a-z_][a-z0-9_]{0,62}")
_OPTIONS: Final = ("host", "schema", "sslmode")
_TLS: Final = ("disable", "require", "verify-full")
_PORT: Final = 5432
_CURE: Final = "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """A store in a database: `schema` holds its tables; `host` beginning with "/" is the socket's folder."""

    user: str
    password: str
    host: str
    port: int
    database: str
    schema: str = "perilune"
    sslmode: str = "disable"

    def __str__(self) -> str:
        """Return the address without its password."""
        host, rest = (
            ("", f"host={self.host}&schema={self.schema}")
            if self.host.startswith("/")
            else (self.host, f"schema={self.schema}")
        )
        return f"postgresql://{self.user}@{host}:{self.port}/{self.database}?{rest}"


def address(text: str) -> Address:
    """Read an address. Raises `InputError` with the cure; a password is never repeated in it.

    >>> str(address("postgresql://anna:secret@db.example/moon"))
    'postgresql://anna@db.example:5432/moon?schema=perilune'
    """
    try:
        parts = urlsplit(text)
        port = parts.port or _PORT
    except ValueError:
        raise InputError(f"The store's address cannot be read. {_CURE}.") from None
    options = dict(parse_qsl(parts.query))
    database = unquote(parts.path.lstrip("/"))
    if not parts.username or not database:
        raise InputError(f"The store's address lacks the user or the database. {_CURE}.")
    for name in options:
        if name not in _OPTIONS:
            raise InputError(f"{name!r} is no option of a store's address. There are: {', '.join(_OPTIONS)}.")
    schema, sslmode = options.get("schema", "perilune"), options.get("sslmode", "disable")
    if not _SCHEMA.fullmatch(schema):
        raise InputError(f"{schema!r} cannot name a schema: use small letters, digits and underscores.")
    if sslmode not in _TLS:
        raise InputError(f"sslmode {sslmode!r} is not known. There are: {', '.join(_TLS)}.")
    host = options.get("host") or parts.hostname or "localhost"
    user, password = unquote(parts.username), unquote(parts.password or "")
    return Address(user, password, host, port, database, schema, sslmode)
