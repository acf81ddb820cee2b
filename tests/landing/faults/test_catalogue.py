"""The catalogue: whole, readable, and every entry one that the arrays can hold."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.errors import NameNotFoundError
from perilune.landing.craft import table as craft_table
from perilune.landing.craft.table import Craft
from perilune.landing.faults.catalogue import CATALOGUE, catalogue_fault
from perilune.landing.faults.kinds import KINDS
from perilune.landing.faults.rows import fault_table
from perilune.landing.sensing import suite

SENSORS = (
    suite.Imu(),
    suite.StarTracker(),
    suite.Laser(),
    suite.Radar(),
    suite.Velocimeter(),
    suite.TerrainCamera(),
    suite.HazardCamera(),
)
#: The families of faults that a landing must be flown with, by a word of each.
FAMILIES = (
    "altimeter dropout",
    "late acquisition",
    "terrain step",
    "altimeter bias or scale",
    "stuck value",
    "spikes, side lobe, dust",
    "false near-zero range",
    "latency",
    "noisy altimeter",
    "velocimeter loss",
    "inertial unit",
    "engine",
    "slosh and under-fill",
    "map error",
    "attitude knowledge",
    "commanding error",
)


def craft() -> Craft:
    engines = np.zeros((4, craft_table.ENGINE_COLUMNS))
    engines[:, craft_table.KIND] = craft_table.MAIN, craft_table.ASSIST, craft_table.ASSIST, craft_table.RCS
    return Craft(engines, np.zeros((0, 12)), np.zeros(24), np.zeros(12))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_an_entry(family: str) -> None:
    assert any(entry.family.startswith(family) for entry in CATALOGUE.values())


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_can_be_flown_and_is_told_in_words(name: str) -> None:
    entry = CATALOGUE[name]
    assert entry.name == name
    assert entry.faults
    fault_table(entry.faults, SENSORS, craft())
    assert all(fault.kind in KINDS for fault in entry.faults)
    for text in (entry.signature, entry.good):
        assert 10 < len(text) < 120
    assert set(entry.needs) <= {suite.kind_of(sensor) for sensor in SENSORS}


def test_an_unknown_entry_is_told_with_the_nearest() -> None:
    with pytest.raises(NameNotFoundError, match="Did you mean 'terrain-step'"):
        catalogue_fault("catalogue:terain-step")
