import dataclasses
import json
import math

import numpy as np
import pyarrow.parquet as pq
import pytest
from replays import replay

from perilune.errors import InputError
from perilune.landing.loop.rows import LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.report.replay import read, to_bytes, write
from perilune.report.replay_tables import write_tables


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write(replay(), tmp_path_factory.mktemp("replay") / "run-12.npz")


def test_what_is_written_is_read_to_the_last_bit(path):
    wrote, found = replay(), read(path)
    assert found.facts == wrote.facts
    assert found.row.keys() == wrote.row.keys()
    assert all(
        found.row[k] == v or (math.isnan(v) and math.isnan(found.row[k])) for k, v in wrote.row.items()
    )
    for part in ("states", "measurements"):
        theirs, ours = getattr(wrote, part), getattr(found, part)
        assert list(theirs) == list(ours)
        assert all(np.array_equal(theirs[name], ours[name], equal_nan=True) for name in theirs)
    for given, back in zip(wrote.reliefs, found.reliefs, strict=True):
        assert (given.name, given.x_low_m, given.y_low_m, given.step_m) == (
            back.name, back.x_low_m, back.y_low_m, back.step_m,
        )  # fmt: skip
        assert np.array_equal(given.height_m, back.height_m)
        assert np.array_equal(given.plane.along, back.plane.along)


def test_the_file_needs_two_lines_of_numpy(path):
    with np.load(path) as run:
        assert run["states/t_s"].shape == run["states/true_height_m"].shape
        assert {name.removeprefix("states/") for name in run.files if name.startswith("states/")} >= set(
            LOG_COLUMNS
        )
        facts = json.loads(run["about.json"].tobytes())["facts"]
    assert facts["policy"] == "latch"


def test_one_run_is_one_string_of_bytes():
    assert to_bytes(replay()) == to_bytes(replay())


@pytest.mark.parametrize("spoil", [lambda data: data[:5000], lambda _: b"no archive", lambda _: b""])
def test_a_damaged_file_is_told(tmp_path, path, spoil):
    bad = tmp_path / "bad.npz"
    bad.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(InputError, match=r"bad\.npz: is no replay of a landing, or was cut short\. Write it"):
        read(bad)


def test_a_missing_file_and_another_format_are_told(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="there is no such replay file"):
        read(tmp_path / "none.npz")
    monkeypatch.setattr("perilune.report.replay.FORMAT", "perilune landing replay 0")
    old = write(replay(), tmp_path / "old.npz")
    monkeypatch.undo()
    with pytest.raises(InputError, match="is of format 'perilune landing replay 0'; this version reads"):
        read(old)


def test_the_same_data_as_parquet(tmp_path):
    paths = write_tables(replay(), tmp_path / "tables")
    states, measurements, row = (pq.read_table(path) for path in paths)
    assert set(LOG_COLUMNS) <= set(states.column_names)
    assert set(MEASUREMENT_COLUMNS) <= set(measurements.column_names)
    assert np.array_equal(states["true_height_m"].to_numpy(), replay().states["true_height_m"])
    assert states["phase_name"][-1].as_py() == "terminal"
    names = set(measurements["verdict_name"].to_pylist())
    assert {"accepted", "rejected by gate", "isolated", "invalid"} <= names
    assert set(measurements["sensor_name"].to_pylist()) == {"lrf", "doppler", "tracker"}
    assert row.num_rows == 1
    facts = json.loads(states.schema.metadata[b"perilune"])
    assert facts["seed"] == dataclasses.asdict(replay().facts)["seed"]
