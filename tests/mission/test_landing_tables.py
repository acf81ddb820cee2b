"""The tables of a mission file that say how it lands: what they read, and what they tell of mistakes."""

import dataclasses
import math
from pathlib import Path

import pytest

from perilune.errors import MissionFileError
from perilune.landing.craft import table as craft_table
from perilune.landing.craft.shape import craft_of, engine_kinds
from perilune.landing.faults.rows import Fault
from perilune.landing.loop.inputs import VEHICLE
from perilune.landing.sensing import suite
from perilune.mission.descent import lander
from perilune.mission.landing_case import dispersions_of, geometry_of, limits_of
from perilune.mission.load import load, loads
from perilune.mission.sensor_schema import KINDS, dimension_of, keys_of_kind
from perilune.mission.sensors import default_sensors, sensors_of

MISSIONS = Path(__file__).resolve().parents[2] / "missions"
M2 = (MISSIONS / "m2.toml").read_text(encoding="utf-8")


def read(more):
    return loads(M2 + "\n" + more, "m.toml")


def faults_of(more):
    with pytest.raises(MissionFileError) as raised:
        read(more)
    return raised.value.faults


def test_every_field_of_every_sensor_can_be_written():
    for kind, sensor in KINDS.items():
        keys = keys_of_kind(kind)
        assert {field for field, _ in keys.values()} == {f.name for f in dataclasses.fields(sensor)} - {
            "name"
        }


@pytest.mark.parametrize(
    ("field", "key", "dimension"),
    [
        ("accelerometer_bias_m_s2", "accelerometer_bias", "acceleration"),
        ("gyro_bias_rad_s", "gyro_bias", "angular rate"),
        ("sigma_m_s", "sigma", "speed"),
        ("cant_rad", "cant", "angle"),
        ("period_s", "period", "time"),
        ("sigma_m", "sigma", "length"),
        ("albedo", "albedo", "dimensionless"),
    ],
)
def test_a_key_is_the_field_without_its_unit(field, key, dimension):
    assert dimension_of(field) == (key, dimension)


def test_a_sensor_is_its_kind_with_the_figures_of_the_file():
    mission = read(
        """
        [[sensor]]
        kind = "navigation-imu"
        name = "prime"
        [[sensor]]
        kind = "laser"
        greatest_range = "3 km"
        cant = "12 deg"
        mount = ["1 m", "0 m", "20 cm"]
        albedo = 0.12
        [[sensor]]
        kind = "star-tracker"
        while_braking = false
        [[sensor]]
        kind = "velocimeter"
        beams = 3
        """
    )
    imu, laser, tracker, doppler = mission.sensors
    assert imu == suite.navigation_imu("prime")
    assert laser == suite.Laser(
        greatest_range_m=3000.0, cant_rad=math.radians(12.0), mount_m=(1.0, 0.0, 0.2), albedo=0.12
    )
    assert tracker == suite.StarTracker(while_braking=False)
    assert doppler.beams == 3
    assert sensors_of(mission) == mission.sensors


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('kind = "lazer"', "sensor[1]: no kind of sensor 'lazer'. Did you mean 'laser'?"),
        ('name = "x"', "sensor[1]: no kind of sensor 'None'. There are: laser, radar, velocimeter,"),
        (
            'kind = "laser"\ngratest_range = "3 km"',
            "sensor[1]: gratest_range: is no figure of this kind. Did you mean 'greatest_range'?",
        ),
        ('kind = "laser"\nsigma = 1', "sensor[1]: sigma: 1 has no unit. Write the length with its unit:"),
        (
            'kind = "laser"\nsigma = "1 m/s"',
            "sensor[1]: sigma: '1 m/s' is a speed, where a length is needed.",
        ),
        (
            'kind = "velocimeter"\nbeams = 2.5',
            "sensor[1]: beams: expected a whole number above 0, given 2.5.",
        ),
        (
            'kind = "star-tracker"\nwhile_braking = 1',
            "sensor[1]: while_braking: expected true or false, given",
        ),
        ('kind = "laser"\nmount = ["1 m"]', "sensor[1]: mount: expected a list of 3, given ['1 m']."),
        ('kind = "laser"\nperiod = "0 s"', "sensor: Sensor 'laser': period_s must be positive."),
        (
            'kind = "laser"\n[[sensor]]\nkind = "laser"',
            "sensor: Two sensors have the name 'laser'. Give each",
        ),
    ],
)
def test_a_mistake_in_a_sensor_is_told(table, fault):
    faults = faults_of("[[sensor]]\n" + table)
    assert any(said.startswith(fault) for said in faults), faults


