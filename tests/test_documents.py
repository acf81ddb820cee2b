"""Documents run: examples in docstrings, the README's code, the generated pages."""

import ast
import doctest
import importlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from company_block import BEGIN, House, commands
from flights import crashed, delivery
from regolith import ready, until

from perilune.archive.entry import Sealing, seal
from perilune.archive.store import create_store, open_store
from perilune.cli.main import AREAS, VERBS, cli, run
from perilune.commerce.event import Draft

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "perilune"
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_hold(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("tool", ["write_docs.py", "write_company.py"])
def test_generated_pages_are_what_the_generator_writes(tool):
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / tool, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_the_readme_links_to_what_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_architectures_rooms_hold_what_it_names_and_it_names_all():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE))
    assert set(rooms) == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    for room, words in rooms.items():
        named = {name for name in re.findall(r"`(\w+)`", words) if not name.isdigit()}
        there = {path.stem for path in (PACKAGE / room).iterdir() if not path.name.startswith("_")}
        below = {path.stem for path in (PACKAGE / room).glob("*/*.py")}
        assert named <= there | below, room
        files = {path.stem for path in (PACKAGE / room).glob("[!_]*.py")}
        assert files <= named, room
    decisions = {path.name[:3] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    assert set(re.findall(r"`(?:docs/decisions/)?(\d{3})`", text)) <= decisions


def test_the_readmes_arc_flies_and_is_part_of_the_example(tmp_path):
    arc = next(block for block in _blocks("toml") if block.startswith("epoch"))
    example = tomllib.loads((ROOT / "examples" / "arc.toml").read_text(encoding="utf-8"))
    shown = tomllib.loads(arc)
    forces = shown.pop("forces")
    assert shown.items() <= example.items()
    assert forces.items() <= example["forces"].items()
    (tmp_path / "arc.toml").write_text(arc, encoding="utf-8")
    for path in (tmp_path / "arc.toml", ROOT / "examples" / "arc.toml"):
        flown = CliRunner().invoke(cli, ["propagate", str(path), "--json"], catch_exceptions=False)
        assert flown.exit_code == 0
        assert json.loads(flown.stdout)["epoch_utc"] == "2027-03-02T23:59:59.999976812Z"


def test_the_readmes_commands_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `perilune (\w+)", text, re.MULTILINE))
    assert told == {*VERBS, "AREA"}
    areas = re.search(r"^\| `perilune AREA.*$", text, re.MULTILINE)[0]
    assert re.findall(r"`(\w+)`", areas) == list(AREAS)
    assert {*VERBS, *AREAS} == set(cli.list_commands(click.Context(cli)))
    goals = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{goal}:" in goals for goal in re.findall(r"\bmake ([a-z]+)", text) if goal != "are")


@pytest.fixture
def house(tmp_path, capsys, monkeypatch):
    """Mission 2 from lunar orbit on, which flies in a second; from its launch on it is flown in test_m2."""

    def made(flown):
        return House(tmp_path, flown.to_json(), capsys, monkeypatch, mission="m2-as-flown")

    return made


def test_the_readmes_ten_commands_lead_from_a_mail_to_the_final_invoices(house):
    there = house(delivery())
    assert len(commands()) == 10
    for command in (*BEGIN, *commands()):
        there.give(command)
    invoices = there.ask("perilune ledger invoices")
    assert [one["amount"] for one in invoices] == [
        {"minor": minor, "currency": "USD"} for minor in (180_000_000, 240_000_000, 180_000_000)
    ]
    assert {one["party"] for one in invoices} == {"takasago"}
    (quote,) = there.ask("perilune quote list")
    (booking,) = there.ask("perilune book list")
    assert (quote["state"], booking["payload"], booking["state"]) == ("accepted", "electrolyser", "reserved")
    (row,) = [
        one for one in there.ask("perilune manifest check --mission m2") if one["check"] == "propellant"
    ]
    assert row["state"] == "holds"
    assert len(there.ask("perilune milestone list --mission m2")) == 10
    assert all(chain["fault"] == "" for chain in there.ask("perilune store verify"))
    assert "is ready" in there.refused(commands()[-1])


def test_after_a_crash_the_last_milestone_is_not_paid(house):
    there = house(crashed())
    for command in (*BEGIN, *commands()):
        there.give(command)
    paid = [one["memo"] for one in there.ask("perilune ledger invoices")]
    assert paid == ["C-000001: Signature", "C-000001: Lunar orbit"]
    assert there.refused(commands()[-1]).startswith("Error: Nothing of contract 'C-000001' is ready")
    said = there.refused("perilune contract milestone-meet C-000001 --milestone landing --at 2025-06-08")
    assert said == "Error: 'success-9' of 'm2' is 'partial', not 'achieved'. Declare it on evidence first.\n"


def test_the_proofs_of_the_companys_page_hold_without_a_store(tmp_path, capsys, monkeypatch):
    """Four changes of title, a head that is kept, two more changes; then only the files are looked at."""
    monkeypatch.delenv("PERILUNE_STORE", raising=False)
    text = (ROOT / "docs" / "company.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(perilune resource new-key.*?)```", text, re.DOTALL)[1]
    steps = [line.split("  #")[0].strip() for line in block.splitlines()]
    desk = until(ready(), "transferred")
    desk.order("resource split", "nasa", id="L-000001", masses_kg=[0.05, 0.07])
    _recorded(tmp_path / "perilune.store", desk)
    monkeypatch.chdir(tmp_path)
    said = [_printed(capsys, step) for step in steps[:4]]
    assert said[-1] == "It holds.\n"
    desk.order("resource sell", "nasa", id="L-000001.1", buyer="museum", price="900.00 USD")
    desk.order("resource sell", "museum", id="L-000001.1", buyer="nasa", price="950.00 USD")
    _recorded(tmp_path / "perilune.store", desk)
    _printed(capsys, steps[4])
    shutil.rmtree(tmp_path / "perilune.store")
    assert _printed(capsys, steps[5]) == _printed(capsys, steps[3]) == "It holds.\n"
    proof = json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))[0]
    assert (proof["first"], proof["size"]) == (4, 6)


