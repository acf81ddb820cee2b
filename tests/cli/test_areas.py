"""The commands of the books: orders and questions by options and files, answers as tables and JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perilune.archive.snapshots import keep
from perilune.archive.store import open_store
from perilune.cli.main import AREAS, run
from perilune.cli.rows import cell
from perilune.commerce.registry import VERBS, VIEWS


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "books"
    monkeypatch.setenv("PERILUNE_STORE", str(where))
    assert run(["store", "create", "--tenant", "ispace"]) == 0
    assert run(["party", "add", "acme", "--name", "Acme", "--country", "US", "--kind", "customer"]) == 0
    return where


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert run(list(words)) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("area", AREAS)
def test_every_area_has_help_for_each_of_its_commands(area: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([area, "--help"]) == 0
    shown = capsys.readouterr().out
    names = [one.name for one in (*VERBS.values(), *VIEWS.values()) if one.area == area]
    assert names
    assert all(name in shown for name in names)
    for name in names:
        assert run([area, name, "--help"]) == 0
    assert "Usage: perilune" in capsys.readouterr().out


def test_every_area_of_the_books_is_a_command() -> None:
    assert {one.area for one in (*VERBS.values(), *VIEWS.values())} == set(AREAS)


def test_quantities_carry_their_unit(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lamp = ("payload", "add", "lamp", "--name", "Lamp", "--party", "acme")
    assert "'4' has no unit" in refused(capsys, *lamp, "--mass", "4")
    assert "'4 W'" in refused(capsys, *lamp, "--mass", "4 W")
    assert told(capsys, *lamp, "--mass", "4350 g")["answer"] == {"id": "lamp"}
    (row,) = told(capsys, "payload", "list")
    assert row["mass_kg"] == 4.35


def test_a_file_may_say_it_all(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lamp.toml"
    file.write_text(
        'id = "lamp"\nname = "Lamp"\nparty = "acme"\nmass = "4 kg"\n[needs.surface]\npower = "6 W"\n',
        encoding="utf-8",
    )
    assert told(capsys, "payload", "add", "--from", str(file))["answer"] == {"id": "lamp"}
    (row,) = told(capsys, "payload", "list")
    assert row["needs"]["surface"]["power_w"] == 6.0
    assert told(capsys, "payload", "add", "lamp2", "--from", str(file))["answer"] == {"id": "lamp2"}


def test_an_order_sent_twice_says_so(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = (
        "payload",
        "add",
        "lamp",
        "--name",
        "Lamp",
        "--party",
        "acme",
        "--mass",
        "4 kg",
        "--request",
        "r1",
    )
    assert run(list(order)) == 0
    assert "Recorded event" in capsys.readouterr().out
    assert run(list(order)) == 0
    assert capsys.readouterr().out == "Done before: id lamp\n"


def test_rows_stand_in_a_table(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["party", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].split()[:2] == ["id", "name"]
    assert "acme" in shown
    assert run(["payload", "list"]) == 0
    assert capsys.readouterr().out == "No payload entries.\n"


def test_what_does_not_fit_in_a_cell_goes_on_below_uncut(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "a name of many words that is far longer than the room which a column has beside the others"
    order = ("payload", "add", "lamp", "--name", f"{words} and {words}", "--party", "acme", "--mass", "1 kg")
    assert run([*order, "--source", "a letter"]) == 0
    capsys.readouterr()
    assert run(["payload", "list"]) == 0
    shown = capsys.readouterr().out
    assert "\u2026" not in shown
    assert sorted(set(words.split())) == sorted(set(words.split()) & set(shown.split()))


def test_a_question_takes_its_id_or_mission_without_a_name(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["payload", "list", "none-such"]) == 0
    assert capsys.readouterr().out == "No payload entries.\n"
    assert "given twice" in refused(capsys, "book", "show", "m1", "--mission", "m2")
    assert "perilune book show --help" in refused(capsys, "book", "show")


def test_several_quantities_are_read_with_their_units(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "resource", "split", "L-000001", "--masses", "50 g", "--masses", "70 g")
    assert "No lot" in said


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("payload", "add", "x"), "Field required"),
        (("payload", "add", "x", "--name", "x", "--party", "acme", "--mass", "-1 kg"), "greater than 0"),
        (("quote", "show", "Q-9"), "No quote 'Q-9'"),
        (("payload", "list", "--tenant", "nobody"), "No tenant 'nobody'"),
        (("payload", "add", "--from", "nowhere.toml"), "nowhere.toml"),
        (("quote", "make", "--payload", "x", "--mission", "m", "--valid-until", "2025-02-30"), "valid_until"),
    ],
)
def test_a_mistake_is_one_sentence(
    store: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], text: str
) -> None:
    said = refused(capsys, *words)
    assert text in said
    assert len(said.strip().splitlines()) == 1


def test_without_a_store_the_cure_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "payload", "list", "--store", str(tmp_path / "none"))
    assert "Make one with: perilune store create" in said


def test_a_key_is_shown_once_and_kept_as_a_digest(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = told(capsys, "key", "issue", "desk", "--name", "Desk", "--role", "sales")["key"]
    tenant, id_, secret = key.split(":")
    assert (tenant, id_) == ("ispace", "desk")
    assert secret.encode() not in (store / "log.sqlite").read_bytes()
    assert told(capsys, "key", "list")[0]["role"] == "sales"


def test_a_store_is_verified_moved_and_taken_in(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (chain,) = told(capsys, "store", "verify")
    assert (chain["tenant"], chain["entries"], chain["fault"]) == ("ispace", 1, "")
    bundle = tmp_path / "books.tar"
    assert told(capsys, "store", "export", str(bundle))["entries"] == 1
    other = str(tmp_path / "other")
    assert run(["store", "create", "--store", other, "--tenant", "copy"]) == 0
    assert told(capsys, "store", "import", str(bundle), "--store", other)["entries"] == 1
    assert told(capsys, "party", "list", "--store", other, "--tenant", "ispace")[0]["id"] == "acme"
    assert "exists already" in refused(capsys, "store", "export", str(bundle))


@pytest.mark.parametrize("at", ["0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "soon"])
def test_a_time_that_no_log_holds_is_refused(
    at: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is no time" in refused(
        capsys, "party", "add", "b", "--name", "B", "--country", "US", "--kind", "customer", "--at", at
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("deep.json", '{"id":' + "[" * 100_000), ("deep.toml", "id = " + "[" * 20_000)],
)
def test_a_file_as_deep_as_a_well_is_refused(
    name: str, text: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert name in refused(capsys, "party", "add", "--from", str(tmp_path / name))
    assert name in refused(capsys, "store", "replay", str(tmp_path / name))
    assert name in refused(capsys, "resource", "check-proof", str(tmp_path / name))


def test_a_snapshot_that_was_changed_is_told(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(store) as opened:
        company = opened.company("ispace")
        books = company.books()
        (_, _, head), *_ = opened.log.chains()
        books.parties.by_id["acme"] = replace(books.parties.by_id["acme"], name="Forged")
        keep(opened.log, "ispace", "books", head, books)
    capsys.readouterr()
    assert run(["store", "verify"]) == 1
    assert "is not what follows from the events" in capsys.readouterr().out
    assert run(["store", "verify"]) == 0


@pytest.mark.parametrize("option", [("--rate", "0"), ("--rate", "nan"), ("--burst", "0")])
def test_a_service_that_nobody_could_ask_is_refused(
    option: tuple[str, str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert option[0] in refused(capsys, "serve", "--document", *option)


def test_no_text_of_others_steers_the_terminal() -> None:
    assert cell("a\x1b[2J\u202eb") == r"a\x1b[2J\x202eb"
    assert cell({"name": "\x07"}) == r"name=\x07"