def test_two_mistakes_in_one_sensor_are_told_together():
    (said,) = faults_of('[[sensor]]\nkind = "laser"\nsigma = 1\nperiod = "2 m"')
    assert "sigma: 1 has no unit." in said
    assert "period: '2 m' is a length" in said


def test_without_sensors_a_vehicle_has_its_usual_ones():
    mission = read("")
    assert sensors_of(mission) == default_sensors("RESILIENCE")
    kinds = [suite.kind_of(sensor) for sensor in default_sensors("APEX 1.0")]
    assert kinds.count("laser") == kinds.count("radar") == 1
    assert "terrain-camera" in kinds


def test_faults_are_rows():
    mission = read(
        """
        [[fault]]
        unit = "laser"
        kind = "late"
        size = "893 m"
        [[fault]]
        unit = "main"
        kind = "thrust"
        size = "-5 %"
        after = "300 s"
        """
    )
    assert mission.faults == (
        Fault("laser", "late", size=893.0),
        Fault("main", "thrust", "after", 300.0, -0.05),
    )


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('kind = "off"', 'fault[1]: A fault needs unit = "…" as text.'),
        ('unit = "laser"\nkind = "of"', "fault[1]: No kind of fault 'of'. Did you mean 'off'?"),
        ('unit = "laser"\nkind = "bias"\nsize = 3', "fault[1]: 3 has no unit. Write the length"),
        ('unit = "laser"\nkind = "off"\nduration = "nan s"', "fault[1]: 'nan s' does not begin with"),
        ('unit = "laser"\nkind = "off"\nduration = nan', "fault[1]: nan is not a finite time."),
        ('unit = "laser"\nkind = "off"\nbelow = "inf km"', "fault[1]: 'inf km' does not begin with"),
    ],
)
def test_a_mistake_in_a_fault_is_told(table, fault):
    faults = faults_of("[[fault]]\n" + table)
    assert any(said.startswith(fault) for said in faults), faults


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('unit = "radar"\nkind = "off"', "fault[1]: No unit to fail 'radar'. There are: "),
        ('unit = "velocimetre"\nkind = "off"', "Did you mean 'velocimeter'?"),
        ('unit = "assist-7"\nkind = "off"', "fault[1]: No unit to fail 'assist-7'. Did you mean 'assist-6'?"),
        ('unit = "imu"\nkind = "late"\nsize = "3 km"', "has no fault 'late'. It can have: off, stuck"),
    ],
)
def test_a_fault_of_what_is_not_aboard_is_told_by_the_check(table, fault):
    told = faults_of(f"[[fault]]\n{table}")
    assert len(told) == 1
    assert fault in told[0]


def test_a_folder_without_a_tile_is_told_by_the_check(tmp_path):
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    told = faults_of(f'[terrain]\ntiles = "{tmp_path}"')
    assert list(told) == [
        f"terrain.tiles: The folder {tmp_path} holds no elevation tile. It can hold *.npz, *.lbl, *.img, "
        f"*.tif, *.tiff."
    ]


