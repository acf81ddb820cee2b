"""Whatever is done to a log from outside, the first wrong place is told."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import AT, entries, made, party, put

from perilune.archive import verify as module
from perilune.archive.audit import note
from perilune.archive.entry import Entry, Head, hash_of
from perilune.archive.seals import passed
from perilune.archive.store import Store, open_store
from perilune.archive.verify import verify
from perilune.commerce import registry
from perilune.commerce.event import Draft, Moment, canonical
from perilune.errors import StoreError

CURE = "Restore a backup."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with made(str(tmp_path / "s"), tmp_path) as opened:
        put(opened, entries(Head(), 9))
        yield opened


def sealed(changed: list[Entry]) -> list[Entry]:
    """Seal entries anew, as a forger would who knows how."""
    head, found = Head(), []
    for entry in changed:
        found.append(entry._replace(hash=hash_of(head.hash, entry.body)))
        head = found[-1].head
    return found


def said(entry: Entry, **parts: Any) -> Entry:
    """Return an entry whose body says something else."""
    names = (
        "seq",
        "tenant",
        "chain",
        "at",
        "effective",
        "actor",
        "party",
        "reason",
        "kind",
        "data",
        "receipt",
    )
    body = dict(zip(names, json.loads(entry.body), strict=True)) | parts
    return entry._replace(body=canonical(list(body.values())).encode())


def replaced(new: list[Entry], place: int, entry: Entry) -> list[Entry]:
    return [*new[:place], entry, *new[place + 1 :]]


FORGED: dict[str, tuple[Callable[[list[Entry]], list[Entry]], str]] = {
    "body": (
        lambda new: replaced(new, 3, said(new[3], actor="mallory")),
        "Entry 4 of chain 'books' of 'house' was changed: its hash is not that of its body and the",
    ),
    "hash": (lambda new: replaced(new, 3, new[3]._replace(hash=bytes(32))), "Entry 4 .* was changed"),
    "removed": (
        lambda new: new[:3] + new[4:],
        "Entry 5 .* stands where entry 4 is due: entries are missing or moved",
    ),
    "first removed": (lambda new: new[1:], "Entry 2 .* stands where entry 1 is due"),
    "reordered": (lambda new: [*new[:2], new[3], new[2], *new[4:]], "Entry 4 .* stands where entry 3 is due"),
    "repeated": (lambda new: [*new[:3], *new[2:]], "Entry 3 .* stands where entry 4 is due"),
    "reordered and sealed": (
        lambda new: sealed([new[1]._replace(seq=1), new[0]._replace(seq=2), *new[2:]]),
        "Entry 1 .* says itself that it is entry 2 of chain 'books' of 'house'",
    ),
    "another's and sealed": (
        lambda new: sealed(replaced(new, 4, said(new[4], tenant="guest"))),
        "Entry 5 .* says itself that it is entry 5 of chain 'books' of 'guest'",
    ),
    "time goes back and sealed": (
        lambda new: sealed(replaced(new, 4, said(new[4], at="2025-12-31T00:00:00.000000Z"))),
        "Entry 5 .* was recorded at 2025-12-31T00:00:00.000000Z, before the one before it",
    ),
    "no time": (
        lambda new: sealed(replaced(new, 4, said(new[4], at="2026"))),
        "Entry 5 .* has not the shape",
    ),
    "unknown kind": (
        lambda new: sealed(replaced(new, 4, said(new[4], kind="moon.sold"))),
        "Entry 5 .* is of the kind 'moon.sold', which this version does not know",
    ),
    "no JSON": (lambda new: sealed(replaced(new, 4, new[4]._replace(body=b"[1,"))), "Entry 5 .* is not JSON"),
    "no UTF-8": (
        lambda new: sealed(replaced(new, 4, new[4]._replace(body=b'["\xff"]'))),
        "Entry 5 .* is not JSON",
    ),
    "no list": (
        lambda new: sealed(replaced(new, 4, new[4]._replace(body=b"{}"))),
        "Entry 5 .* has not the shape",
    ),
    "no data": (lambda new: sealed(replaced(new, 4, said(new[4], data=[]))), "Entry 5 .* has not the shape"),
    "a strange receipt": (
        lambda new: sealed(replaced(new, 4, said(new[4], receipt={}))),
        "Entry 5 .* has not the",
    ),
    "beyond 64 bits": (
        lambda new: sealed(replaced(new, 4, said(new[4], data={"minor": [{"x": 2**63}]}))),
        "Entry 5 .* holds an integer beyond 64 bits",
    ),
}


@pytest.mark.parametrize("how", FORGED)
def test_the_first_wrong_place_is_told(how: str) -> None:
    forge, told = FORGED[how]
    held = []
    with pytest.raises(StoreError, match=rf"^{told}.*\. {CURE}$"):
        for page, _ in passed(forge(entries(Head(), 9)), "house", "books"):
            held.extend(entry.seq for entry in page)
    assert held == list(range(1, len(held) + 1))


@given(st.integers(0, 8), st.data())
def test_no_bit_can_be_turned_unseen(place: int, data: st.DataObject) -> None:
    new = entries(Head(), 9)
    whole = new[place].body + new[place].hash
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    turned = bytearray(whole)
    turned[bit // 8] ^= 1 << bit % 8
    changed = new[place]._replace(body=bytes(turned[:-32]), hash=bytes(turned[-32:]))
    with pytest.raises(StoreError):
        list(passed(replaced(new, place, changed), "house", "books"))


def test_a_large_integer_in_a_text_is_no_integer() -> None:
    new = sealed([said(entries(Head(), 1)[0], reason="9" * 40)])
    assert len(list(passed(new, "house", "books"))) == 1


def test_an_honest_log_holds(store: Store) -> None:
    note(store.log, "house", [(Draft("audit.read", {"view": "payload list"}), Moment(AT, "key-1"))] * 3)
    assert [(chain.chain, chain.entries, chain.fault) for chain in verify(store.log, store.files)] == [
        ("audit", 3, ""),
        ("books", 9, ""),
    ]


def test_audit_notes_keep_their_order_in_time(store: Store) -> None:
    for at in (AT, "2020-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"):
        note(store.log, "house", [(Draft("audit.read", {}), Moment(at, "key-1"))])
    assert verify(store.log)[0].fault == ""


def test_a_foreign_kind_in_the_audit_chain_is_told(store: Store) -> None:
    note(store.log, "house", [(Draft("party.added", {}), Moment(AT, "key-1"))])
    assert "is of the kind 'party.added'" in verify(store.log)[0].fault


def tampered(folder: Path, *statements: str) -> Store:
    """Return a store whose file was changed by somebody who removed its guards first."""
    raw = sqlite3.connect(folder / "log.sqlite", isolation_level=None)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    raw.close()
    return open_store(folder)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE entries SET body = replace(body, 'anna', 'emma') WHERE seq = 5", "Entry 5 .* was changed"),
        ("DELETE FROM entries WHERE seq = 5", "Entry 6 .* stands where entry 5 is due"),
        ("DELETE FROM entries WHERE seq > 7", "ends at entry 7, but its head is entry 9: its end was cut"),
        ("UPDATE heads SET seq = 8", "ends at entry 8, but its head is entry 8: its end was cut or changed"),
        ("UPDATE heads SET hash = zeroblob(32)", "its end was cut or changed"),
        ("DELETE FROM entries", "ends at entry 0, but its head is entry 9"),
        ("DELETE FROM heads", "ends at entry 9, but its head is entry 0"),
        (
            "INSERT INTO entries SELECT tenant, chain, 10, body, hash FROM entries WHERE seq = 9",
            "has an entry 10 beyond its head, entry 9: it was put in",
        ),
    ],
)
def test_a_changed_file_is_told(store: Store, tmp_path: Path, statement: str, told: str) -> None:
    store.close()
    with tampered(tmp_path / "s", statement) as changed:
        (chain,) = verify(changed.log)
        assert re.search(told, chain.fault), chain.fault


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE heads SET seq = 'x'",
        "UPDATE heads SET seq = -3",
        "UPDATE heads SET seq = 8.5",
        "UPDATE heads SET hash = 'x'",
        "UPDATE heads SET tenant = x'ff'",
    ],
)
def test_a_head_that_is_none_is_told(store: Store, tmp_path: Path, statement: str) -> None:
    store.close()
    with tampered(tmp_path / "s", statement) as changed:
        with pytest.raises(StoreError, match=r"log\.sqlite is damaged: the (head|name) of a chain"):
            verify(changed.log)
        with pytest.raises(StoreError):
            changed.company("house").execute(party(77))


def test_files_that_events_name_must_be_there_and_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.files.keep(b"delivery")
    monkeypatch.setattr(
        registry, "FILES", {"party.added": lambda data: (digest,) if data["id"] == "party-3" else ()}
    )
    (chain,) = verify(store.log, store.files)
    assert (chain.files, chain.fault) == (1, "")
    path = store.files.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"another")
    assert "is damaged: its content has the SHA-256" in verify(store.log, store.files)[0].fault
    path.unlink()
    assert f"The store has no file {digest}" in verify(store.log, store.files)[0].fault
    assert verify(store.log)[0].fault == ""  # without the files, the chain alone
    monkeypatch.setattr(registry, "FILES", {"party.added": lambda data: (data["digest"],)})
    assert (
        "Entry 1 of chain 'books' of 'house' does not say which files it names" in verify(store.log)[0].fault
    )


def test_what_is_added_meanwhile_is_left_for_the_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(found: Any, tenant: str, chain: str, after: Any) -> Any:
        store.company("house").execute(party(77))
        return passed(found, tenant, chain, after=after)

    monkeypatch.setattr(module, "passed", busy)
    (chain,) = verify(store.log)
    assert (chain.entries, chain.fault) == (9, "")


@pytest.mark.parametrize(
    ("statement", "told", "holds_to"),
    [
        ("SELECT 1", "", 90),
        ("UPDATE entries SET hash = zeroblob(32) WHERE seq = 20", "Entry 20 .* was changed", 19),
        ("UPDATE entries SET hash = zeroblob(32) WHERE seq = 45", "Entry 45 .* was changed", 44),
        ("UPDATE entries SET hash = zeroblob(32) WHERE seq IN (20, 80)", "Entry 20 .* was changed", 19),
        ("UPDATE entries SET body = zeroblob(9) WHERE seq = 45", "Entry 45 .* was changed", 44),
        ("DELETE FROM entries WHERE seq BETWEEN 40 AND 50", "Entry 51 .* stands where entry 40 is due", 39),
        ("DELETE FROM entries WHERE seq > 30", "ends at entry 30, but its head is entry 90", 30),
    ],
)
def test_stretches_at_the_same_time_tell_the_same(
    tmp_path: Path, statement: str, told: str, holds_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made(str(tmp_path / "t"), tmp_path) as store:
        put(store, entries(Head(), 90))
    monkeypatch.setattr(module, "_WORTH", 40)
    monkeypatch.setattr(module, "ProcessPoolExecutor", lambda count, **_: ThreadPoolExecutor(count))
    with tampered(tmp_path / "t", statement) as changed:
        found = [verify(changed.log, processes=processes)[0] for processes in (1, 2)]
    assert found[0] == found[1]
    assert (found[0].entries, bool(found[0].fault)) == (holds_to, bool(told))
    assert re.search(told, found[0].fault)


@pytest.mark.parametrize("threads", [1, 2])
def test_stretches_are_checked_by_processes_of_their_own(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH", 5)
    monkeypatch.setattr(module.threading, "active_count", lambda: threads)
    with made(str(tmp_path / "t"), tmp_path) as store:
        put(store, entries(Head(), 11))
        assert [(chain.entries, chain.fault) for chain in verify(store.log, processes=2)] == [(11, "")]
