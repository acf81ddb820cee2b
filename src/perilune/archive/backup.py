"""A backup of a store while others write to it: a store of its own, as it stood at one moment."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from perilune.archive.files import FileStore, sync_folder
from perilune.archive.sqlite import SqliteLog
from perilune.archive.store import LOG, Store
from perilune.archive.transfer import Transferred, export_store
from perilune.errors import StoreError


def back_up(store: Store, target: Path) -> Transferred:
    """Back a store up into a new folder; returns what went there.

    The embedded store's backup is a store that can be opened at once; a server's is an export (`import`
    brings it into a new store). Raises `StoreError` if there is no room or the target exists.
    """
    log = store.log
    if not isinstance(log, SqliteLog):
        return export_store(store, target)
    if target.exists():
        raise StoreError(f"{target} exists already. Choose another name.")
    draft = target.with_name(f"{target.name}.draft-{secrets.token_hex(4)}")
    try:
        draft.mkdir(parents=True)
        log.copy_to(draft / LOG)
        # After the log: a file is kept before the event that names it.
        files = _copied(store.files, FileStore(draft / "files"))
        sync_folder(draft)
        draft.replace(target)
        sync_folder(target.parent)
    except OSError as cause:
        raise StoreError(
            f"{target} cannot be written: {cause.strerror}. Make room, or choose a folder you may write."
            " Nothing was left there."
        ) from cause
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _told(target, files)


def _copied(files: FileStore, target: FileStore) -> int:
    count = 0
    for digest in files.digests():
        if target.keep_pieces(files.pieces(digest)) != digest:
            files.check(digest)  # says what is wrong
        count += 1
    return count


def _told(target: Path, files: int) -> Transferred:
    log = SqliteLog(target / LOG)
    try:
        heads = log.chains()
        entries = sum(head.seq for _, _, head in heads)
        return Transferred(str(target), len(log.tenants()), len(heads), entries, files)
    finally:
        log.close()