@pytest.mark.parametrize("name", ["m1", "m2", "m3", "m4"])
def test_the_check_knows_the_engines_that_fly(name):
    mission = load(MISSIONS / f"{name}.toml")
    craft = craft_of(lander(mission), geometry_of(mission))
    known = engine_kinds(geometry_of(mission), assists=True)
    assert known == tuple(craft.engines[:, craft_table.KIND].astype(int))


def test_sizes_of_inputs_come_from_defaults_then_sigmas_then_dispersion():
    mission = read(
        """
        [navigation]
        velocity_sigma = "0.2 m/s"
        [dispersion]
        mass = "1 %"
        knowledge_speed_up = "0.4 m/s"
        altitude_error = ["1.7 km", "2 km"]
        laser.bias = "2 m"
        main_thrust = { mean = "-1 %", size = "0.5 %" }
        """
    )
    inputs = {one.name: one for one in dispersions_of(mission)}
    usual = {one.name: one for one in VEHICLE}
    assert inputs["knowledge_speed_along"].size == 0.2
    assert inputs["knowledge_speed_up"].size == 0.4
    assert inputs["mass"].size == 0.01
    assert inputs["delivery_up"] == usual["delivery_up"]
    assert (inputs["altitude_error"].mean, inputs["altitude_error"].size) == (1850.0, 150.0)
    assert inputs["laser.bias"].size == 2.0
    assert (inputs["main_thrust"].mean, inputs["main_thrust"].size) == (-0.01, 0.005)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('mas = "1 %"', "dispersion.mas: No input 'mas'. Did you mean 'mass'?"),
        ('mass = "1 kg"', "dispersion.mass: '1 kg' is a mass, where a dimensionless is needed."),
        ('mass = ["0 %", "1 %"]', "dispersion.mass: its spread is normal. Write a sigma, or { mean ="),
        ('altitude_error = ["2 km", "1 km"]', "dispersion.altitude_error: the first of the two must not be"),
        ('mass = "-1 %"', "dispersion.mass: dispersion mass: -0.01 is no size. Give zero or more."),
        ('radar.bias = "1 m"', "dispersion.radar.bias: No input 'radar.bias'."),
    ],
)
def test_a_mistake_in_an_input_is_told(line, fault):
    faults = faults_of("[dispersion]\n" + line)
    assert any(said.startswith(fault) for said in faults), faults


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (
            '[navigation]\npolicy = "latsch"',
            "navigation.policy: No altimeter policy 'latsch'. Did you mean 'latch'?",
        ),
        ('[guidance]\nlaw = "apolo"', "guidance.law: No guidance law 'apolo'. There are apollo-quadratic,"),
        (
            "[guidance]\nupward_share = 1.5",
            "guidance.upward_share: given 1.5, but it is a share, above 0 and at",
        ),
        (
            '[terrain]\ntiles = "no-such-folder"',
            "terrain.tiles: there is no folder no-such-folder. A relative",
        ),
        (
            '[terrain]\nroughness = "rocky"',
            "terrain.roughness: given 'rocky', possible are 'none', 'maria' or",
        ),
        ('[success]\ntilt = "0 deg"', "success.tilt: given '0 deg', but it must be positive."),
    ],
)
def test_a_mistake_in_the_other_tables_is_told(table, fault):
    faults = faults_of(table)
    assert any(said.startswith(fault) for said in faults), faults


def test_limits_and_shape_come_from_the_file():
    mission = read('[success]\nvertical_speed = "1 m/s"\nmiss = "100 m"\nslope = "8 deg"')
    limits = limits_of(mission)
    assert limits.touchdown.soft_vertical_m_s == 1.0
    assert limits.miss_m == 100.0
    assert limits.slope_rad == math.radians(8.0)
    assert limits.rate_rad_s == math.radians(2.0)
    assert geometry_of(mission).height_m == 2.3
    taller = loads(M2 + '\n[vehicle]\nheight = "3 m"')
    assert geometry_of(taller).height_m == 3.0


def test_every_mission_of_the_folder_is_right():
    for path in MISSIONS.glob("*.toml"):
        load(path)
