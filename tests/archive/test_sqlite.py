"""What a file can meet: no room, no right, no store, an older store, a stranger's hold."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import entries, made, party, put

from perilune.archive import sqlite_file
from perilune.archive.entry import Head
from perilune.archive.migrations import CURRENT, MIGRATIONS, check_version
from perilune.archive.sqlite import SqliteLog
from perilune.archive.store import Store, create_store, migrate_store, open_store
from perilune.archive.verify import verify
from perilune.errors import StoreError

NOBODY = 65534


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with made(str(tmp_path / "s"), tmp_path) as opened:
        yield opened


def test_a_commit_waits_for_the_disk(store: Store) -> None:
    put(store, entries(Head(), 1))
    db = store.log._open  # type: ignore[attr-defined]
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_entry_is_not_replaced_either(store: Store, tmp_path: Path) -> None:
    put(store, entries(Head(), 2))
    with sqlite3.connect(tmp_path / "s" / "log.sqlite") as raw:
        for refused in ("INSERT OR REPLACE INTO entries VALUES ('house', 'books', 1, x'', x'')",):
            with pytest.raises(sqlite3.IntegrityError, match="follows the last one"):
                raw.execute(refused)
    raw.close()


@pytest.mark.parametrize("content", [b"no database at all, but a text that is long enough" * 50, b"short"])
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "log.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"is not a store: it is no SQLite file\. Give"):
        open_store(tmp_path / "s")
    assert (tmp_path / "s" / "log.sqlite").read_bytes() == content


def test_a_strangers_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    raw = sqlite3.connect(tmp_path / "s" / "log.sqlite")
    raw.execute("CREATE TABLE birds (name TEXT)")
    raw.commit()
    raw.close()
    before = (tmp_path / "s" / "log.sqlite").read_bytes()
    for attempt in (open_store, migrate_store):
        with pytest.raises(StoreError, match="but no store of perilune"):
            attempt(tmp_path / "s")
    assert (tmp_path / "s" / "log.sqlite").read_bytes() == before


def test_a_damaged_file_is_told(store: Store, tmp_path: Path) -> None:
    put(store, entries(Head(), 500))
    store.close()
    path = tmp_path / "s" / "log.sqlite"
    content = bytearray(path.read_bytes())
    content[4096 * 3 :: 7] = b"\xff" * len(content[4096 * 3 :: 7])
    path.write_bytes(content)
    with (
        pytest.raises(StoreError, match=r"is damaged .* restore the latest backup"),
        open_store(tmp_path / "s") as s,
    ):
        verify(s.log)
        list(s.log.read("house", "books"))


def test_a_newer_store_is_told(store: Store, tmp_path: Path) -> None:
    store.close()
    raw = sqlite3.connect(tmp_path / "s" / "log.sqlite")
    raw.execute(f"PRAGMA user_version={CURRENT + 1}")
    raw.close()
    with pytest.raises(StoreError, match=r"newer perilune \(tables 4, known here 3\)\. Update perilune\."):
        open_store(tmp_path / "s")


def version_1(folder: Path, count: int) -> None:
    """Make a store as the first version made it: one table, no mark, no version."""
    folder.mkdir()
    raw = sqlite3.connect(folder / "log.sqlite")
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute(
        "CREATE TABLE IF NOT EXISTS entries ("
        " tenant TEXT NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,"
        " hash BLOB NOT NULL,"
        " PRIMARY KEY (tenant, chain, seq)) WITHOUT ROWID"
    )
    for tenant in ("guest", "house"):
        raw.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", entries(Head(), count, tenant))
    raw.commit()
    raw.close()


def test_a_store_of_the_first_version_is_carried_over(tmp_path: Path) -> None:
    version_1(tmp_path / "s", 12)
    with pytest.raises(
        StoreError, match=r"older perilune \(tables 1, now 3\)\. Back it up, then run: perilune store"
    ):
        open_store(tmp_path / "s")
    assert migrate_store(tmp_path / "s") == 2
    assert migrate_store(tmp_path / "s") == 0
    with open_store(tmp_path / "s") as store:
        assert store.tenants == ("guest", "house")
        assert [(chain.entries, chain.fault) for chain in verify(store.log)] == [(12, ""), (12, "")]
        assert store.company("house").execute(party(99)).first_seq == 13
        assert len(store.company("guest").rows("party list")) == 12


def test_a_store_stays_as_it_was_when_a_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version_1(tmp_path / "s", 1)
    wrong = MIGRATIONS[2].__class__(
        3, "wrong", (MIGRATIONS[2].steps[0].__class__("CREATE TABLE entries (a)"),)
    )
    with monkeypatch.context() as patch:
        patch.setattr("perilune.archive.migrations.MIGRATIONS", (*MIGRATIONS[:2], wrong))
        with pytest.raises(StoreError, match="entries already exists"):
            migrate_store(tmp_path / "s")
    assert migrate_store(tmp_path / "s") == 2


def test_versions_are_numbered_without_gap() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, CURRENT + 1))
    check_version("here", CURRENT)


def test_a_strangers_hold_on_the_file_is_told(store: Store, tmp_path: Path) -> None:
    put(store, entries(Head(), 1))
    log = SqliteLog(tmp_path / "s" / "log.sqlite", 0.1)
    raw = sqlite3.connect(tmp_path / "s" / "log.sqlite", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(
            StoreError, match=r"another program holds it\. Close that program.*Nothing of this was"
        ),
        log.write("house", "books"),
    ):
        pass
    assert sum(1 for _ in log.read("house", "books")) == 1  # reading goes on
    raw.close()
    log.close()


def test_a_full_file_ends_in_a_sentence_and_nothing_half_done(store: Store) -> None:
    company = store.company("house")
    company.execute(party(0))
    db = store.log._open  # type: ignore[attr-defined]
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(
        StoreError, match=r"the disk is full\. Make room and try again\. Nothing of this was recorded"
    ):
        company.execute_all([party(number) for number in range(1, 200)])
    assert [chain.entries for chain in verify(store.log)] == [1]
    assert len(company.rows("party list")) == 1
    db.execute("PRAGMA max_page_count=1000000")
    assert company.execute(party(1)).first_seq == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_ends_in_a_sentence_and_nothing_half_done(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted: {mounted.stderr.decode().strip()}")
    try:
        acknowledged = 0
        with create_store(disk / "s") as store:
            company = store.company("house")
            with pytest.raises(StoreError, match=r"disk is full|no room.*Nothing of this was recorded"):
                for number in range(100_000):
                    company.execute(party(number))
                    acknowledged += 1
            assert acknowledged > 50
            assert len(company.rows("party list")) == acknowledged
            with pytest.raises(
                StoreError, match=r"could not be kept \(No space left on device\)\. Make room"
            ):
                store.files.keep(bytes(1 << 20))
            assert list((disk / "s" / "files").iterdir()) == []
        with open_store(disk / "s") as store:
            assert [(chain.entries, chain.fault) for chain in verify(store.log)] == [(acknowledged, "")]
    finally:
        subprocess.run(["umount", disk], check=True)


def _until_too_long(folder: Path, told: multiprocessing.Queue[object]) -> None:
    with open_store(folder) as store:
        company = store.company("house")
        company.execute(party(0))
        size = (folder / "log.sqlite-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 60_000, resource.RLIM_INFINITY))
        number = 0
        try:
            while True:
                number += 1
                company.execute(party(number))
        except StoreError as fault:
            told.put((number, str(fault), len(company.rows("party list"))))


def test_a_file_that_may_not_grow_ends_in_a_sentence(tmp_path: Path) -> None:
    create_store(tmp_path / "s").close()
    told: multiprocessing.Queue[tuple[int, str, int]] = multiprocessing.get_context("fork").Queue()
    child = multiprocessing.get_context("fork").Process(target=_until_too_long, args=(tmp_path / "s", told))
    child.start()
    acknowledged, sentence, known = told.get(timeout=30)
    child.join(30)
    assert "Make room or check the disk, then try again. Nothing of this was recorded." in sentence
    assert known == acknowledged
    with open_store(tmp_path / "s") as store:
        assert [(chain.entries, chain.fault) for chain in verify(store.log)] == [(acknowledged, "")]


_READ_ONLY = """
import os, sys
from pathlib import Path
sys.path.insert(0, "tests")
from stores import party
from perilune.archive.store import open_store
from perilune.archive.verify import verify
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
with open_store(sys.argv[1]) as store:
    company = store.company("house")
    print(len(company.rows("party list")), [chain.fault for chain in verify(store.log)])
    add = lambda: store.add_tenant("b")
    for attempt in (lambda: company.execute(party(9)), add, lambda: store.files.keep(b"x")):
        try:
            attempt()
        except Exception as fault:
            print(type(fault).__name__, fault)
    print(len(company.rows("party list")))
