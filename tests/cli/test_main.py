import json
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from flights import M2, crashed, delivery

from perilune.cli import main as cli_main
from perilune.cli.main import VERBS, run
from perilune.report import folder

FLIGHT = {"landed": delivery, "crashed": crashed}


@pytest.fixture
def flown(monkeypatch):
    """Let `fly` give a delivery made by hand: what is tested here is what the command does with it."""
    fly = pytest.importorskip("perilune.mission.fly")
    plan = pytest.importorskip("perilune.mission.plan")
    asked = {}

    def give(outcome):
        def answer(_plan, *, seed=0, replan=False, progress=None):
            asked.update(seed=seed, replan=replan)
            if progress is not None:
                progress("searching", None)
                progress("searching", 0.5)
            return FLIGHT[outcome]()

        monkeypatch.setattr(fly, "fly", answer)
        monkeypatch.setattr(plan, "plan", lambda mission: mission)
        return asked

    return give


def test_help_lists_every_verb_with_examples(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for verb, words in VERBS.items():
        assert f"  {verb}" in shown
        assert words in shown
    assert "perilune fly missions/m2.toml --out flights/m2" in shown


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_with_an_example(verb, capsys):
    assert run([verb, "--help"]) == 0
    assert f"perilune {verb}" in capsys.readouterr().out


def test_help_is_quick_and_imports_nothing_heavy():
    code = (
        "import sys; from perilune.cli.main import run; run(['--help']);"
        "heavy = ('numpy', 'numba', 'pydantic', 'rich', 'scipy', 'matplotlib', 'erfa');"
        "print([m for m in heavy if m in sys.modules])"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    assert time.perf_counter() - start < 3.0


def test_check_tells_that_nothing_is_wrong(capsys):
    assert run(["check", str(M2)]) == 0
    shown = capsys.readouterr()
    assert "no fault found. HAKUTO-R Mission 2, RESILIENCE, 2 payloads of 30 kg, 10 milestones" in shown.out
    assert shown.err == ""


def test_check_tells_all_faults_and_leaves_with_2(tmp_path, capsys):
    wrong = tmp_path / "m.toml"
    wrong.write_text(M2.read_text(encoding="utf-8").replace('"185 km"', "185").replace('"24 kg"', '"34 kg"'))
    assert run(["check", str(wrong)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"Error: {wrong}: 2 faults\n  - launch.perigee_altitude: 185 has no unit.")
    assert run(["check", "--json", str(wrong)]) == 2
    assert len(json.loads(capsys.readouterr().out)["faults"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fli"], "No command 'fli'. Did you mean 'fly'?"),
        (["fly"], "Missing argument 'MISSION'"),
        (["fly", "m.toml", "--seed", "x"], "Invalid value for '--seed'"),
        (["fly", "nowhere.toml"], "there is no such file"),
        (["fly", str(M2), "--out", str(M2)], "is a file, not a folder"),
        (["vehicles", "RESILIANCE"], "Did you mean 'RESILIENCE'?"),
        (["--colour"], "No such option"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_2(arguments, words, capsys):
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert "Traceback" not in shown.err


def test_a_bug_is_short_and_3(monkeypatch, capsys):
    def broken(_name):
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(cli_main.importlib, "import_module", broken)
    assert run(["check", str(M2)]) == 3
    shown = capsys.readouterr().err
    assert "This is a bug in perilune" in shown
    assert "ZeroDivisionError: by hand" in shown
    assert "--debug" in shown
    assert "Traceback" not in shown
    assert run(["--debug", "check", str(M2)]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_no_bug_of_ours(monkeypatch, capsys):
    def full(_name):
        raise OSError(28, "No space left on device", "/tmp/x")

    monkeypatch.setattr(cli_main.importlib, "import_module", full)
    assert run(["check", str(M2)]) == 2
    assert capsys.readouterr().err == "Error: /tmp/x: No space left on device\n"


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_is_clean(monkeypatch, capsys, interrupt):
    def stopped(_name):
        raise interrupt

    monkeypatch.setattr(cli_main.importlib, "import_module", stopped)
    assert run(["check", str(M2)]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_vehicles_lists_and_shows(capsys):
    assert run(["vehicles"]) == 0
    assert "APEX 1.0" in capsys.readouterr().out
    assert run(["vehicles", "resilience"]) == 0
    shown = capsys.readouterr().out
    assert "inferred" in shown
    assert "published" in shown
    assert run(["vehicles", "Moonlight satellite", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["figures"]["wet_mass"]["low"] == 400.0
    assert "height" in document["unknown"]


def test_a_landed_flight_writes_its_folder_and_leaves_with_0(flown, tmp_path, capsys):
    asked = flown("landed")
    assert run(["fly", str(M2), "--out", str(tmp_path / "m2"), "--seed", "7", "--replan"]) == 0
    assert asked == {"seed": 7, "replan": True}
    shown = capsys.readouterr()
    assert "[x] Landing" in shown.out
    assert shown.out.rstrip().endswith(f"Report: {tmp_path / 'm2' / 'report.html'}")
    assert "searching ..." in shown.err
    assert (tmp_path / "m2" / "report.html").exists()


def test_a_disk_that_fills_while_writing_is_told_with_the_folder(flown, tmp_path, capsys, monkeypatch):
    def full(*_given):
        raise OSError(28, "No space left on device")

    flown("landed")
    monkeypatch.setattr(folder, "contents", full)
    assert run(["fly", str(M2), "--quiet", "--out", str(tmp_path / "m2")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"--out {tmp_path / 'm2'}: No space left on device. Nothing was left there." in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_missed_milestone_is_1(flown, tmp_path, capsys):
    flown("crashed")
    assert run(["fly", str(M2), "--quiet", "--out", str(tmp_path / "m2")]) == 1
    shown = capsys.readouterr()
    assert "[~] Landing" in shown.out
    assert shown.err == ""
    assert (tmp_path / "m2" / "delivery.json").exists()


def test_json_is_the_delivery_and_nothing_else(flown, capsys):
    flown("landed")
    assert run(["fly", str(M2), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == delivery().to_document()


def test_the_installed_command_is_this_one():
    script = Path(sys.executable).with_name("perilune")
    if not script.exists():
        pytest.skip("perilune is not installed as a command here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("perilune, version ")
