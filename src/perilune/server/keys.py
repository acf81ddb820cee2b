"""Secrets of the service: made here, shown once, kept nowhere but as a digest in the books."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from perilune.commerce.access.state import Key
from perilune.commerce.books import Books


@dataclass(frozen=True, slots=True)
class Presented:
    """A key as presented: whose books, which key, and its secret."""

    tenant: str
    id: str
    secret: str


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def written(tenant: str, key: str, secret: str) -> str:
    """Return a key as its holder keeps it."""
    return f"{tenant}:{key}:{secret}"


def digest_of(secret: str) -> str:
    """Return what the books hold of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read(header: str) -> Presented | None:
    """Return the key in an `Authorization: Bearer` header, or None."""
    kind, _, given = header.partition(" ")
    parts = given.strip().split(":")
    if kind.lower() != "bearer" or len(parts) != 3 or not all(parts):
        return None
    return Presented(*parts)


def valid(books: Books, presented: Presented, day: str) -> Key | None:
    """Return the key that was presented, if its secret is right and it is neither revoked nor expired."""
    key = books.access.keys.get(presented.id)
    if key is None or not hmac.compare_digest(key.digest, digest_of(presented.secret)):
        return None
    if key.revoked_on or (key.expires_on and key.expires_on < day):
        return None
    return key
