"""Export of everything in a store, and import of what was exported, checked before anything is written."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from perilune.archive import bundle
from perilune.archive.bundle import CURE, ChainTold, Manifest, Opener
from perilune.archive.company import CHAIN
from perilune.archive.entry import Entry, Head
from perilune.archive.files import FileStore, pieces, sync_folder
from perilune.archive.log import Writing
from perilune.archive.projection import take
from perilune.archive.seals import check_head, passed
from perilune.archive.store import Store
from perilune.commerce.books import Books
from perilune.errors import InputError, StoreError

#: Entries recorded at once.
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Transferred:
    """What went out or came in."""

    where: str
    tenants: int
    chains: int
    entries: int
    files: int


def export_store(store: Store, target: Path) -> Transferred:
    """Write everything in a store to a folder, or a tar file if the name ends so; others may write on.

    Every chain is written as it stands at one moment. Raises `StoreError` if a kept file is damaged, if
    there is no room, or if the target exists.
    """
    if target.exists():
        raise StoreError(f"{target} exists already. Choose another name.")
    draft = target.with_name(f"{target.name}.draft-{secrets.token_hex(4)}")
    try:
        with _room(target):
            draft.mkdir(parents=True)
            manifest = _written(store, draft)
            if target.suffix == ".tar" or target.name.endswith(".tar.gz"):
                _packed(draft, target)
            else:
                draft.replace(target)
                sync_folder(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _told(str(target), manifest)


def import_store(store: Store, source: Path) -> Transferred:
    """Bring what was exported into a store that has none of its chains yet.

    Everything is checked first: digests, seals, order, kinds, files, and that books follow from the events.
    What does not hold is refused as `StoreError`, with nothing written.
    """
    with bundle.opened(source) as opener:
        manifest = bundle.manifest_in(opener, source)
        _check(opener, manifest)
        _check_room(store, manifest)
        kept: list[str] = []
        try:
            for digest in manifest.files:
                if digest not in store.files:
                    kept.append(digest)
                    with opener(bundle.name_of_file(digest)) as content:
                        store.files.keep_pieces(pieces(content))
            _record(store, opener, manifest)
        except BaseException:
            for digest in kept:
                store.files.path(digest).unlink(missing_ok=True)
            raise
    return _told(store.where, manifest)


def _written(store: Store, folder: Path) -> Manifest:
    chains = tuple(_chain_written(store, folder, *chain) for chain in store.log.chains())
    files = tuple(_file_written(store.files, folder, digest) for digest in store.files.digests())
    manifest = Manifest(format="perilune store", version=1, tenants=store.tenants, chains=chains, files=files)
    _put(folder / bundle.MANIFEST, iter([manifest.model_dump_json(indent=2).encode() + b"\n"]))
    return manifest


def _chain_written(store: Store, folder: Path, tenant: str, chain: str, head: Head) -> ChainTold:
    at = Head()

    def lines() -> Iterator[bytes]:
        nonlocal at
        for entry in takewhile(lambda entry: entry.seq <= head.seq, store.log.read(tenant, chain)):
            yield bundle.line(entry)
            at = entry.head

    try:
        digest = _put(folder / bundle.name_of_chain(tenant, chain), lines())
        told = ChainTold(tenant=tenant, chain=chain, entries=head.seq, hash=head.hash.hex(), sha256=digest)
    except (TypeError, AttributeError, ValidationError):
        raise StoreError(
            f"Chain {chain!r} of {tenant!r} holds what is no entry: `perilune store verify` says where."
            " Restore a backup."
        ) from None
    check_head(tenant, chain, at, head)  # what was cut could not be imported again
    return told


def _file_written(files: FileStore, folder: Path, digest: str) -> str:
    if _put(folder / bundle.name_of_file(digest), files.pieces(digest)) != digest:
        files.check(digest)  # says what is wrong
    return digest


def _put(path: Path, pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        for piece in pieces:
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _packed(folder: Path, target: Path) -> None:
    draft = target.with_name(f"{folder.name}.tar")
    try:
        with tarfile.open(draft, "w:gz" if target.suffix == ".gz" else "w") as tar:
            # The manifest first: whoever reads a stream knows at once what is to come.
            for path in sorted(folder.rglob("*"), key=lambda path: (path.name != bundle.MANIFEST, path)):
                if path.is_file():
                    tar.add(path, str(path.relative_to(folder)))
        with draft.open("rb") as packed:
            os.fsync(packed.fileno())
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _room(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise StoreError(
            f"{target} cannot be written: {cause.strerror}. Make room, or choose a folder you may write."
            " Nothing was left there."
        ) from cause


def _check(opener: Opener, manifest: Manifest) -> None:
    """Raise `StoreError` at the first place where a bundle does not hold."""
    places = [(told.tenant, told.chain) for told in manifest.chains]
    if len(set(places)) != len(places):
        raise StoreError(f"The manifest names a chain twice. {CURE}")
    named = set[str]()
    for told in manifest.chains:
        named |= _check_chain(opener, told)
    for digest in manifest.files:
        with opener(bundle.name_of_file(digest)) as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                raise StoreError(f"{bundle.name_of_file(digest)} is not what its name says. {CURE}")
    for digest in sorted(named - set(manifest.files)):
        raise StoreError(f"An event names the file {digest}, which is not in the export. {CURE}")


def _check_chain(opener: Opener, told: ChainTold) -> set[str]:
    named, at = set[str](), Head()

    def sound() -> Iterator[Entry]:
        nonlocal at
        with opener(bundle.name_of_chain(told.tenant, told.chain)) as source:
            entries = bundle.entries_in(bundle.lines_in(source), told)
            for page, digests in passed(entries, told.tenant, told.chain, CURE):
                named.update(digests)
                at = page[-1].head
                yield from page

    if told.chain == CHAIN:
        _projected(sound(), told)
    else:
        for _ in sound():
            pass
    check_head(told.tenant, told.chain, at, _head(told), CURE)
    return named


def _projected(entries: Iterator[Entry], told: ChainTold) -> None:
    try:
        take(Books(), Head(), entries)
    except StoreError:
        raise
    except (InputError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as cause:
        raise StoreError(
            f"The events of {told.tenant!r} make no books ({type(cause).__name__}: {cause}). {CURE}"
        ) from cause


def _check_room(store: Store, manifest: Manifest) -> None:
    taken = {(tenant, chain): head for tenant, chain, head in store.log.chains()}
    for told in manifest.chains:
        if (told.tenant, told.chain) in taken:
            raise StoreError(
                f"{store.where} has {taken[told.tenant, told.chain].seq} entries of {told.tenant!r} in chain"
                f" {told.chain!r} already. Import into a new store. Nothing was written."
            )


def _record(store: Store, opener: Opener, manifest: Manifest) -> None:
    with store.log.write_many() as on:
        for told in sorted(manifest.chains, key=lambda told: (told.tenant, told.chain)):
            _record_chain(on, opener, told)
    for tenant in manifest.tenants:
        store.add_tenant(tenant)


def _record_chain(on: Callable[[str, str], Writing], opener: Opener, told: ChainTold) -> None:
    writing = on(told.tenant, told.chain)
    with opener(bundle.name_of_chain(told.tenant, told.chain)) as source:
        entries = bundle.entries_in(bundle.lines_in(source), told)
        while page := tuple(islice(entries, _AT_ONCE)):
            writing.append(page)
    check_head(told.tenant, told.chain, writing.head(), _head(told), CURE)


def _head(told: ChainTold) -> Head:
    return Head(told.entries, bytes.fromhex(told.hash))


def _told(where: str, manifest: Manifest) -> Transferred:
    entries = sum(told.entries for told in manifest.chains)
    return Transferred(where, len(manifest.tenants), len(manifest.chains), entries, len(manifest.files))
