"""Everything in a store as plain files: a JSON line an entry, the kept files, a manifest of digests.

::

    manifest.json                what there is, with SHA-256 of each
    chains/TENANT/CHAIN.jsonl    {"hash":"…","body":[…]}, the body byte for byte
    files/ab/cdef…               the kept files

A bundle is a folder, or the same in a tar file. It is read only as its manifest says, and a path in it is
never followed: names are made from tenants, chains and digests.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perilune.archive.entry import Entry
from perilune.commerce.fields import LARGEST, Digest, Id
from perilune.errors import InputError, StoreError

MANIFEST: Final = "manifest.json"
_LONGEST_LINE: Final = 64 << 20  # bytes
_OPENING, _BETWEEN = b'{"hash":"', b'","body":'
_BODY_AT: Final = len(_OPENING) + 64 + len(_BETWEEN)


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChainTold(_Told):
    """A chain in a bundle: where it ends, and the digest of its lines."""

    tenant: Id
    chain: Id
    entries: Annotated[int, Field(ge=1, le=LARGEST)]
    hash: Digest
    sha256: Digest


class Manifest(_Told):
    """What a bundle holds."""

    format: Literal["perilune store"]
    version: Literal[1]
    tenants: tuple[Id, ...]
    chains: tuple[ChainTold, ...]
    files: tuple[Digest, ...]


#: Opens one of a bundle's files by its name.
Opener = Callable[[str], io.BufferedReader]


def name_of_chain(tenant: str, chain: str) -> str:
    """Return where a chain stands in a bundle."""
    return f"chains/{tenant}/{chain}.jsonl"


def name_of_file(digest: str) -> str:
    """Return where a kept file stands in a bundle."""
    return f"files/{digest[:2]}/{digest[2:]}"


def line(entry: Entry) -> bytes:
    """Return an entry as a line of JSON, its body byte for byte."""
    return b"".join((_OPENING, entry.hash.hex().encode(), _BETWEEN, entry.body, b"}\n"))


def entries_in(lines: Iterable[bytes], told: ChainTold) -> Iterator[Entry]:
    """Yield the entries in a chain's lines; raises `StoreError` if they are not those of the manifest."""
    digest = hashlib.sha256()
    for seq, text in enumerate(lines, 1):
        digest.update(text)
        fits = text.startswith(_OPENING) and text[_BODY_AT - len(_BETWEEN) : _BODY_AT] == _BETWEEN
        try:
            sealed = bytes.fromhex(text[len(_OPENING) : _BODY_AT - len(_BETWEEN)].decode("ascii"))
        except ValueError:
            fits = False
        if not fits or not text.endswith(b"}\n"):
            raise StoreError(f"Line {seq} of {name_of_chain(told.tenant, told.chain)} is no entry. {CURE}")
        yield Entry(told.tenant, told.chain, seq, text[_BODY_AT:-2], sealed)
    if digest.hexdigest() != told.sha256:
        raise StoreError(f"{name_of_chain(told.tenant, told.chain)} is not what the manifest says. {CURE}")


#: What to do about a bundle that is not whole.
CURE: Final = "Nothing was written. Export the store again, or get an unchanged copy."


def manifest_in(opener: Opener, where: Path) -> Manifest:
    """Return a bundle's manifest. Raises `InputError` if there is none, `StoreError` if it is damaged."""
    try:
        with opener(MANIFEST) as source:
            return Manifest.model_validate_json(source.read(_LONGEST_LINE))
    except ValidationError as cause:
        fault = cause.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise StoreError(f"{where}: {MANIFEST}: {place}: {fault['msg']}. {CURE}") from None
    except StoreError:
        raise InputError(f"{where} is no export of a store: it holds no {MANIFEST}.") from None


@contextmanager
def opened(where: Path) -> Iterator[Opener]:
    """Open a bundle, folder or tar file; yields what opens its files by name."""
    if where.is_dir():
        yield lambda name: _from_folder(where, name)
        return
    try:
        with tarfile.open(where) as tar:
            yield lambda name: _from_tar(tar, where, name)
    except FileNotFoundError:
        raise InputError(f"There is no {where}. Give the folder or tar file that was exported.") from None
    except tarfile.ReadError:
        raise StoreError(f"{where} cannot be read: it is no tar file, or a torn one. {CURE}") from None
    except (tarfile.TarError, zlib.error, lzma.LZMAError, RecursionError, EOFError, OSError) as cause:
        raise StoreError(f"{where} cannot be read: {cause}. {CURE}") from cause


def _from_folder(where: Path, name: str) -> io.BufferedReader:
    try:
        return (where / name).open("rb")
    except OSError as cause:
        raise StoreError(f"{where}: {name} cannot be read: {cause.strerror}. {CURE}") from cause


def _from_tar(tar: tarfile.TarFile, where: Path, name: str) -> io.BufferedReader:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise StoreError(f"{where}: there is no file {name} in it. {CURE}")
    return cast(io.BufferedReader, found)


def lines_in(source: io.BufferedReader) -> Iterator[bytes]:
    """Yield the lines of a file, none longer than an entry may be."""
    while text := source.readline(_LONGEST_LINE):
        yield text
