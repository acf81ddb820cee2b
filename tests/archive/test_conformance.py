"""What every store must do, asked of each."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stores import AT, entries, made, party, place, put

from perilune.archive.company import Answer, Company
from perilune.archive.entry import Head
from perilune.archive.log import Snapshot
from perilune.archive.migrations import CURRENT
from perilune.archive.store import Store, create_store, migrate_store, open_store
from perilune.archive.verify import verify
from perilune.errors import InputError, StoreError


def test_a_new_store_has_its_tenant_and_no_chain(store: Store) -> None:
    assert store.tenants == ("house",)
    assert list(store.log.chains()) == []
    assert list(store.log.read("house", "books")) == []
    assert store.log.snapshot("house", "books") is None
    assert store.log.setting("nothing") == ""


def test_what_is_appended_is_read_in_order_with_its_hash(store: Store) -> None:
    new = entries(Head(), 5)
    put(store, new)
    assert list(store.log.read("house", "books")) == new
    assert list(store.log.read("house", "books", 3)) == new[3:]
    assert list(store.log.chains()) == [("house", "books", new[-1].head)]


def test_a_long_chain_is_read_to_its_end(store: Store) -> None:
    new = entries(Head(), 4321)
    put(store, new)
    assert list(store.log.read("house", "books")) == new
    assert sum(1 for _ in store.log.read("house", "books", 4320)) == 1
    assert sum(1 for _ in store.log.read("house", "books", 4321)) == 0


def test_an_exception_in_the_block_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.log.write("house", "books") as writing:
        writing.append(entries(Head(), 3))
        raise ZeroDivisionError
    assert list(store.log.read("house", "books")) == []
    put(store, entries(Head(), 1))  # and the store goes on


def test_what_a_writer_appends_it_reads_and_nobody_else_before_the_commit(store: Store, where: str) -> None:
    with open_store(where) as other:
        with store.log.write("house", "books") as writing:
            writing.append(entries(Head(), 2))
            assert [entry.seq for entry in writing.read(0)] == [1, 2]
            assert writing.head().seq == 2
            assert list(other.log.read("house", "books")) == []  # and it did not wait
        assert sum(1 for _ in other.log.read("house", "books")) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda new: new[1:], id="a gap"),
        pytest.param(lambda new: [new[0], new[2]], id="a hole"),
        pytest.param(lambda new: [new[1], new[0]], id="reordered"),
        pytest.param(lambda new: [new[0]._replace(hash=bytes(32))], id="another hash"),
        pytest.param(lambda new: [new[0]._replace(body=new[0].body + b" ")], id="another body"),
        pytest.param(lambda new: [new[0]._replace(tenant="else")], id="another tenant"),
        pytest.param(lambda new: [new[0]._replace(chain="audit")], id="another chain"),
    ],
)
def test_entries_that_do_not_follow_are_refused(store: Store, wrong: Any) -> None:
    with pytest.raises(StoreError, match="does not follow entry"):
        put(store, wrong(entries(Head(), 3)))
    assert list(store.log.chains()) == []


def test_chains_and_tenants_stand_apart(store: Store) -> None:
    store.add_tenant("guest")
    store.add_tenant("guest")
    for tenant, chain in (("house", "books"), ("guest", "books"), ("house", "audit")):
        put(store, entries(Head(), 2, tenant, chain), tenant, chain)
    assert store.tenants == ("guest", "house")
    assert [(tenant, chain, head.seq) for tenant, chain, head in store.log.chains()] == [
        ("guest", "books", 2),
        ("house", "audit", 2),
        ("house", "books", 2),
    ]
    assert {entry.tenant for entry in store.log.read("guest", "books")} == {"guest"}


@pytest.mark.parametrize("name", ["", "two words", "a/b", "'; --", "x" * 65, "..", "nul\0"])
def test_a_tenant_without_a_fit_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a tenant"):
        store.add_tenant(name)


def test_many_chains_are_written_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(StoreError), store.log.write_many() as on:
        on("house", "books").append(entries(Head(), 2))
        on("guest", "books").append(entries(Head(), 3)[1:])
    assert list(store.log.chains()) == []
    with store.log.write_many() as on:
        first, second = on("guest", "books"), on("house", "books")
        first.append(entries(Head(), 2, "guest"))
        second.append(entries(Head(), 1))
        first.append(entries(first.head(), 1, "guest"))
        assert sum(1 for _ in first.read(0)) == 3
    assert [head.seq for _, _, head in store.log.chains()] == [3, 1]


def test_a_snapshot_replaces_the_one_before(store: Store) -> None:
    for seq in (3, 7):
        store.log.keep_snapshot("house", "books", Snapshot(Head(seq, bytes(32)), "v", b"{}\xff" * seq))
    assert store.log.snapshot("house", "books") == Snapshot(Head(7, bytes(32)), "v", b"{}\xff" * 7)
    assert store.log.snapshot("guest", "books") is None


def test_reading_goes_on_while_others_write(store: Store, where: str) -> None:
    put(store, entries(Head(), 2500))
    reading = store.log.read("house", "books")
    next(reading)
    with open_store(where) as other:
        other.company("house").execute(party(9999))
    assert sum(1 for _ in reading) == 2500  # the entry that came in between too


def test_a_writer_waits_for_another(store: Store, where: str) -> None:
    held, told = threading.Event(), []

    def first() -> None:
        with store.log.write("house", "books") as writing:
            held.set()
            time.sleep(0.2)
            writing.append(entries(Head(), 1))
            told.append("first")

    with ThreadPoolExecutor(1) as pool, open_store(where) as other:
        done = pool.submit(first)
        assert held.wait(10)
        with other.log.write("house", "books") as writing:
            told.append("second")
            writing.append(entries(writing.head(), 1))
        done.result()
    assert told == ["first", "second"]
    assert [entry.seq for entry in store.log.read("house", "books")] == [1, 2]


def test_who_waits_too_long_is_told(store: Store, where: str) -> None:
    from perilune.archive.address import address
    from perilune.archive.postgres import PostgresLog
    from perilune.archive.sqlite import SqliteLog

    log = (
        PostgresLog(address(where), 0.2)
        if "://" in where
        else SqliteLog(Path(where) / "log.sqlite", 0.2)
    )  # fmt: skip
    put(store, entries(Head(), 1))
    with (
        store.log.write("house", "books"),
        pytest.raises(StoreError, match=r"another process .*[Ee]nd .*Nothing of this was recorded"),
        log.write("house", "books"),
    ):
        pass
    log.close()


def test_threads_share_a_log(store: Store) -> None:
    def work(first: int) -> None:
        company = store.company("house")
        for number in range(first, first + 20):
            company.execute(party(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(0, 400, 100)))
    (chain,) = verify(store.log)
    assert (chain.entries, chain.fault) == (80, "")


def test_threads_share_a_company(store: Store) -> None:
    company = store.company("house")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: company.execute(party(number)), range(40)))
    assert sorted(answer.first_seq for answer in answers) == list(range(1, 41))
    assert len(company.rows("party list")) == 40


_WORK = """
import sys
from perilune.archive.store import open_store
sys.path.insert(0, "tests")
from stores import party
with open_store(sys.argv[1]) as store:
    company = store.company("house")
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + 25):
        print(company.execute(party(number)).first_seq)
