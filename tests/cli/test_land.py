"""`perilune land`: what is asked for, what is refused, and what is said, over a case of no physics."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from toy_case import ToyCase

from perilune.cli import land_call
from perilune.cli.main import run
from perilune.errors import InputError

M2 = Path(__file__).resolve().parents[2] / "missions" / "m2.toml"
LIMITS = {"latch": 0.8, "apollo": 1.5, "reacquire": 2.5}
FAULTS = {"altimeter_stuck": 0.5, "altimeter_dropout": 0.9}


class NamedCase(ToyCase):
    def replay(self, seed, run):
        return SimpleNamespace(row=self.fly(seed, run))


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """Put the toy case where the command looks for the real one."""

    def landing_case(mission, *, policy=None, faults=(), source=""):
        if "absent" in faults:
            raise InputError("No unit 'velocimeter'.")
        factor = float(np.prod([float(fault) for fault in faults])) if faults else 1.0
        return NamedCase(f"{policy} {factor}", limit=LIMITS[policy or "apollo"] * factor, policy="apollo")

    catalogue = {name: SimpleNamespace(faults=(factor,)) for name, factor in FAULTS.items()}
    monkeypatch.setattr(land_call, "landing_case", landing_case)
    monkeypatch.setattr(land_call, "POLICIES", LIMITS)
    monkeypatch.setattr(land_call, "CATALOGUE", catalogue)
    monkeypatch.setenv("PERILUNE_CACHE_DIR", str(tmp_path / "cache"))


def told(capsys, *words):
    assert run(["land", str(M2), "--quiet", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_of_one_policy_has_its_figures_at_the_top(toy, capsys):
    found = told(capsys, "--runs", "200", "--seed", "3")
    assert found["runs"] == 200
    assert sum(found["outcomes"].values()) == 200
    assert found["outcomes"]["landed"] == found["successes"]
    assert found["success_probability"] == found["successes"] / 200
    low, high = found["interval_95"]
    assert low < found["success_probability"] < high
    assert found["first_causes"] == {"altimeter rejected": 200 - found["successes"]}
    assert found["percentiles"]["vertical_m_s"]["p50"] == pytest.approx(1.0, abs=0.1)
    assert found["wall_s"] > 0
    assert found["runs_per_s"] > 0
    assert len(found["rows_digest"]) == 64
    assert list(found["policies"]) == ["apollo"]
    assert found["sensitivity"][0]["input"] == "bias"


def test_the_rows_are_the_same_by_threads_and_one_worker(toy, capsys):
    digests = {told(capsys, "--runs", "50", "--workers", n)["rows_digest"] for n in ("1", "2", "5")}
    assert len(digests) == 1


def test_policies_are_compared_on_the_same_runs(toy, capsys):
    found = told(capsys, "--runs", "100", "--policy", "latch,reacquire")
    assert list(found["policies"]) == ["latch", "reacquire"]
    pair = found["comparison"][0]
    assert (pair["first"], pair["second"]) == ("latch", "reacquire")
    assert pair["only_first"] == 0
    assert pair["only_second"] > 20
    assert pair["p_value"] < 1e-6


def test_all_policies_and_faults_make_a_table(toy, capsys, tmp_path):
    found = told(capsys, "--runs", "40", "--policy", "all", "--faults", "all", "--out", str(tmp_path / "t"))
    assert found["table"]["policies"] == list(LIMITS)
    assert found["table"]["faults"] == ["none", *FAULTS]
    assert np.shape(found["table"]["success_probability"]) == (3, 3)
    assert json.loads((tmp_path / "t" / "summary.json").read_text()) == found
    assert len(list((tmp_path / "t" / "rows").glob("*.parquet"))) == 9
    assert "altimeter_stuck" in (tmp_path / "t" / "report.html").read_text().replace(
        "altimeter stuck", "altimeter_stuck"
    )


def test_faults_of_what_is_not_aboard_are_left_out_of_all_of_them(toy, capsys, monkeypatch):
    more = land_call.CATALOGUE | {"velocimeter_lost": SimpleNamespace(faults=("absent",))}
    monkeypatch.setattr(land_call, "CATALOGUE", more)
    assert run(["land", str(M2), "--json", "--runs", "4", "--faults", "all"]) == 0
    shown = capsys.readouterr()
    assert "Not aboard, so left out: velocimeter_lost\n" in shown.err
    assert json.loads(shown.out)["table"]["faults"] == ["none", *FAULTS]
    assert run(["land", str(M2), "--runs", "4", "--faults", "velocimeter_lost"]) == 2
    assert "No unit 'velocimeter'." in capsys.readouterr().err


def test_a_sweep_gives_a_map(toy, capsys):
    found = told(
        capsys,
        "--runs",
        "10",
        "--sweep",
        "mission.wet_mass=999 kg:1000 kg:2",
        "--sweep",
        "launch.perigee_altitude=185 km:200 km:3",
    )
    grid = found["sweep"]["none"]["apollo"]
    assert grid["names"] == ["mission.wet_mass (kg)", "launch.perigee_altitude (km)"]
    assert np.shape(grid["success_probability"]) == (2, 3)


def test_a_run_again_is_the_campaigns_row(toy, capsys, tmp_path):
    import pyarrow.parquet

    found = told(capsys, "--runs", "30", "--seed", "5", "--out", str(tmp_path / "c"))
    table = pyarrow.parquet.read_table(tmp_path / "c" / "rows" / "apollo.parquet").to_pylist()
    worst = found["worst"][0]
    assert worst["command"] == f"perilune land {M2} --policy apollo --seed 5 --run {worst['run']}"
    again = told(capsys, "--policy", "apollo", "--seed", "5", "--run", str(worst["run"]))
    assert again["outcome"] == worst["outcome"] == table[worst["run"]]["outcome_name"]
    same = {name: value for name, value in again["row"].items() if value is not None}
    assert same == {name: table[worst["run"]][name] for name in same}


def test_tables_are_readable(toy, capsys):
    assert run(["land", str(M2), "--quiet", "--runs", "100", "--policy", "latch,reacquire"]) == 0
    shown = capsys.readouterr().out
    assert "latch" in shown
    assert "on the same runs" in shown
    assert run(["land", str(M2), "--quiet", "--runs", "100"]) == 0
    shown = capsys.readouterr().out
    assert "vertical speed" in shown
    assert "altimeter rejected" in shown
    assert "perilune land" in shown
    assert run(["land", str(M2), "--quiet", "--runs", "10", "--policy", "all", "--faults", "all"]) == 0
    assert "altimeter dropout" in capsys.readouterr().out
    assert (
        run(["land", str(M2), "--quiet", "--runs", "5", "--sweep", "mission.wet_mass=999 kg:1000 kg:2"]) == 0
    )
    assert "mission.wet_mass (kg)" in capsys.readouterr().out
    assert run(["land", str(M2), "--quiet", "--seed", "1", "--run", "3"]) == 0
    assert "run 3 of seed 1" in capsys.readouterr().out


def test_a_run_under_several_policies_is_told_for_each(toy, capsys):
    found = told(capsys, "--policy", "latch,apollo", "--seed", "5", "--run", "4")
    assert list(found["policies"]) == ["latch", "apollo"]
    for policy, one in found["policies"].items():
        alone = told(capsys, "--policy", policy, "--seed", "5", "--run", "4")
        assert alone["row_digest"] == one["row_digest"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--runs", "0"], "Error: --runs 0: is no number of runs. Ask for 1 to 10000000."),
        (["--workers", "-1"], "Error: --workers -1: nobody would fly. Ask for 1 or more"),
        (["--workers", "10000"], "Error: --workers 10000: would wait for each other, this machine has"),
        (["--runs", "1000000000000"], "Error: --runs 1000000000000: is no number of runs."),
        (["--seed", "9" * 30], "is no seed. Give a whole number from 0 to 9223372036854775807."),
        (["--sweep", "orbit.mass=1 kg:2 kg:99999999999"], "asks for 99999999999 values. Ask for 10000"),
        (["--sweep", f"orbit.mass=1 kg:2 kg:{'9' * 5000}"], "values. Ask for 10000 at most."),
        (["--sweep", "orbit.mass=1e999 kg:1e999 kg:1"], "an end is not finite. Write name=from:to:n"),
        (["--policy", "lach"], "Error: No policy 'lach'. Did you mean 'latch'?"),
        (
            ["--faults", "altimeter_stick"],
            "Error: No fault 'altimeter_stick'. Did you mean 'altimeter_stuck'?",
        ),
        (["--policy", ","], "Error: No policy is named. There are: latch, apollo, reacquire."),
        (["--faults", "no.toml"], "Error: no.toml: 1 fault\n  - there is no such file."),
        (["--sweep", "x"], "Error: --sweep x: can not be read. Write name=from:to:n"),
        (["--sweep", "mission.wet_mas=1 kg:2 kg:2"], "wet_mas"),
        (["--run", "2", "--faults", "all"], "--run 2: flies one set of faults, "),
        (["--run", "2", "--runs", "5"], "Leave out --runs"),
        (["--seed", "-2"], "Error: --seed -2: is no seed."),
        (["--cluster", "tcp://127.0.0.1:9", "--processes"], "Leave out --workers and --processes"),
        (["--cluster", "tcp://127.0.0.1:9"], "no Dask scheduler answers there"),
        (["--cluster", "nonsense://x"], "no Dask scheduler answers there"),
    ],
)
def test_a_wrong_call_is_a_sentence(toy, capsys, words, message):
    assert run(["land", str(M2), *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_rows_that_memory_can_not_hold_are_refused(toy, capsys, monkeypatch):
    monkeypatch.setattr(land_call, "_ROWS_SHARE", 1e-6)
    assert run(["land", str(M2), "--policy", "all", "--runs", "9000000"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("Error: --runs 9000000: rows of 3 policies and faults would take 1")
    assert " GB of memory. Ask for " in told
    assert " at most, and for more with another --seed." in told


def test_all_faults_of_a_call_are_told_at_once(toy, capsys):
    assert run(["land", "nowhere.toml", "--runs", "0", "--workers", "-1", "--policy", "lach"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Error: 4 faults\n  - --runs 0")
    assert "nowhere.toml" in shown
    assert "Did you mean 'latch'?" in shown
