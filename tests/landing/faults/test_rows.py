"""Faults as rows: units by name, triggers, durations, joining; and what the compiled step makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.errors import InputError, NameNotFoundError
from perilune.landing.craft import table as craft_table
from perilune.landing.craft.table import Craft
from perilune.landing.faults import _kernels as kernels
from perilune.landing.faults.kinds import KINDS
from perilune.landing.faults.rows import (
    Fault,
    fault_table,
    no_effects,
    of_ground,
    started,
    units,
)
from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite

SENSORS = (suite.Imu(), suite.Imu("spare"), suite.Laser("near"), suite.Radar(), suite.Velocimeter())
ENGINES = (craft_table.MAIN, craft_table.ASSIST, craft_table.ASSIST, craft_table.RCS)


def craft() -> Craft:
    engines = np.zeros((len(ENGINES), craft_table.ENGINE_COLUMNS))
    engines[:, craft_table.KIND] = ENGINES
    return Craft(engines, np.zeros((0, 12)), np.zeros(24), np.zeros(12))


class Flight:
    """Faults under a clock, a height and a phase."""

    def __init__(self, *faults: Fault) -> None:
        self.table = fault_table(faults, SENSORS, craft())
        self.started = started(self.table)
        self.effects = no_effects(len(SENSORS), len(ENGINES))

    def at(self, since_s: float = 0.0, height_m: float = 1e4, phase: int = 1) -> int:
        return int(kernels.effects_of(self.table, self.started, since_s, height_m, phase, self.effects))


def test_units_are_sensors_kinds_groups_and_engines() -> None:
    known = units(SENSORS, ENGINES)
    assert known["near"] == known["laser"] == known["altimeter"] == (2,)
    assert known["altimeters"] == (2, 3)
    assert known["imu"] == (0,)
    assert known["imus"] == (0, 1)
    assert known["assist"] == (6, 7)
    assert known["assist-2"] == (7,)
    assert known["main"] == (5,)
    assert known["tank"] == (9,)
    assert known["software"] == (11,)
    assert at.TANK_ROW + 12 == 9
    assert at.MAP_ROW + 12 == 10
    assert at.SOFTWARE_ROW + 12 == 11


def test_a_sensor_s_own_name_goes_before_its_kind() -> None:
    pair = (suite.Laser("a"), suite.Laser("laser"))
    assert units(pair, ())["laser"] == (1,)


def test_triggers() -> None:
    flight = Flight(
        Fault("near", "off", "after", 100.0),
        Fault("radar", "off", "below", 5000.0),
        Fault("velocimeter", "off", "phase", 2.0),
        Fault("imu", "off"),
    )
    assert flight.at(-10.0) == 1
    assert flight.at(100.0) == 2
    assert flight.at(101.0, 4999.0) == 3
    assert flight.at(102.0, 6000.0, 3) == 4  # what has begun goes on
    assert flight.effects[[0, 2, 3, 4], at.OFF].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_a_fault_lasts_its_time_and_comes_once() -> None:
    flight = Flight(Fault("near", "bias", "below", 5000.0, 50.0, 20.0))
    assert flight.at(10.0, 4000.0) == 1
    assert flight.effects[2, at.BIAS] == 50.0
    assert flight.at(29.9, 4000.0) == 1
    assert flight.at(30.0, 4000.0) == 0
    assert flight.effects[2, at.BIAS] == 0.0
    assert flight.at(40.0, 4000.0) == 0


def test_sizes_add_and_factors_multiply() -> None:
    flight = Flight(
        Fault("near", "bias", size=50.0),
        Fault("near", "bias", size=-20.0),
        Fault("near", "scale", size=0.1),
        Fault("near", "scale", size=0.1),
        Fault("near", "noise", size=3.0),
        Fault("near", "noise", size=2.0),
    )
    flight.at()
    flight.at()
    assert flight.effects[2, at.BIAS] == 30.0
    assert flight.effects[2, at.SCALE] == pytest.approx(0.21)
    assert flight.effects[2, at.NOISE] == pytest.approx(5.0)


def test_cells_without_a_fault_are_left_alone() -> None:
    flight = Flight(Fault("near", "off"))
    flight.effects[3, at.BIAS] = 7.0
    flight.at()
    assert flight.effects[3, at.BIAS] == 7.0


def test_switch_and_value_go_together() -> None:
    flight = Flight(
        Fault("near", "false", size=0.06),
        Fault("radar", "spikes", size=-30.0, share=0.4),
        Fault("imu", "accelerometer-off"),
        Fault("velocimeter", "no-return"),
    )
    flight.at()
    assert flight.effects[2, [at.FALSE, at.FALSE_VALUE]].tolist() == [1.0, 0.06]
    assert flight.effects[3, [at.SPIKE_SHARE, at.SPIKE_SIZE]].tolist() == [0.4, -30.0]
    assert flight.effects[0, [at.FALSE, at.FALSE_VALUE]].tolist() == [1.0, 0.0]
    assert 0.0 < flight.effects[4, at.CEILING_M] < 1e-6


def test_engines_lose_thrust_and_are_turned() -> None:
    flight = Flight(
        Fault("main", "thrust", size=-0.08),
        Fault("assist-2", "off"),
        Fault("rcs", "misalignment-x", size=0.02),
    )
    flight.at()
    health = np.empty((len(ENGINES), 3))
    kernels.engine_health(flight.effects, len(SENSORS), health)
    assert health[:, 0] == pytest.approx([0.92, 1.0, 0.0, 1.0])
    assert health[:, 1].tolist() == [0.0, 0.0, 0.0, 0.02]


def test_no_thrust_below_zero() -> None:
    flight = Flight(Fault("main", "thrust", size=-1.5))
    flight.at()
    health = np.empty((len(ENGINES), 3))
    kernels.engine_health(flight.effects, len(SENSORS), health)
    assert health[0, 0] == 0.0


def test_time_since_the_first_fault() -> None:
    flight = Flight(Fault("near", "off", "after", 100.0), Fault("radar", "off", "after", 50.0))
    flight.at(40.0)
    assert kernels.since(flight.started, 40.0) == math.inf
    flight.at(60.0)
    flight.at(120.0)
    assert kernels.since(flight.started, 120.0) == pytest.approx(60.0)


def test_unknown_units_and_kinds_are_told_with_the_nearest() -> None:
    with pytest.raises(NameNotFoundError, match=r"^No unit to fail 'altimetre'. Did you mean 'altimeter'\?$"):
        fault_table([Fault("altimetre", "off")], SENSORS, craft())
    with pytest.raises(NameNotFoundError, match=r"^No kind of fault 'stick'. Did you mean 'stuck'\?$"):
        fault_table([Fault("near", "stick")], SENSORS, craft())


def test_a_kind_must_fit_its_unit() -> None:
    with pytest.raises(InputError, match=r"^A main has no fault 'bias'\. It can have: off, thrust, misal"):
        fault_table([Fault("main", "bias", size=1.0)], SENSORS, craft())


def test_the_ground_has_one_fault_and_no_row() -> None:
    step = Fault("ground", "step", "before", 50e3, 3000.0)
    assert of_ground(step)
    assert fault_table([step], SENSORS, craft()).shape == (0, kernels.FAULT_COLUMNS)
    with pytest.raises(InputError, match='the ground has one fault, unit = "ground"'):
        of_ground(Fault("ground", "step", "below", 50e3, 3000.0))


def test_every_kind_can_be_written_for_each_of_its_units() -> None:
    sensors = tuple(
        sensor()
        for sensor in (
            suite.Imu, suite.StarTracker, suite.Laser, suite.Radar, suite.Velocimeter, suite.TerrainCamera,
            suite.HazardCamera,
        )
    )  # fmt: skip
    for name, kind in KINDS.items():
        for unit in kind.units:
            trigger = "before" if unit == "ground" else "start"
            rows = fault_table([Fault(unit, name, trigger, size=1.0)], sensors, craft())
            assert (len(rows) > 0) == (unit != "ground"), (unit, name)


def test_sentences_tell_units() -> None:
    assert str(Fault("near", "late", size=893.0)) == "near: late 893 m from the start"
    assert str(Fault("main", "thrust", "after", 100.0, -0.08)) == "main: thrust -0.08 100 s after ignition"
    assert str(Fault("imu", "off", "phase", 2.0, duration_s=5.0)) == (
        "imu: off from the phase approach on for 5 s"
    )
    assert str(Fault("ground", "step", "before", 55e3, 3200.0)) == (
        "ground: step 3200 m 55000 m before the site"
    )
