"""The README's commands from a customer's mail to the final invoice, given as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from perilune.cli.main import run

ROOT = Path(__file__).resolve().parents[1]
#: What the README says before the commands: a house to begin with.
BEGIN = ("perilune store create", "perilune store replay examples/company/start.toml")


def commands() -> list[str]:
    """Return the commands between the two marks, without what is said behind them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- company -->\n```\n(.*?)```\n<!-- end -->", text, re.DOTALL)
    assert block is not None
    return [line.split("  #")[0].strip() for line in block[1].splitlines() if line.startswith("perilune ")]


class House:
    """A folder as the README expects it: missions, examples, and a delivery where `make fly` leaves one.

    `mission` is the mission file that stands there as missions/m2.toml.
    """

    def __init__(
        self,
        folder: Path,
        delivery: str,
        capsys: pytest.CaptureFixture[str],
        patch: pytest.MonkeyPatch,
        mission: str = "m2",
    ) -> None:
        self._capsys = capsys
        for name in ("missions", "examples"):
            shutil.copytree(ROOT / name, folder / name)
        if mission != "m2":
            shutil.copy(ROOT / "missions" / f"{mission}.toml", folder / "missions" / "m2.toml")
        (folder / "flights" / "m2").mkdir(parents=True)
        (folder / "flights" / "m2" / "delivery.json").write_text(delivery, encoding="utf-8")
        patch.chdir(folder)
        patch.delenv("PERILUNE_STORE", raising=False)

    def give(self, command: str) -> str:
        """Give a command that must succeed; return what it printed."""
        self._capsys.readouterr()
        status = run(shlex.split(command)[1:])
        said = self._capsys.readouterr()
        assert status == 0, f"{command}\n{said.err}"
        return said.out

    def ask(self, command: str) -> Any:
        """Return what a command answers as JSON."""
        return json.loads(self.give(f"{command} --json"))

    def refused(self, command: str) -> str:
        """Give a command that must be refused; return the sentence, and see that nothing was recorded."""
        before = self.ask("perilune store verify")
        self._capsys.readouterr()
        assert run(shlex.split(command)[1:]) == 2, command
        said = self._capsys.readouterr().err
        assert self.ask("perilune store verify") == before
        return said
