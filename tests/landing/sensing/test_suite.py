"""Tables, error inputs and messages of the sensors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perilune.errors import InputError
from perilune.landing.loop.inputs import draw
from perilune.landing.sensing import layout as at
from perilune.landing.sensing import suite

ALL = (
    suite.Imu(),
    suite.Imu("imu-2"),
    suite.StarTracker(),
    suite.Laser(),
    suite.Radar(),
    suite.Velocimeter(),
    suite.TerrainCamera(),
    suite.HazardCamera(),
)


def test_a_table_has_a_row_a_sensor() -> None:
    table = suite.sensor_table(ALL)
    assert table.shape == (len(ALL), at.SENSOR_COLUMNS)
    assert [at.KINDS[int(kind)] for kind in table[:, at.KIND]] == [suite.kind_of(sensor) for sensor in ALL]
    looking = table[:, at.KIND] < at.HAZARD_CAMERA
    assert np.linalg.norm(table[looking, at.BORE : at.BORE + 3], axis=1) == pytest.approx(
        np.ones(looking.sum())
    )


def test_every_error_has_its_input_and_its_place() -> None:
    inputs = suite.error_inputs(ALL)
    names = [one.name for one in inputs]
    assert len(set(names)) == len(names)
    values = np.arange(1.0, len(names) + 1.0)
    errors = suite.errors_from(ALL, values)
    assert sorted(errors[errors != 0.0]) == sorted(values)
    assert errors[3, at.E_BIAS] == values[names.index("laser.bias")]
    assert errors[1, at.E_GYRO + 2] == values[names.index("imu-2.gyro_bias_z")]
    assert suite.map_tie(ALL, values) == (
        values[names.index("map.tie_east")],
        values[names.index("map.tie_north")],
    )


def test_two_cameras_share_one_map() -> None:
    pair = (suite.TerrainCamera(), suite.TerrainCamera("second"))
    names = [one.name for one in suite.error_inputs(pair)]
    assert names.count("map.tie_east") == 1
    errors = suite.errors_from(pair, np.arange(1.0, len(names) + 1.0))
    assert errors[0, at.E_TIE_EAST] == errors[1, at.E_TIE_EAST] == 1.0


def test_no_camera_no_tie() -> None:
    lone = (suite.Laser(),)
    assert suite.map_tie(lone, np.zeros(len(suite.error_inputs(lone)))) == (0.0, 0.0)


def test_errors_scatter_by_their_sizes() -> None:
    inputs = suite.error_inputs(ALL)
    values = np.array([draw(inputs, 3, run) for run in range(2000)])
    assert values.std(axis=0) == pytest.approx(np.array([one.size for one in inputs]), rel=0.1)


def test_the_number_of_values_must_fit() -> None:
    with pytest.raises(InputError, match=r"^3 values for 6 inputs of the sensors\.$"):
        suite.errors_from([suite.Laser()], [0.0, 0.0, 0.0])


def test_two_sensors_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="Two sensors have the name 'laser'"):
        suite.sensor_table([suite.Laser(), suite.Laser()])


@pytest.mark.parametrize(
    ("sensor", "message"),
    [
        (suite.Laser(sigma_m=math.nan), "Sensor 'laser' has a figure that is no finite number"),
        (suite.Laser(period_s=0.0), "Sensor 'laser': period_s must be positive"),
        (suite.Radar(latency_s=-1.0), "Sensor 'radar': latency_s must be at least zero"),
        (suite.Velocimeter(beams=5), "Velocimeter 'velocimeter' has 5 beams. Give it 3 or 4"),
    ],
)
def test_figures_no_instrument_can_have_are_refused(sensor: suite.Sensor, message: str) -> None:
    with pytest.raises(InputError, match=message):
        suite.sensor_table([sensor])


def test_memory_is_fresh() -> None:
    memory = suite.sensor_memory(ALL)
    assert memory.shape == (len(ALL), at.MEMORY_COLUMNS)
    assert (memory[:, at.NEXT_S] < -1e6).all()
