"""The folder of a campaign: refused when it is another's, readable by others, exact to the bit."""

import json

import numpy as np
import pyarrow.parquet
import pytest
from toy_case import ToyCase

from perilune.campaign import case as cases
from perilune.campaign.case import Arm
from perilune.campaign.run import fly_campaign
from perilune.campaign.store import Store
from perilune.campaign.tables import read_rows, rows_digest, write_rows
from perilune.campaign.ways import Serial
from perilune.errors import InputError

ARM = Arm(ToyCase(), "latch")


def opened(folder, arms=(ARM,), seed=1):
    return Store(folder, mission="m.toml", seed=seed, arms=arms)


def filled(folder, arms=(ARM,)):
    with opened(folder, arms) as store:
        return fly_campaign(arms, seed=1, runs=10, way=Serial(), store=store)


@pytest.mark.parametrize(
    ("arms", "seed", "words"),
    [
        ((ARM,), 2, "holds rows of seed 1, asked for is seed 2. Name another folder, or give --seed 1."),
        (
            (Arm(ToyCase(limit=9.0), "latch"),),
            1,
            "holds rows of latch that were flown from another mission file",
        ),
    ],
)
def test_rows_of_others_are_refused(tmp_path, arms, seed, words):
    filled(tmp_path)
    with pytest.raises(InputError) as fault:
        opened(tmp_path, arms, seed)
    assert words in str(fault.value)
    assert str(tmp_path) in str(fault.value)


def test_rows_of_another_version_are_refused(tmp_path, monkeypatch):
    filled(tmp_path)
    monkeypatch.setattr(cases, "code_digest", lambda: "another")
    with pytest.raises(InputError, match="or by another version of perilune"):
        opened(tmp_path)


def test_another_policy_joins_the_folder(tmp_path):
    filled(tmp_path)
    both = (ARM, Arm(ToyCase("b"), "apollo"))
    campaign = filled(tmp_path, both)
    assert [arm.flown_count for arm in campaign.arms] == [0, 10]
    assert set(json.loads((tmp_path / "campaign.json").read_text())["arms"]) == {"latch", "apollo"}


def test_another_mission_does_not_join_the_folder(tmp_path):
    filled(tmp_path)
    manifest = (tmp_path / "campaign.json").read_bytes()
    other = (Arm(ToyCase(limit=2.0), "apollo"),)
    with pytest.raises(InputError, match=r"holds rows of m\.toml, or of another version of it"):
        Store(tmp_path, mission="n.toml", seed=1, arms=other)
    assert (tmp_path / "campaign.json").read_bytes() == manifest
    # With an arm that is there, file names do not count: its key says that all is the same.
    with Store(tmp_path, mission="elsewhere/m.toml", seed=1, arms=(ARM, *other)) as store:
        assert store.kept(0, 10)[1].all()


def test_a_disk_that_fills_keeps_what_is_finished_and_says_what_to_do(tmp_path, monkeypatch):
    written = []

    def failing(path, rows, columns, key):
        if len(written) == 2:
            raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")
        written.append(len(rows))
        write_rows(path, rows, columns, key)

    monkeypatch.setattr("perilune.campaign.store.write_rows", failing)
    with opened(tmp_path) as store, pytest.raises(InputError) as fault:
        fly_campaign((ARM,), seed=1, runs=30, way=Serial(), store=store, block_runs=10)
    assert str(fault.value) == (
        f"{tmp_path}: can not be written: Error writing bytes to file. Detail: [errno 28] No space left on "
        f"device. Finished blocks are kept; make room and give the same command again."
    )
    with opened(tmp_path) as store:
        assert store.kept(0, 30)[1].sum() == sum(written) > 0


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'thesis\.txt', it is no campaign's\. Name a new folder"):
        opened(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="is a file, not a folder"):
        opened(tmp_path / "thesis.txt")
    with pytest.raises(InputError, match=r"Not a directory|File exists"):
        opened(tmp_path / "thesis.txt" / "below")


def test_a_folder_that_another_campaign_flies_into_is_refused(tmp_path):
    with opened(tmp_path), pytest.raises(InputError) as fault:
        opened(tmp_path)
    wanted = f"--out {tmp_path}: another campaign is flying into it. Wait, or name another folder."
    assert str(fault.value) == wanted
    opened(tmp_path).close()


def test_a_damaged_manifest_is_told(tmp_path):
    filled(tmp_path)
    (tmp_path / "campaign.json").write_text("{")
    with pytest.raises(InputError, match=r"campaign\.json: is damaged or of another version"):
        opened(tmp_path)


def test_rows_come_back_to_the_bit(tmp_path):
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 2**63, size=(50, len(ARM.case.columns)), dtype=np.uint64).view(np.float64)
    rows[:, 1], rows[:, 2] = 2.0, 5.0
    rows[0, 3:6] = [np.nan, -0.0, np.inf]
    write_rows(tmp_path / "r.parquet", rows, ARM.case.columns, "key")
    back = read_rows(tmp_path / "r.parquet", ARM.case.columns, "key")
    assert back.tobytes() == rows.tobytes()
    assert read_rows(tmp_path / "r.parquet", ARM.case.columns, "other") is None
    assert read_rows(tmp_path / "r.parquet", ("nothing",), "key") is None
    assert read_rows(tmp_path / "absent.parquet", ARM.case.columns, "key") is None


def test_a_notebook_reads_names_and_figures(tmp_path):
    campaign = filled(tmp_path)
    table = pyarrow.parquet.read_table(tmp_path / "rows" / "latch.parquet")
    assert table["run"].to_pylist() == list(range(10))
    assert set(table["outcome_name"].to_pylist()) <= {"landed", "crashed"}
    assert set(table["first_cause_name"].to_pylist()) <= {"none", "altimeter rejected"}
    rows = np.column_stack([table[name].to_numpy() for name in ARM.case.columns])
    assert rows_digest(rows) == campaign.arms[0].rows_digest


def test_the_digest_is_that_of_the_bytes_in_run_order():
    """SHA-256 of 24 zero bytes and of 1.0 as a little-endian double, by sha256sum."""
    assert rows_digest(np.zeros((1, 3))) == "9d908ecfb6b256def8b49a7c504e6c889c4b0e41fe6ce3e01863dd7b61a20aa0"
    assert rows_digest(np.ones((1, 1))) == rows_digest(np.array([[1.0]], dtype=">f8"))
    rows = np.arange(6.0).reshape(3, 2)
    assert rows_digest(rows) == rows_digest(np.asfortranarray(rows))
    assert rows_digest(rows) != rows_digest(rows[::-1])
