"""The pages on replay and telemetry say what is written."""

import itertools
import re
from pathlib import Path

import pytest
from replays import replay

from perilune.landing.loop.rows import LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.report import replay as replays
from perilune.report.replay_telemetry import FILES, parts

DOCS = Path(__file__).resolve().parents[2] / "docs"


def named(page, heading):
    """The columns that a page's table under a heading names, braces written out."""
    table = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = []
    for name in itertools.chain.from_iterable(
        re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table.splitlines() if line.startswith("| `")
    ):
        start, choice, end = re.match(r"([^{]*)(?:\{([^}]*)\})?(.*)", name).groups()
        found += [f"{start}{one}{end}" for one in choice.split(",")] if choice else [name]
    return found


@pytest.mark.parametrize(
    ("heading", "columns"), [("states", LOG_COLUMNS), ("measurements", MEASUREMENT_COLUMNS)]
)
def test_every_column_of_a_replay_is_explained(heading, columns):
    page = (DOCS / "replay.md").read_text(encoding="utf-8")
    assert sorted(named(page, heading)) == sorted(columns)


def test_every_packet_is_in_the_table():
    page = (DOCS / "telemetry.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| 0x(\w+)[^|]*\| `(\w+?)(?:_<name>)?`", page, re.MULTILINE))
    for part in parts(replay()):
        sensor = part.kind.name.startswith("sensor_")
        apid = 0x110 if sensor else part.kind.apid
        assert told[f"{apid:x}"] == ("sensor" if sensor else part.kind.name)
    assert all(f"`{name}`" in page for name in FILES)


def test_the_pages_python_runs(tmp_path, monkeypatch):
    page = (DOCS / "telemetry.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    replays.write(replay(), "run-12.npz")
    exec(compile(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], "telemetry.md", "exec"), {})
    assert {path.name for path in (tmp_path / "telemetry").iterdir()} == set(FILES)
