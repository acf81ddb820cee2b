"""A single arc as a file: what it means, what is refused, what is answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from perilune.cli.main import run
from perilune.dynamics.burns import Burn, Direction
from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.errors import EpochError, MissionFileError
from perilune.mission.arc import answer, fly_arc, read_arc, to_oem
from perilune.world.frames import EARTH_ICRF

WHOLE = """
epoch = "2027-03-01T12:00:00 UTC"
centre = "earth"
position = ["6500.25 km", "-1200.5 km", "-800.125 km"]
velocity = ["2.0 km/s", "9.35 km/s", "4.9 km/s"]
duration = "36 h"
[spacecraft]
dry_mass = "1000 kg"
propellant = "756 kg"
[forces]
point_masses = ["earth", "moon", "sun", "jupiter"]
gravity = { moon = 10 }
gm = { earth = "398600.44 km^3/s^2" }
solar_pressure = { area = "10 m^2", reflectivity = 1.5, shadow = true }
[[burn]]
start = "0 s"
duration = "3000 s"
thrust = "10 N"
isp = "300 s"
direction = "velocity"
mass_flow = true
"""
SHORT = """
epoch = "2027-03-01T12:00:00 UTC"
centre = "moon"
position = ["1837.4 km", "0 km", "0 km"]
velocity = ["0 km/s", "0.1 km/s", "1.63 km/s"]
"""


def test_the_file_is_the_call() -> None:
    told = answer(arc := read_arc(WHOLE), fly_arc(arc, stm=True))
    start = Epoch.utc("2027-03-01T12:00:00")
    state = State(start, EARTH_ICRF, [6500250.0, -1200500.0, -800125.0], [2000.0, 9350.0, 4900.0])
    forces = ForceModel(
        point_masses=("earth", "moon", "sun", "jupiter"),
        moon_degree=10,
        gm_m3_s2=(("earth", 398600.44e9),),
        solar_pressure=SolarPressure(10.0, 1.5),
    )
    burn = Burn(start, 3000.0, 10.0, 300.0, Direction.velocity())
    flown = propagate(state, 129600.0, forces, burns=[burn], mass_kg=1756.0, propellant_kg=756.0)
    assert told["position_m"] == pytest.approx(flown.final.position_m.tolist(), rel=1e-9)
    assert told["velocity_m_s"] == pytest.approx(flown.final.velocity_m_s.tolist(), rel=1e-9)
    assert told["propellant_kg"] == pytest.approx(756.0 - 3000.0 * burn.flow_kg_s, rel=1e-12)
    assert told["outcome"] == "arrived"
    assert told["epoch_tdb"] == "2027-03-03T00:01:09.185368580"
    assert told["epoch_utc"].startswith("2027-03-02T23:59:59.99997")
    assert [event["name"] for event in told["events"]] == ["earth periapsis"]
    assert np.shape(told["stm"]) == (6, 6)


def test_the_page_shows_a_file_that_flies() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "arc-file.md"
    shown = page.read_text(encoding="utf-8").split("```toml")[1].split("```")[0]
    assert read_arc(shown).forces.earth_zonals == 4


@pytest.mark.parametrize(
    ("line", "hours"), [('until = "2027-03-01T15:00:00 UTC"', 3.0), ('duration = "-2 h"', -2.0)]
)
def test_until_and_backwards(line: str, hours: float) -> None:
    flown = fly_arc(read_arc(SHORT.replace("centre", line + "\ncentre", 1)))
    assert flown.duration_s == pytest.approx(3600.0 * hours, abs=1e-4)


def test_directions_and_starts() -> None:
    head = SHORT + 'duration = "2 h"\n[spacecraft]\ndry_mass = "1 t"\npropellant = "100 kg"\n'
    wanted = {
        '"anti-velocity"': Direction.anti_velocity(),
        '{ vnb = [0, 1, 0], body = "earth" }': Direction.vnb((0.0, 1.0, 0.0), "earth"),
        "{ inertial = [0, 3, 4] }": Direction.inertial((0.0, 0.6, 0.8)),
        "[0, 0, -2]": Direction.inertial((0.0, 0.0, -1.0)),
        '{ inertial = [1, 0, 0], axis = [0, 0, 1], rate = "1 deg/s" }': Direction.turning(
            (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), np.pi / 180
        ),
    }
    for text, direction in wanted.items():
        burn = (
            '[[burn]]\nstart = "2027-03-01T12:10:00 UTC"\nduration = "10 s"\nthrust = "400 N"\n'
            f'isp = "320 s"\ndirection = {text}\n'
        )
        (read,) = read_arc(head + burn).burns
        assert read.direction == direction
        assert read.start - Epoch.utc("2027-03-01T12:00:00") == pytest.approx(600.0, abs=1e-4)


def test_all_faults_at_once() -> None:
    text = """
