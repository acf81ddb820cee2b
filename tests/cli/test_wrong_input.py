"""What a careless or a hostile hand writes ends in a sentence and the exit code 2."""

import re

import pytest
from flights import M2

from perilune.cli.main import run
from perilune.errors import MissionFileError
from perilune.mission.load import load

MISSION = M2.read_text(encoding="utf-8")
MASS = 'wet_mass = "1000 kg"'

ARC = """\
epoch = "2027-03-01T12:00:00 UTC"
position = ["6500.25 km", "-1200.5 km", "-800.125 km"]
velocity = ["2.0 km/s", "9.35 km/s", "4.9 km/s"]
duration = "36 h"
[spacecraft]
dry_mass = "1000 kg"
propellant = "756 kg"
[forces]
point_masses = ["earth", "moon", "sun"]
[[burn]]
start = "0 s"
duration = "3000 s"
thrust = "10 N"
isp = "300 s"
"""


def told(capsys, verb, path):
    """Return what the command says of a file that it must refuse."""
    assert run([verb, str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert "bug" not in shown.err
    return shown.err


def mission(old, new):
    assert MISSION.count(old) == 1
    return MISSION.replace(old, new)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (mission(MASS, 'wet_mass = "1e99999999999999999999 kg"'), "is not a finite mass"),
        (mission(MASS, 'wet_mass = "1e-99999999999999999999 kg"'), "is not a finite mass"),
        (mission(MASS, f"wet_mass = {'9' * 400}"), "with more than 300 digits is not a finite mass"),
        (mission(MASS, f"wet_mass = 0x{'f' * 5000}"), "with more than 300 digits is not a finite mass"),
        (mission(MASS, f"wet_mass = {'9' * 5000}"), "broken TOML"),
        (mission(MASS, 'wet_mass = "١٠٠٠ kg"'), "does not begin with a number"),
        (mission('epoch = "2025-01-15T06:11:39 UTC"', 'epoch = "٢٠٢٥-01-15 UTC"'), "is not a date"),
        (f"x={'[' * 5000}{']' * 5000}", "lie too deep in each other"),
        (f"x={'{a=' * 3000}1{'}' * 3000}", "lie too deep in each other"),
        (MISSION + '[vehicle]\nmain_isp = "0 s"\n', "main_isp: given '0 s', but it must be positive"),
        (MISSION + '[vehicle]\nmain_isp = "0.1 s"\n', "Load more, or carry less"),
        (MISSION + '[vehicle]\nmain_thrust = "0 N"\n', "main_thrust: given '0 N', but it must be positive"),
        (MISSION + '[vehicle]\ndry_mass = "-1 kg"\n', "dry_mass: given '-1 kg', but it must be positive"),
        (
            MISSION + '[vehicle]\nattitude_lag = "-1 s"\n',
            "attitude_lag: given '-1 s', but it must be at least",
        ),
        (MISSION + '[vehicle]\nmain_min_throttle = "200 %"\n', "a share of the full thrust, at most 100 %"),
        (mission('"185 km"', '"1e9 km"'), "is no parking orbit. Choose from 100 to 10000 km"),
        (mission('"185 km"', '"1 mm"'), "is no parking orbit"),
        (mission('"2 h"', '"1e9 d"'), "is after insertion.epoch"),
        (mission('"5800 km"', '"1e9 km"'), "lies beyond the Moon's sphere of influence"),
    ],
)
def test_a_mission_file_is_refused_in_a_sentence(tmp_path, capsys, text, words):
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    assert words in told(capsys, "check", tmp_path / "m.toml")


def test_an_endless_value_is_told_by_its_ends(tmp_path, capsys):
    (tmp_path / "m.toml").write_text(mission(MASS, f'wet_mass = "{"9" * 90000} kg"'), encoding="utf-8")
    message = told(capsys, "check", tmp_path / "m.toml")
    assert len(message) < 1000
    assert message.rstrip().endswith("is not a finite mass.")


@pytest.mark.parametrize("verb", ["check", "propagate", "fly"])
def test_what_is_no_file_is_refused(tmp_path, capsys, verb):
    assert "Is a directory. Name the mission file itself." in told(capsys, verb, tmp_path)
    (tmp_path / "m.toml").write_bytes(b"\x9a\x00")
    assert "byte 0 is not UTF-8. Save it as TOML text" in told(capsys, verb, tmp_path / "m.toml")


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(MissionFileError, match="is no path"):
        load("m\0.toml")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "m.toml").write_text(MISSION, encoding="utf-8-sig")
    assert run(["check", str(tmp_path / "m.toml")]) == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"36 h"', '"1e9 d"', "1e+09 days from the epoch lies outside the ephemeris, which covers"),
        ('"36 h"', '"20000 d"', "lies outside the ephemeris, which covers"),
        ("2027-03-01T12:00:00 UTC", "0001-01-01 TDB", "lies outside the ephemeris, which covers"),
        ('"6500.25 km"', '"10 km"', "beneath the earth's surface. Write it from the body's centre"),
        ('start = "0 s"', 'start = "100 d"', "lies outside the arc, 0 s to 129600 s"),
        ('start = "0 s"', 'start = "2020-01-01 UTC"', "lies outside the arc"),
        ("[[burn]]", "gravity = { moon = true }\n[[burn]]", "expected a whole number"),
        (
            "[[burn]]",
            'gm = { mars = "1 km^3/s^2" }\n[[burn]]',
            "mars is not in point_masses and pulls nothing",
        ),
        ("isp =", 'direction = { vnb = [1, 0, 0], body = ["moon"] }\nisp =', "given body ['moon']"),
    ],
)
def test_an_arc_file_is_refused_in_a_sentence(tmp_path, capsys, old, new, words):
    assert ARC.count(old) == 1
    (tmp_path / "a.toml").write_text(ARC.replace(old, new), encoding="utf-8")
    assert re.search(re.escape(words), told(capsys, "propagate", tmp_path / "a.toml"))


def test_an_oem_that_can_not_be_written_leaves_nothing(tmp_path, capsys):
    (tmp_path / "a.toml").write_text(ARC.split("[[burn]]")[0], encoding="utf-8")
    assert run(["propagate", str(tmp_path / "a.toml"), "--oem", str(tmp_path / "no" / "a.oem")]) == 2
    assert "No such file or directory. Choose another place." in capsys.readouterr().err
    (tmp_path / "a.oem").mkdir()
    assert run(["propagate", str(tmp_path / "a.toml"), "--oem", str(tmp_path / "a.oem")]) == 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.oem", "a.toml"]