"""


def test_processes_share_a_store(store: Store, where: str) -> None:
    root = Path(__file__).parents[2]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _WORK, where, str(first)], stdout=subprocess.PIPE, text=True, cwd=root
        )
        for first in range(0, 200, 100)
    ]
    told = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sorted(int(seq) for seqs in told for seq in seqs.split()) == list(range(1, 51))
    (chain,) = verify(store.log)
    assert (chain.entries, chain.fault) == (50, "")


def test_what_was_acknowledged_is_there_when_the_store_is_opened_again(store: Store, where: str) -> None:
    answer = store.company("house").execute(party(1))
    store.close()
    with open_store(where) as later:
        assert [row.id for row in later.company("house").rows("party list")] == ["party-1"]
        assert later.company("house").books().seq == answer.last_seq


def test_a_request_sent_again_is_answered_as_before_by_any_process(store: Store, where: str) -> None:
    first = store.company("house").execute(party(1, request="r-1"))
    with open_store(where) as other:
        again = other.company("house").execute(party(1, request="r-1"))
        assert again == Answer(first.answer, 0, 0, repeated=True)
        with pytest.raises(InputError, match="used before for another order"):
            other.company("house").execute(party(2, request="r-1"))
    assert len(list(store.log.read("house", "books"))) == 1


def test_of_a_batch_each_order_is_answered_or_refused_by_itself(store: Store) -> None:
    answers = store.company("house").execute_all([party(1), party(1), party(2)])
    assert [type(answer).__name__ for answer in answers] == ["Answer", "RefusedError", "Answer"]
    assert [entry.seq for entry in store.log.read("house", "books")] == [1, 2]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"reason": "x" * 4001}, "reason"),
        ({"reason": "\x00"}, "cannot be printed"),
        ({"party": "not a party"}, "party"),
        ({"request": "two words"}, "request"),
        ({"request": "x" * 201}, "request"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-02-30T00:00:00.000000Z"}, "is no time"),
        ({"at": "2400-01-01T00:00:00.000000Z"}, "lies outside"),
    ],
)
def test_what_comes_with_an_order_is_bounded(store: Store, said: dict[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        store.company("house").execute(party(1, **said))
    assert list(store.log.chains()) == []


def test_recorded_time_never_goes_back(store: Store) -> None:
    company = store.company("house")
    company.execute(party(1, at="2026-05-01T00:00:00.000000Z"))
    company.execute(party(2, at="2026-04-01T00:00:00.000000Z"))
    assert company.books().at == "2026-05-01T00:00:00.000000Z"
    assert [chain.fault for chain in verify(store.log)] == [""]


def test_a_company_that_could_not_commit_forgets_what_was_not_recorded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = store.company("house")
    company.execute(party(1))
    with monkeypatch.context() as patch:
        patch.setattr("perilune.archive.log.hash_of", lambda *_: b"")
        with pytest.raises(StoreError):
            company.execute(party(2))
    assert [row.id for row in company.rows("party list")] == ["party-1"]
    assert company.execute(party(2)).first_seq == 2


def test_the_same_orders_give_the_same_bytes_on_both_stores(tmp_path: Path) -> None:
    logs = []
    for kind in ("sqlite", "postgres"):
        with made(place(kind, tmp_path), tmp_path) as store:
            company = store.company("house")
            company.execute(party(1, at=AT, reason="größer als 月", request="r-1"))
            company.execute_all([party(number, at=AT) for number in (2, 2, 3)])
            logs.append([(entry.body, entry.hash) for entry in store.log.read("house", "books")])
    assert logs[0] == logs[1]
    assert len(logs[0]) == 3


def test_a_missing_store_is_told_with_the_cure(where: str) -> None:
    with pytest.raises(StoreError, match=r"perilune store create"):
        open_store(where)
    with pytest.raises(StoreError, match=r"no store at"):
        migrate_store(where)


def test_a_store_is_not_made_over_another(store: Store, where: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="already"):
        create_store(where, files=tmp_path / "files")


def test_a_store_of_today_needs_no_step(store: Store, where: str) -> None:
    put(store, entries(Head(), 2))
    assert migrate_store(where) == 0
    assert CURRENT == 3


def test_entries_are_only_added_whoever_asks(store: Store, where: str) -> None:
    """Even a statement that the store itself would never give is refused by the tables."""
    put(store, entries(Head(), 2))
    for statement in (
        "UPDATE entries SET body = hash WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "UPDATE heads SET seq = 1 WHERE seq = 2",
        "DELETE FROM heads",
    ):
        with pytest.raises(StoreError, match=r"only ever (added|moves on)"), store.log.write_many() as on:
            writing = on("house", "books")
            _raw(writing)(statement)
    assert sum(1 for _ in store.log.read("house", "books")) == 2


def _raw(writing: Any) -> Any:
    if hasattr(writing, "_writing"):
        return writing.run
    from perilune.archive.faults import sqlite_told

    def run(statement: str) -> None:
        with sqlite_told(Path("log")):
            writing._db.execute(statement)

    return run


def test_a_company_outlives_a_store_that_was_put_back(store: Store, tmp_path: Path) -> None:
    """A chain that no longer holds what the books were made from is read from its start."""
    company = Company(store.log, "house")
    company.execute(party(1))
    with made(str(tmp_path / "other"), tmp_path) as other:
        other.company("house").execute_all([party(7), party(8)])
        company._log = other.log
        company.execute(party(9))
        assert [row.id for row in company.rows("party list")] == ["party-7", "party-8", "party-9"]