epoch = "2027-03-01T12:00:00"
centre = "mars"
position = ["6500.25 km", "-1200.5", "-800.125 km"]
velocity = ["2.0 km/s", "9.35 km/s", nan]
tolerence = 1
[spacecraft]
dry_mas = "1000 kg"
[forces]
point_masses = ["earth", "mooon"]
gravity = { moon = 500 }
gm = { earth = "398600.44 km" }
[[burn]]
start = "0"
duration = "-3000 s"
thrust = "10 N"
isp = "300 s"
direction = "up"
"""
    with pytest.raises(MissionFileError) as caught:
        read_arc(text, "arc.toml")
    faults = "\n".join(caught.value.faults)
    for sentence in (
        "epoch: '2027-03-01T12:00:00' does not say its time scale.",
        "centre: given 'mars', possible are 'earth' or 'moon'.",
        "position: '-1200.5' has no unit.",
        "velocity: nan is not a finite speed.",
        "unknown key 'tolerence'.",
        "spacecraft: unknown key 'dry_mas'. Did you mean 'dry_mass'?",
        "forces.point_masses[2]: given 'mooon', possible are",
        "forces.gravity.moon: expected at most 200, given 500.",
        "forces.gm.earth: '398600.44 km' is a length, where a gm is needed.",
        "burn[1].start: '0' has no unit.",
        "burn[1].duration: given '-3000 s', but it must be positive.",
        "burn[1].direction: given 'up'. Write \"velocity\"",
        'duration: missing. Add duration = "36 h", or until =',
    ):
        assert sentence in faults
    assert len(caught.value.faults) == 13


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SHORT + 'duration = "1 h"\nuntil = "2027-03-02T00:00:00 UTC"', "until: given beside duration. Keep"),
        (SHORT + 'duration = "1 h"\n[forces]\npoint_masses = ["earth"]', "leaves out the centre 'moon'."),
        (
            SHORT + 'duration = "1 h"\n[forces]\nsolar_pressure = { area = "1 m^2", reflectivity = 1 }',
            "spacecraft: missing, but solar_pressure needs a mass.",
        ),
        (
            SHORT + 'duration = "1 h"\n[spacecraft]\ndry_mass = "1 kg"\n'
            + '[[burn]]\nstart = "0 s"\nduration = "9 s"\nthrust = "1 N"\nisp = "300 s"\n' * 2,
            "burn: 'burn 2' begins 9 s before 'burn 1' ends. Move one of them.",
        ),
        ("epoch = ", "broken TOML"),
    ],
)  # fmt: skip
def test_faults_of_several_keys(text: str, fault: str) -> None:
    with pytest.raises(MissionFileError) as caught:
        read_arc(text)
    assert any(fault in one for one in caught.value.faults)


def test_outside_the_ephemeris_names_its_span() -> None:
    with pytest.raises(EpochError, match="2060"):
        fly_arc(read_arc(SHORT.replace("2027", "2059") + 'duration = "400 d"'))


def test_an_impact_and_an_empty_tank_are_outcomes() -> None:
    fall = SHORT.replace('"0.1 km/s", "1.63 km/s"', '"0.1 km/s", "1.2 km/s"') + 'duration = "1 d"\n'
    told = answer(arc := read_arc(fall), fly_arc(arc))
    assert told["outcome"] == "moon impact"
    assert np.linalg.norm(told["position_m"]) == pytest.approx(1737400.0, abs=1e-4)
    dry = SHORT + (
        'duration = "1 h"\nevents = []\n[spacecraft]\ndry_mass = "900 kg"\npropellant = "10 kg"\n'
        '[[burn]]\nstart = "60 s"\nduration = "900 s"\nthrust = "400 N"\nisp = "300 s"\n'
    )
    told = answer(arc := read_arc(dry), fly_arc(arc))
    assert told["propellant_kg"] == 0.0
    assert [event["name"] for event in told["events"]] == ["propellant depleted"]
    assert told["outcome"] == "arrived"


def test_oem_holds_the_arc() -> None:
    arc = read_arc(SHORT + 'duration = "-2 h"')
    flown = fly_arc(arc)
    text = to_oem(flown, "probe", "2027-01-01T00:00:00")
    rows = [line.split() for line in text.splitlines() if line[:2] == "20"]
    assert rows[-1][0].startswith("2027-03-01T12:01:09")
    assert [float(part) for part in rows[-1][1:4]] == pytest.approx([1837.4, 0.0, 0.0], abs=1e-7)
    assert len(rows) == 4 * flown.steps + 1


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "arc.toml"
    file.write_text(SHORT + 'duration = "2 h"')
    assert run(["propagate", str(file), "--json", "--stm", "--oem", str(tmp_path / "arc.oem")]) == 0
    told = json.loads(capsys.readouterr().out)
    asked = "epoch_tdb epoch_utc centre position_m velocity_m_s propellant_kg steps events stm"
    assert set(told) >= set(asked.split())
    assert (tmp_path / "arc.oem").read_text().startswith("CCSDS_OEM_VERS = 2.0")
    assert run(["propagate", str(file)]) == 0
    assert "arrived at 2027-03-01T13:59:59" in capsys.readouterr().out
    assert run(["propagate", str(tmp_path / "arx.toml")]) == 2
    assert "Did you mean" in capsys.readouterr().err
    assert run(["propagate", str(file), "--oem", str(tmp_path / "no" / "arc.oem")]) == 2
    assert "Can not write" in capsys.readouterr().err
