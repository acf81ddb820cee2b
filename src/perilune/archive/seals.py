"""Whether entries are what was written: sealed, without gap, in their time, of kinds that are understood.

What is checked stands in the entries themselves: an honest chain passes on any store, and the first place
that was changed, cut, put in or moved is told in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from pydantic_core import from_json

from perilune.archive.audit import AUDIT
from perilune.archive.entry import Entry, Head, hash_of
from perilune.commerce import registry
from perilune.commerce.fields import LARGEST
from perilune.errors import StoreError

_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_PARTS: Final = 11  # what a body holds (`entry.seal`)
_RECEIPT: Final = {"request", "digest", "answer"}
#: An integer beyond 64 bits has 19 digits or more: digits are read as 0, what stands before a number as 1.
_DIGITS: Final = bytes(
    48 if chr(code).isdigit() and code < 128 else 49 if chr(code) in "[:,-" else 32 for code in range(256)
)
_MANY_DIGITS: Final = b"1" + b"0" * 19
_PAGE: Final = 100  # entries looked at together; more would keep the garbage collector busy
_AUDITED: Final = "audit."  # begins the kinds of the audit chain
#: What to do about a store that does not hold.
CURE: Final = "Restore a backup."


def check_head(tenant: str, chain: str, found: Head, head: Head, cure: str = CURE) -> None:
    """Raise `StoreError` unless a chain ends where its head says."""
    if found != head:
        raise StoreError(
            f"Chain {chain!r} of {tenant!r} ends at entry {found.seq}, but its head is entry {head.seq}:"
            f" its end was cut or changed. {cure}"
        )


def passed(
    entries: Iterable[Entry], tenant: str, chain: str, cure: str = CURE, after: Entry | None = None
) -> Iterator[tuple[list[Entry], set[str]]]:
    """Yield the entries of a chain in pages, from its first or those after one, with the files they name.

    Raises `StoreError` at the first entry that does not hold, after those before it. A page is looked at as
    a whole; only where that shows a fault, or a file is named, are its entries looked at one by one.
    """
    before, at = (Head(), "") if after is None else (after.head, _at(after))
    entries = iter(entries)
    while page := list(islice(entries, _PAGE)):
        if _holds(page, before, at, tenant, chain):
            yield page, set()
        else:
            yield from _good(page, _one_by_one(page, before, at, tenant, chain, cure))
        before, at = page[-1].head, _at(page[-1])


def _at(entry: Entry) -> str:
    """Return when an entry says it was recorded; "" if it does not, which is told where it is checked."""
    try:
        at = from_json(entry.body)[3]
    except (ValueError, TypeError, LookupError):
        return ""
    return at if isinstance(at, str) else ""


def _good(page: list[Entry], named: Iterator[tuple[str, ...]]) -> Iterator[tuple[list[Entry], set[str]]]:
    """Yield what of a page holds, then raise what is wrong with the rest."""
    count, digests = 0, set[str]()
    try:
        for count, found in enumerate(named, 1):  # noqa: B007
            digests.update(found)
    except StoreError:
        if count:
            yield page[:count], digests
        raise
    yield page, digests


def _holds(page: list[Entry], before: Head, at: str, tenant: str, chain: str) -> bool:
    """Tell quickly whether a page is without fault and names no file; False may also be a false alarm."""
    seqs, bodies = [entry.seq for entry in page], [entry.body for entry in page]
    hashes = [entry.hash for entry in page]
    try:
        if [
            sha256(seal + body).digest() for seal, body in zip([before.hash, *hashes], bodies, strict=False)
        ] != hashes:
            return False
        together = b"[" + b",".join(bodies) + b"]"
        parsed = from_json(together, allow_inf_nan=False, cache_strings="keys")
        return (
            seqs == list(range(before.seq + 1, before.seq + 1 + len(page)))
            and _MANY_DIGITS not in together.translate(_DIGITS)
            and set(map(len, parsed)) == {_PARTS}
            and _fits(parsed, seqs, tenant, chain, at)
        )
    except (ValueError, TypeError, AttributeError):
        return False


def _fits(parsed: list[list[Any]], seqs: list[int], tenant: str, chain: str, at: str) -> bool:
    times, kinds = [parts[3] for parts in parsed], {parts[8] for parts in parsed}
    return (
        [parts[0] for parts in parsed] == seqs
        and {parts[1] for parts in parsed} == {tenant}
        and {parts[2] for parts in parsed} == {chain}
        and at <= times[0]
        and times == sorted(times)
        and all(map(_AT.fullmatch, times))
        and all(map(_known(chain), kinds))
        and registry.FILES.keys().isdisjoint(kinds)
        and {type(parts[9]) for parts in parsed} == {dict}
        and all(receipt is None or receipt.keys() == _RECEIPT for receipt in (parts[10] for parts in parsed))
    )


def _one_by_one(
    page: list[Entry], before: Head, at: str, tenant: str, chain: str, cure: str
) -> Iterator[tuple[str, ...]]:
    """Yield the digests that each entry names; raises `StoreError` at the first that does not hold."""
    known, named = _known(chain), registry.FILES
    for entry in page:
        _, _, seq, body, digest = entry
        if seq != before.seq + 1 or type(body) is not bytes or hash_of(before.hash, body) != digest:
            raise _wrong(entry, cure, _unsealed(seq, before.seq + 1))
        parts = _parts(entry, cure)
        if parts[:3] != [seq, tenant, chain]:
            said = f"entry {parts[0]} of chain {parts[2]!r} of {parts[1]!r}"
            raise _wrong(entry, cure, f"says itself that it is {said}")
        if not at <= parts[3]:
            raise _wrong(entry, cure, f"was recorded at {parts[3]}, before the one before it ({at})")
        kind = parts[8]
        if not known(kind):
            raise _wrong(entry, cure, f"is of the kind {kind!r}, which this version does not know")
        before, at = entry.head, parts[3]
        yield _files(entry, cure, parts[9], named[kind]) if kind in named else ()


def _known(chain: str) -> Callable[[str], bool]:
    if chain == AUDIT:
        return lambda kind: kind.startswith(_AUDITED)
    return registry.KINDS.__contains__


def _unsealed(seq: int, count: int) -> str:
    if seq != count:
        return f"stands where entry {count} is due: entries are missing or moved"
    return "was changed: its hash is not that of its body and the entry before"


def _parts(entry: Entry, cure: str) -> list[Any]:
    try:
        parts = from_json(entry.body, allow_inf_nan=False)
    except ValueError as cause:
        raise _wrong(entry, cure, f"is not JSON ({cause})") from cause
    if type(parts) is not list or len(parts) != _PARTS or not _shaped(parts):
        raise _wrong(entry, cure, "has not the shape of an entry")
    if _MANY_DIGITS in entry.body.translate(_DIGITS) and _is_beyond(parts):
        raise _wrong(entry, cure, "holds an integer beyond 64 bits")
    return parts


def _shaped(parts: list[Any]) -> bool:
    at, kind, data, receipt = parts[3], parts[8], parts[9], parts[10]
    return (
        type(at) is str
        and _AT.fullmatch(at) is not None
        and type(kind) is str
        and type(data) is dict
        and (receipt is None or (type(receipt) is dict and receipt.keys() == _RECEIPT))
    )


def _is_beyond(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_beyond(part) for part in value.values())
    if isinstance(value, list):
        return any(_is_beyond(part) for part in value)
    return isinstance(value, int) and abs(value) > LARGEST


def _files(entry: Entry, cure: str, data: Any, named: Callable[[Any], Iterable[str]]) -> tuple[str, ...]:
    try:
        return tuple(named(data))
    except (LookupError, TypeError, AttributeError) as cause:
        raise _wrong(entry, cure, f"does not say which files it names ({cause!r})") from cause


def _wrong(entry: Entry, cure: str, what: str) -> StoreError:
    return StoreError(f"Entry {entry.seq} of chain {entry.chain!r} of {entry.tenant!r} {what}. {cure}")
