"""Faults from files: what is read, and each mistake told with its cure."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from perilune.errors import InputError, MissionFileError
from perilune.landing.faults.reading import read_fault, read_faults
from perilune.landing.faults.rows import Fault

WHOLE = """
[[fault]]
unit = "laser"
kind = "bias"
size = "50 m"
below = "5 km"
duration = "20 s"

[[fault]]
unit = "imu"
kind = "gyro-bias"
size = "36 deg/h"
after = "5 min"

[[fault]]
unit = "radar"
kind = "spikes"
size = "-30 m"
share = "40 %"
phase = "terminal"

[[fault]]
unit = "ground"
kind = "step"
size = "3 km"
before = "65 km"
"""


def test_a_file_is_read_in_its_units(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(WHOLE)
    bias, gyro, spikes, step = read_faults(path)
    assert bias == Fault("laser", "bias", "below", 5000.0, 50.0, 20.0)
    assert gyro.size == pytest.approx(math.radians(0.01))
    assert (gyro.trigger, gyro.at) == ("after", 300.0)
    assert (spikes.trigger, spikes.at, spikes.share) == ("phase", 3.0, 0.4)
    assert step == Fault("ground", "step", "before", 65e3, 3000.0)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"kind": "off"}, 'A fault needs unit = "…" as text.'),
        ({"unit": "laser", "kind": "of"}, "No kind of fault 'of'. Did you mean 'off'?"),
        ({"unit": "laser", "kind": "bias"}, "A fault 'bias' needs a size, a length: range too long by this."),
        ({"unit": "laser", "kind": "stuck", "size": "1 m"}, "A fault 'stuck' has no size. Leave it out."),
        (
            {"unit": "laser", "kind": "bias", "size": 50},
            '50 has no unit. Write the length with its unit: "50 m" or "50 km".',
        ),
        ({"unit": "laser", "kind": "off", "at": "5 km"}, "No entry of a fault 'at'."),
        (
            {"unit": "laser", "kind": "off", "below": "5 km", "after": "1 s"},
            "A fault begins once: give one of after and below.",
        ),
        (
            {"unit": "laser", "kind": "off", "phase": "breaking"},
            "No phase 'breaking'. Did you mean 'braking'?",
        ),
        ({"unit": "laser", "kind": "noise", "size": "0"}, "noise is a factor above zero, given '0'."),
        (
            {"unit": "laser", "kind": "off", "duration": "-1 s"},
            "duration must be positive, given '-1 s'.",
        ),
        (
            {"unit": "laser", "kind": "spikes", "size": "1 m", "share": 2.0},
            "share must lie between 0 and 1, given 2.0.",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_cure(entry: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(entry)
    assert str(caught.value).startswith(message)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[fault]]\nunit = "laser"\nkind = "bias"\n[[fault]]\nkind = "off"\n')
    with pytest.raises(MissionFileError) as caught:
        read_faults(path)
    assert [fault[:8] for fault in caught.value.faults] == ["fault 1:", "fault 2:"]


def test_files_without_faults_or_without_sense_are_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(InputError, match=r"none\.toml can not be read: No such file or directory\.$"):
        read_faults(missing)
    missing.write_text("fault = ")
    with pytest.raises(InputError, match=r"none\.toml is no TOML: "):
        read_faults(missing)
    missing.write_text("[about]\n")
    with pytest.raises(InputError, match=r"none\.toml has no \[\[fault\]\]\.$"):
        read_faults(missing)