def _recorded(where, desk):
    """Bring a store of its own up to the events of a desk."""
    opened = open_store if where.exists() else create_store
    with opened(where) as store, store.log.write("house", "books") as writing:
        entries, head = [], writing.head()
        for event in desk.events[head.seq :]:
            draft = Draft(event.kind, event.data, event.effective)
            entries.append(seal(head, draft, event.moment, Sealing("house", "books")))
            head = entries[-1].head
        writing.append(entries)


def _printed(capsys, step):
    """Give a command; what it prints goes where a `>` sends it."""
    command, _, target = step.partition(" > ")
    capsys.readouterr()
    assert run(shlex.split(command)[1:]) == 0, step
    out = capsys.readouterr().out
    if target:
        Path(target).write_text(out, encoding="utf-8")
    return out


@pytest.mark.parametrize(
    "page", ["README.md", "docs/company.md", "CHANGELOG.md", "docs/decisions/020-register-of-titles.md"]
)
def test_commands_of_the_books_that_documents_name_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    told = re.findall(r"`(?:perilune )?(\w+) ([a-z][a-z-]+)\b", text)
    groups = {area: cli.get_command(None, area) for area in (*AREAS, "store")}
    named = [(area, name) for area, name in told if area in groups]
    assert named
    assert [pair for pair in named if pair[1] not in groups[pair[0]].commands] == []


@pytest.mark.slow
def test_the_readmes_python_flies(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "missions", tmp_path / "missions")
    monkeypatch.chdir(tmp_path)
    exec(compile(_blocks("python")[0], "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("landed ")
    assert (tmp_path / "flights" / "m2" / "report.html").exists()


def _blocks(language):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_readmes_python_names_what_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert len(code.strip().splitlines()) <= 15
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names)