"""


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_read_only_store_is_read_and_not_written(folder_too: bool) -> None:
    outside = Path(tempfile.mkdtemp())
    try:
        with create_store(outside / "s") as store:
            store.company("house").execute(party(1))
        outside.chmod(0o755)
        (outside / "s" / "log.sqlite").chmod(0o444)
        (outside / "s" / "files").chmod(0o555)
        (outside / "s").chmod(0o555 if folder_too else 0o777)
        before = (outside / "s" / "log.sqlite").read_bytes()
        done = subprocess.run(
            [sys.executable, "-c", _READ_ONLY, outside / "s"],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            check=True,
        )
        lines = done.stdout.splitlines()
        assert lines[0] == "1 ['']"
        assert lines[1].endswith("may not be written. Give yourself the right to write it and its folder."
                                 " Nothing of this was recorded.")  # fmt: skip
        assert lines[1].startswith("StoreError") and lines[2].startswith("StoreError")
        assert "the file could not be kept (Permission denied)" in lines[3]
        assert lines[4] == "1"
        assert (outside / "s" / "log.sqlite").read_bytes() == before
    finally:
        (outside / "s").chmod(0o755)
        shutil.rmtree(outside)


def _in_a_child(store: Store, told: multiprocessing.Queue[object]) -> None:
    company = store.company("house")
    told.put([company.execute(party(number)).first_seq for number in range(100, 110)])


def test_a_log_may_be_carried_into_a_forked_process(store: Store) -> None:
    company = store.company("house")
    company.execute(party(1))
    told: multiprocessing.Queue[list[int]] = multiprocessing.get_context("fork").Queue()
    child = multiprocessing.get_context("fork").Process(target=_in_a_child, args=(store, told))
    child.start()
    own = [company.execute(party(number)).first_seq for number in range(200, 210)]
    seqs = told.get(timeout=30)
    child.join(30)
    assert sorted(own + seqs) == list(range(2, 22))
    assert [(chain.entries, chain.fault) for chain in verify(store.log)] == [(21, "")]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be made: .* Choose a folder you may write"):
        create_store(tmp_path / "file" / "s")
    with pytest.raises(StoreError, match="exists already"):
        create_store(tmp_path / "file")


def test_a_file_is_carried_over_once_when_many_open_it(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    logs = [SqliteLog(path) for _ in range(3)]
    assert sqlite_file.migrate(path) == 0
    for log in logs:
        log.close()


def test_opening_does_not_wait_for_a_writer(store: Store, tmp_path: Path) -> None:
    put(store, entries(Head(), 1))
    with store.log.write("house", "books"), open_store(tmp_path / "s") as other:
        assert sum(1 for _ in other.log.read("house", "books")) == 1


def _open(path: Path) -> None:
    SqliteLog(path).close()


def test_a_file_is_made_once_when_many_processes_ask_for_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(5):
        makers = [context.Process(target=_open, args=(tmp_path / f"{number}.sqlite",)) for _ in range(6)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join(30)
        assert [maker.exitcode for maker in makers] == [0] * 6
