"""Histories from files: all or none, once, in the order of their times, and tied to the files they name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from stores import made

from perilune.archive.replay import read_history, replay
from perilune.archive.store import Store
from perilune.archive.verify import verify
from perilune.errors import InputError, MissionFileError

HEAD = 'id = "h"\ntitle = "A history"\nactor = "history"\n'
PLAN = """
[[order]]
at = "2025-01-02T00:00:00Z"
verb = "plan announce"
source = "a briefing"
[order.asked]
id = "m9"
name = "Mission 9"
launch = "2027"
vehicle = "APEX 1.0"
as_of = "2025-01-02"
source = "a briefing"
"""
EVIDENCE = """
[[order]]
at = "2025-02-01T00:00:00.5Z"
verb = "evidence record"
source = "a press release"
file = "told.txt"
[order.asked]
id = "E1"
mission = "m9"
digest = "{digest}"
kind = "statement"
what = "as told"
seen_at = "2025-02-01"
kept = true
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return made(str(tmp_path / "s.store"), tmp_path)


def written(folder: Path, text: str, name: str = "h.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path) -> str:
    path = written(folder, "It flew.\n", "told.txt")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_history_is_carried_out_once_and_its_files_are_kept(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, HEAD + PLAN + EVIDENCE.format(digest=told(tmp_path)))
    company = store.company("house")
    first = replay(company, path, store.files.keep_file)
    assert [one.repeated for one in first] == [False, False]
    assert company.books().at == "2025-02-01T00:00:00.500000Z"
    seq = company.books().seq
    assert [one.repeated for one in replay(company, path, store.files.keep_file)] == [True, True]
    assert company.books().seq == seq
    assert [one.fault for one in verify(store.log, store.files)] == [""]


def test_a_file_that_is_not_kept_is_missed_when_the_store_is_verified(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, HEAD + PLAN + EVIDENCE.format(digest=told(tmp_path)))
    replay(store.company("house"), path)
    assert any(one.fault for one in verify(store.log, store.files))


def test_a_refused_order_leaves_nothing_and_says_where_it_stands(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, HEAD + PLAN + PLAN)
    company = store.company("house")
    with pytest.raises(
        InputError, match=r"h\.toml, order 2, plan announce: Mission 'm9' is announced already"
    ):
        replay(company, path)
    assert company.books().seq == 0


def test_an_order_that_says_something_else_is_named_with_its_fault(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, HEAD + PLAN.replace('"2027"', '"soon"'))
    with pytest.raises(InputError, match=r"order 1, plan announce: launch: .*'soon' is no launch date"):
        replay(store.company("house"), path)
    path = written(tmp_path, HEAD + PLAN.replace("plan announce", "plan anounce"))
    with pytest.raises(InputError, match=r"order 1, plan anounce: No order .* Did you mean 'plan announce'"):
        replay(store.company("house"), path)


def test_evidence_whose_file_was_changed_is_refused(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path, HEAD + PLAN + EVIDENCE.format(digest=told(tmp_path)))
    written(tmp_path, "It landed.\n", "told.txt")
    with pytest.raises(
        InputError, match=r"order 2: told\.txt is not the file of that digest; its SHA-256 is"
    ):
        replay(store.company("house"), path)
    (tmp_path / "told.txt").unlink()
    with pytest.raises(InputError, match=r"told\.txt cannot be read: No such file"):
        replay(store.company("house"), path)
    assert store.company("house").books().seq == 0


def test_files_that_stand_together_are_read_once_each_and_sorted_by_time(tmp_path: Path) -> None:
    written(tmp_path, HEAD.replace('"h"', '"late"') + PLAN.replace("2025-01-02T", "2025-03-02T"), "late.toml")
    second = HEAD.replace('"h"', '"two"') + 'with = ["late.toml", "h.toml"]\n' + PLAN.replace("m9", "m8")
    written(tmp_path, second, "two.toml")
    first = HEAD + 'with = ["late.toml", "two.toml"]\n' + PLAN.replace("2025-01-02T", "2025-01-01T")
    steps = read_history(written(tmp_path, first))
    assert [step.place for step in steps] == ["h.toml, order 1", "two.toml, order 1", "late.toml, order 1"]
    assert [step.order.request for step in steps] == ["history/h/1", "history/two/1", "history/late/1"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id = ", "Give a history in TOML"),
        ('id = "h"\n', "title: Field required"),
        (HEAD + PLAN.replace("2025-01-02T00:00:00Z", "2025-01-02"), "is no time in UTC"),
        (HEAD + PLAN.replace('source = "a briefing"\n[', "["), "order.0.source: Field required"),
        (HEAD + PLAN.replace("verb =", "sold = 1\nverb ="), "Extra inputs are not permitted"),
    ],
)
def test_a_file_that_is_no_history_says_why(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises((InputError, MissionFileError)) as raised:
        read_history(written(tmp_path, text))
    assert fault in str(raised.value)


def test_a_history_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_history(tmp_path / "none.toml")
