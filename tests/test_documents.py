"""Documents run: examples in docstrings, the README's code, the generated pages."""

import ast
import doctest
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from perilune.cli.main import cli

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


def test_generated_pages_are_what_the_generator_writes():
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "write_docs.py", "--check"],
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
    assert told == set(cli.list_commands(click.Context(cli)))
    goals = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{goal}:" in goals for goal in re.findall(r"\bmake ([a-z]+)", text) if goal != "are")


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
