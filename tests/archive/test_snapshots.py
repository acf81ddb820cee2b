"""A snapshot saves time and nothing else."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from stores import made, party

from perilune.archive import company as module
from perilune.archive import snapshots
from perilune.archive.company import Company
from perilune.archive.log import Snapshot
from perilune.archive.projection import take
from perilune.archive.store import Store
from perilune.archive.verify import check_snapshot
from perilune.errors import StoreError


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SOME", 10)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the entries that books are made from."""
    seqs: list[int] = []

    def counting(books: Any, head: Any, entries: Any) -> Any:
        return take(books, head, (seqs.append(entry.seq) or entry for entry in entries))  # type: ignore[func-returns-value]

    monkeypatch.setattr(module, "take", counting)
    return seqs


def test_a_start_reads_what_came_after_the_snapshot(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.company("house").execute_all([party(number, request=f"r-{number}") for number in range(12)])
    store.company("house").execute(party(12))
    seqs = counted(monkeypatch)
    later = store.company("house")
    books = later.books()
    assert seqs == [13]
    assert books == Company(store.log, "house").books()
    assert later.execute(party(3, request="r-3")).repeated


def test_a_snapshot_is_made_in_proportion(store: Store) -> None:
    company = store.company("house")
    places = []
    for number in range(60):
        company.execute(party(number))
        snapshot = store.log.snapshot("house", "books")
        places.append(snapshot.head.seq if snapshot else 0)
    assert sorted(set(places)) == [0, 10, 20, 30, 40, 50]  # the next at 62, a quarter more


@pytest.mark.parametrize("fault", ["version", "hash", "seq", "cut", "body"])
def test_a_snapshot_that_does_not_fit_is_passed_over(
    store: Store, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = store.company("house")
    company.execute_all([party(number) for number in range(12)])
    kept = store.log.snapshot("house", "books")
    assert kept is not None
    wrong = {
        "version": Snapshot(kept.head, "0" * 64, kept.body),
        "hash": Snapshot(kept.head.__class__(12, bytes(32)), kept.version, kept.body),
        "seq": Snapshot(kept.head.__class__(99, kept.head.hash), kept.version, kept.body),
        "cut": Snapshot(kept.head, kept.version, kept.body[:-9]),
        "body": Snapshot(kept.head, kept.version, zlib.compress(b'{"parties":7}')),
    }[fault]
    store.log.keep_snapshot("house", "books", wrong)
    seqs = counted(monkeypatch)
    assert store.company("house").books() == company.books()
    assert seqs[:12] == list(range(1, 13))


def test_a_store_without_room_for_a_snapshot_works_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(type(store.log), "keep_snapshot", full)
    answers = store.company("house").execute_all([party(number) for number in range(12)])
    assert len(answers) == 12


def test_the_version_follows_the_code(tmp_path: Path) -> None:
    found = []
    for text in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "commerce").mkdir(exist_ok=True)
        (tmp_path / "commerce" / "books.py").write_text(text)
        (tmp_path / "units.py").write_text("")
        found.append(snapshots.digest(tmp_path, ("commerce", "units.py")))
    assert found[0] == found[2] != found[1]
    root = Path(snapshots.__file__).parents[1]
    assert all((root / place).exists() for place in snapshots._DECIDING)


def test_verification_compares_a_snapshot_with_the_events(store: Store) -> None:
    company = store.company("house")
    company.execute_all([party(number) for number in range(12)])
    assert check_snapshot(store.log, "house", "books") == 12
    kept = store.log.snapshot("house", "books")
    assert kept is not None
    forged = zlib.compress(zlib.decompress(kept.body).replace(b"Party 7", b"Party 8"))
    store.log.keep_snapshot("house", "books", Snapshot(kept.head, kept.version, forged))
    with pytest.raises(
        StoreError, match=r"The snapshot of chain 'books' of 'house' at entry 12 is not what follows"
    ):
        check_snapshot(store.log, "house", "books")
    assert check_snapshot(store.log, "guest", "books") == 0


def test_books_with_every_kind_of_record_survive_a_snapshot(tmp_path: Path) -> None:
    with made(str(tmp_path / "s"), tmp_path) as store:
        company = store.company("house")
        company.execute_all([party(number, request=f"r-{number}") for number in range(3)])
        books = company.books()
        assert snapshots.read(snapshots.written(books)) == books
