"""The check list before descent: commanding errors are no-go, what breaks later is not seen."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.landing.craft import table as craft_table
from perilune.landing.craft.table import Craft
from perilune.landing.faults.catalogue import CATALOGUE
from perilune.landing.faults.checklist import Item, check_list, no_go
from perilune.landing.faults.rows import Fault, fault_table
from perilune.landing.sensing import suite

SENSORS = (suite.Imu(), suite.StarTracker(), suite.Laser(), suite.Radar(), suite.Velocimeter())
ENGINES = 3


def craft() -> Craft:
    engines = np.zeros((ENGINES, craft_table.ENGINE_COLUMNS))
    engines[:, craft_table.KIND] = craft_table.MAIN, craft_table.ASSIST, craft_table.RCS
    return Craft(engines, np.zeros((0, 12)), np.zeros(24), np.zeros(12))


def refused(*faults: Fault, sensors: tuple[suite.Sensor, ...] = SENSORS, **wish: float) -> dict[str, str]:
    items = check_list(sensors, fault_table(faults, sensors, craft()), ENGINES, **wish)
    return {item.name: item.why for item in no_go(items)}


def test_a_healthy_lander_is_go() -> None:
    assert refused() == {}
    names = [item.name for item in check_list(SENSORS, fault_table((), SENSORS, craft()), ENGINES)]
    assert names[:5] == [f"{sensor.name} works" for sensor in SENSORS]
    assert names[5:] == ["height can be measured", "propellant as planned", "site as planned"]


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("altimeter-switched-off", {"laser works", "radar works", "height can be measured"}),
        ("laser-not-armed", {"laser works"}),
        ("wrong-site", {"site as planned"}),
        ("velocimeter-never", {"velocimeter works"}),
        ("accelerometer-off", {"imu works"}),
        ("under-fill", {"propellant as planned"}),
    ],
)
def test_commanding_errors_of_the_catalogue_are_no_go(name: str, items: set[str]) -> None:
    assert set(refused(*CATALOGUE[name].faults)) == items


@pytest.mark.parametrize(
    "name", ["altimeter-stuck", "altimeter-dropout", "imu-reset", "dust", "terrain-step"]
)
def test_what_breaks_later_is_not_seen(name: str) -> None:
    assert refused(*CATALOGUE[name].faults) == {}


def test_reasons_say_what_to_do() -> None:
    assert refused(Fault("laser", "off"))["laser works"] == "does not answer. Switch it on."
    lone = (suite.Imu(), suite.Laser())
    found = refused(Fault("laser", "no-return"), sensors=lone)
    assert found["laser works"] == "answers, but its self-test has no return. Arm it, remove its inhibit."
    assert found["height can be measured"] == "no altimeter works. Do not descend."
    found = refused(Fault("software", "wrong-site-north", size=5000.0))
    assert found["site as planned"] == "the site on board lies 5000 m from the plan's. Load it again."


def test_an_altimeter_must_range_before_the_deadline() -> None:
    weak = (suite.Imu(), suite.Laser(reference_range_m=1000.0))
    assert "first range in time" not in refused(sensors=weak, deadline_m=500.0)
    why = refused(sensors=weak, deadline_m=1178.0)["first range in time"]
    assert why.startswith("laser ranges from ")
    assert why.endswith(" m, needed from 1178 m. Take one that is heard higher up.")
    assert refused(Fault("laser", "off"), sensors=weak, deadline_m=500.0)["first range in time"] == (
        "no altimeter works."
    )


def test_items_are_values() -> None:
    assert no_go([Item("a", True, ""), Item("b", False, "x")]) == (Item("b", False, "x"),)


def test_an_altimeter_that_a_fault_makes_late_ranges_from_there() -> None:
    heard = Fault("laser", "late", size=893.0)
    alone = (suite.Imu(), suite.Laser())
    assert "first range in time" not in refused(heard, sensors=alone, deadline_m=800.0)
    why = refused(heard, sensors=alone, deadline_m=1178.0)["first range in time"]
    assert why.startswith("laser ranges from 893 m")
