import csv
import datetime
import json
import os
import stat
from pathlib import Path

import oem
import pytest
from flights import crashed, delivery

from perilune.errors import InputError
from perilune.report import folder
from perilune.report.folder import FILES, check_target, write

NOW = datetime.datetime(2025, 6, 6, tzinfo=datetime.UTC)


def test_the_folder_holds_four_files_that_others_read(tmp_path):
    out = write(delivery(), tmp_path / "flights" / "m2", now=NOW)
    assert sorted(entry.name for entry in out.iterdir()) == sorted(FILES)
    assert json.loads((out / "delivery.json").read_text(encoding="utf-8")) == delivery().to_document()
    assert len(oem.OrbitEphemerisMessage.open(out / "trajectory.oem").segments) == 5
    with (out / "manoeuvres.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["DSM-1", "DSM-2", "LOI", "LOM-1", "LOM-2", "Deorbit", "Braking"]
    assert rows[0]["start_utc"] == "2025-01-25T05:16:00.000Z"
    left = float(rows[0]["mass_before_kg"]) - float(rows[0]["propellant_kg"])
    assert float(rows[0]["mass_after_kg"]) == left
    assert [entry.name for entry in (tmp_path / "flights").iterdir()] == ["m2"]


def test_the_same_delivery_gives_the_same_bytes(tmp_path):
    first, second = write(delivery(), tmp_path / "a", now=NOW), write(delivery(), tmp_path / "b", now=NOW)
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_an_earlier_delivery_is_replaced(tmp_path):
    write(crashed(), tmp_path / "m2")
    out = write(delivery(), tmp_path / "m2")
    assert json.loads((out / "delivery.json").read_text(encoding="utf-8"))["outcome"] == "landed"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m2"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "m2").mkdir()
    assert write(delivery(), tmp_path / "m2").is_dir()


@pytest.mark.parametrize("name", ["thesis.tex", "delivery.json"])
def test_other_peoples_files_are_left_alone(tmp_path, name):
    (tmp_path / name).write_text('{"mission": 1}', encoding="utf-8")
    with pytest.raises(
        InputError, match=r"the folder holds files that are not of a delivery.*Name a new folder\."
    ):
        write(delivery(), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_the_folder_one_stands_in_is_found_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "m2").mkdir()
    monkeypatch.chdir(tmp_path / "m2")
    assert write(delivery(), ".") == tmp_path / "m2"
    assert (tmp_path / "m2" / "report.html").exists()
    with pytest.raises(InputError, match="not of a delivery"):
        write(delivery(), tmp_path / "m2" / "..")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "m2").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, not a folder"):
        check_target(tmp_path / "m2")


def test_a_link_is_no_folder(tmp_path):
    (tmp_path / "m2").symlink_to(tmp_path)
    with pytest.raises(InputError, match="is a link, not a folder"):
        check_target(tmp_path / "m2")


def test_the_root_of_all_folders_is_left_alone():
    with pytest.raises(InputError, match=r"Name (a new|another) folder\."):
        check_target(Path("/"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_place_that_takes_no_folders_is_told_before_the_flight():
    with pytest.raises(InputError, match="/proc can not be written to"):
        check_target(Path("/proc/m2"))


def test_a_volume_is_filled_in_place(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    write(crashed(), tmp_path)
    out = write(delivery(), tmp_path)
    assert sorted(entry.name for entry in out.iterdir()) == sorted(FILES)
    assert json.loads((out / "delivery.json").read_text(encoding="utf-8"))["outcome"] == "landed"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_place_that_can_not_be_written_is_told_before_the_flight(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(InputError, match="can not be written to"):
        check_target(tmp_path / "deep" / "m2")


@pytest.mark.parametrize("fails_at", range(len(FILES) + 1))
def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch, fails_at):
    write(crashed(), tmp_path / "m2")
    before = (tmp_path / "m2" / "delivery.json").read_bytes()
    calls = iter(range(100))
    plain_write, plain_rename = folder.Path.write_text, folder.Path.rename

    def failing(self, *given, **named):
        if next(calls) == fails_at:
            raise KeyboardInterrupt
        return plain_write(self, *given, **named)

    def failing_rename(self, target):
        if fails_at == len(FILES) and self.name.endswith(".partial"):
            raise KeyboardInterrupt
        return plain_rename(self, target)

    monkeypatch.setattr(folder.Path, "write_text", failing)
    monkeypatch.setattr(folder.Path, "rename", failing_rename)
    with pytest.raises(KeyboardInterrupt):
        write(delivery(), tmp_path / "m2")
    assert [entry.name for entry in tmp_path.iterdir()] == ["m2"]
    assert (tmp_path / "m2" / "delivery.json").read_bytes() == before
