import math
import re

import pytest
from flights import M2
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import Epoch
from perilune.errors import MissionFileError
from perilune.mission.load import load, loads

TEXT = M2.read_text(encoding="utf-8")


def faults_of(text):
    with pytest.raises(MissionFileError) as raised:
        loads(text, "m.toml")
    return raised.value.faults


def changed(*pairs, more=""):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text + more


def test_mission_2_is_read_into_si():
    mission = load(M2)
    assert mission.about.wet_mass_kg == 1000.0
    assert mission.payload_mass_kg == 30.0
    assert mission.launch.epoch == Epoch.utc("2025-01-15T06:11:39")
    assert mission.launch.inclination_rad == (math.radians(28.5), math.radians(31.0))
    assert mission.transfer.flyby is not None
    assert mission.transfer.flyby.altitude_m == 8.4e6
    assert mission.lunar_orbit.band_m == (70e3, 125e3)
    assert mission.landing.site.latitude_rad == math.radians(60.5)
    assert [milestone.id for milestone in mission.milestones] == [f"success-{n}" for n in range(1, 11)]
    assert mission.spacecraft.propulsion().thrust_n == 1625.0


def test_a_mission_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load(M2).about.name = "other"


def test_a_public_day_in_japan_begins_the_evening_before_in_utc():
    public = load(M2).milestones[0].public
    assert public is not None
    assert public.start.utc_iso(0) == "2025-01-11T15:00:00Z"
    assert public.end - public.start == 86400.0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ('perigee_altitude = "185 km"', "perigee_altitude = 185"),
            'launch.perigee_altitude: 185 has no unit. Write the length with its unit: "185 m" or "185 km".',
        ),
        (
            ('perigee_altitude = "185 km"', 'perigee_altitude = "185 kg"'),
            "launch.perigee_altitude: '185 kg' is a mass, where a length is needed.",
        ),
        (
            ('perigee_altitude = "185 km"', 'perigee_altitud = "185 km"'),
            "launch: unknown key 'perigee_altitud'. Did you mean 'perigee_altitude'?",
        ),
        (
            ('perigee_altitude = "185 km"', "perigee_altitude = nan"),
            "launch.perigee_altitude: nan is not a finite length.",
        ),
        (('mass = "24 kg"', 'mass = "-24 kg"'), "payload[2].mass: given '-24 kg', but it must be positive."),
        (
            ('mass = "24 kg"', 'mass = "31 kg"'),
            "payload: the payloads weigh 37 kg together, RESILIENCE carries 30",
        ),
        (
            ('latitude = "60.5 deg"', 'latitude = "95 deg"'),
            "landing.site.latitude: given '95 deg', but it must lie between -90 and 90 deg.",
        ),
        (
            ('vehicle = "RESILIENCE"', 'vehicle = "RESILIANCE"'),
            "mission.vehicle: No vehicle 'RESILIANCE'. Did you",
        ),
        (
            ('vehicle = "RESILIENCE"', 'vehicle = "TENACIOUS"'),
            "TENACIOUS is a rover and does not land. Landers are:",
        ),
        (
            ('wet_mass = "1000 kg"', 'wet_mass = "780 kg"'),
            "mission.wet_mass: 780 kg leaves 402 kg of propellant above the 378 kg that land.",
        ),
        (
            ('wet_mass = "1000 kg"', 'wet_mass = "1100 kg"'),
            "1100 kg, but RESILIENCE weighs at most 1000 kg when",
        ),
        (
            ('circular_by = "2025-05-28T08:27:00 UTC"', 'circular_by = "2065-05-28T08:27:00 UTC"'),
            "lunar_orbit.circular_by: 2065-05-28T08:27:00Z lies outside the embedded ephemeris",
        ),
        (
            ('epoch = "2025-02-14T22:43:00 UTC"', 'epoch = "2024-02-14T22:43:00 UTC"'),
            "transfer.flyby.epoch: 2024-02-14T22:43:00Z is not after launch.epoch",
        ),
        (
            ('epoch = "2025-02-14T22:43:00 UTC"', 'epoch = "2025-02-14T22:43:00"'),
            "transfer.flyby.epoch: '2025-02-14T22:43:00' does not say its time scale.",
        ),
        (
            ('epoch = "2025-02-14T22:43:00 UTC"', "epoch = 2025-02-14T22:43:00"),
            'transfer.flyby.epoch: the date 2025-02-14 22:43:00 has no time scale. Write it as text, "2025-',
        ),
        (
            ('inclination = ["28.5 deg", "31 deg"]', 'inclination = ["5 deg", "9 deg"]'),
            "launch.inclination: an orbit",
        ),
        (
            ('altitude = "100 km"', 'altitude = "100 km"\ninclination = ["20 deg", "40 deg"]'),
            "landing.site: latitude 60.50 deg lies outside the reach of the lunar orbit",
        ),
        (
            ('band = ["70 km", "125 km"]', 'band = ["125 km", "70 km"]'),
            "lunar_orbit.band: the first of the two",
        ),
        (
            ('band = ["70 km", "125 km"]', 'band = ["70 km"]'),
            "lunar_orbit.band: expected two values, the least",
        ),
        (
            ('band = ["70 km", "125 km"]', 'band = ["101 km", "125 km"]'),
            "100 km lies outside lunar_orbit.band",
        ),
        (
            ('apolune_altitude = "5800 km"', 'apolune_altitude = "58 km"'),
            "70 km is above insertion.apolune_altitude",
        ),
        (
            ('window = ["2025-06-05T19:00:00', 'window = ["2025-06-05T19:20:00'),
            "landing.epoch: 2025-06-05T19:17:00Z",
        ),
        (
            ('after = ["success-4"]', 'after = ["success-44"]'),
            "after names 'success-44', which is no milestone.",
        ),
        (('id = "success-3"', 'id = "success-4"'), "milestone: the id 'success-4' stands 2 times."),
        (
            ('after = ["success-1"]', 'after = ["success-2"]'),
            "milestones need one another in a circle: success-2",
        ),
        (('event = "flyby"', 'event = "fliby"'), "milestone[5].needs[1].event: given 'fliby', possible are"),
        (
            ('tilt = "5 deg"', 'tild = "5 deg"'),
            "'tild' is no figure of 'touchdown'. There are: vertical_speed",
        ),
        (('tilt = "5 deg"', "tilt = 5"), "milestone[9].needs[2]: tilt: 5 has no unit."),
        (('until = "orbit"', 'until = ""'), 'count = "all" needs a phase and until'),
        (("[insertion]", "[insertio]"), "the file: unknown key 'insertio'. Did you mean 'insertion'?"),
    ],
)
def test_each_fault_is_one_sentence_with_the_cure(change, fault):
    faults = faults_of(changed(change))
    assert any(fault in told for told in faults), faults


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            "[forces]\nmoon_gravity_degree = 500",
            "forces.moon_gravity_degree: expected at most 200, given 500.",
        ),
        (
            '[forces]\npoint_masses = ["sun", "earth", "jupiter"]',
            "forces.point_masses: moon missing. No flight to the Moon is right without; add it.",
        ),
        (
            "[forces]\nearth_zonal_degree = 1",
            "forces.earth_zonal_degree: there is no degree 1. Choose 0 (none), 2, 3 or 4.",
        ),
        ('[forces]\npoint_masses = ["pluto"]', "forces.point_masses[1]: given 'pluto', possible are 'sun'"),
        ("[forces]\npoint_masses = 5", "forces.point_masses: expected a list, given 5."),
        ('[vehicle]\nthrust = "5 N"', "vehicle: 'thrust' is no figure of a vehicle. There are: height"),
        ("[vehicle]\nmain_thrust = 5", "vehicle: main_thrust: 5 has no unit."),
    ],
)
def test_optional_tables_are_checked_too(more, fault):
    assert faults_of(TEXT + "\n" + more) != ()
    assert any(fault in told for told in faults_of(TEXT + "\n" + more))


def test_all_faults_are_told_at_once_each_once():
    text = changed(
        ('perigee_altitude = "185 km"', "perigee_altitude = 185"),
        ('wet_mass = "1000 kg"', 'wet_mass = "780 kg"'),
        ('latitude = "60.5 deg"', 'latitude = "95 deg"'),
        ('event = "flyby"', 'event = "fliby"'),
        ('circular_by = "2025-05-28T08:27:00 UTC"', 'circular_by = "2065-05-28T08:27:00 UTC"'),
    )
    faults = faults_of(text)
    places = [fault.split(":")[0] for fault in faults]
    assert places == [
        "launch.perigee_altitude",
        "landing.site.latitude",
        "milestone[5].needs[1].event",
        "lunar_orbit.circular_by",
        "landing.epoch",
        "mission.wet_mass",
    ]


def test_a_misspelled_key_is_not_told_as_missing_too():
    assert len(faults_of(changed(('name = "Mare Frigoris"', 'nam = "Mare Frigoris"')))) == 1


def test_an_empty_file_says_what_belongs_in_it():
    faults = faults_of("")
    assert "mission: missing. Add the table with name, vehicle, wet_mass." in faults
    assert len(faults) == 5


def test_broken_toml_is_told_with_line_and_column():
    with pytest.raises(MissionFileError, match=r"broken TOML: .*line 2, column"):
        loads("[mission]\nname = \n", "m.toml")


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "m2.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(MissionFileError, match=re.escape(f"Did you mean {tmp_path / 'm2.toml'}?")):
        load(tmp_path / "m3.toml")
    with pytest.raises(MissionFileError, match=r"there is no such file\. Check the path\."):
        load(tmp_path / "nowhere" / "zzz")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MissionFileError, match="cannot be read as text"):
        load(tmp_path / "m.toml")


def test_an_unknown_figure_can_be_given_in_the_file():
    bare = changed(
        ('vehicle = "RESILIENCE"', 'vehicle = "Series 3"'), ('wet_mass = "1000 kg"', 'wet_mass = "3000 kg"')
    )
    told = [fault for fault in faults_of(bare) if "is not known" in fault]
    assert told[0].endswith('Add [vehicle] main_thrust = "…" with the figure to fly with.')
    figures = (
        'main_thrust = "4 kN"\nmain_isp = "315 s"\nmain_min_throttle = "0.2"\n'
        'attitude_rate = "5 deg/s"\nattitude_lag = "1 s"\n'
    )
    mission = loads(f"{bare}\n[vehicle]\n{figures}")
    assert mission.spacecraft.propulsion().main_thrust_n == 4000.0
    assert mission.spacecraft.figures["main_isp"].confidence == "assumed"
    assert mission.spacecraft.figures["main_isp"].source == "mission file"


JUNK = st.recursive(
    st.one_of(
        st.none().map(lambda _: '""'),
        st.integers(-(10**6), 10**6).map(str),
        st.sampled_from(['"100 km"', '"x"', "nan", "true", "[]", "{}", "2025-01-01", '["1 km", "2 km"]']),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
    max_leaves=4,
)
KEYS = ["name", "vehicle", "wet_mass", "epoch", "site", "inclination", "window", "needs", "band", "zzz"]
TABLES = [
    "[mission]",
    "[launch]",
    "[transfer.flyby]",
    "[landing]",
    "[[milestone]]",
    "[[payload]]",
    "[vehicle]",
    "[zz]",
]


@given(
    st.dictionaries(
        st.sampled_from(TABLES), st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=5), max_size=6
    )
)
def test_whatever_stands_in_the_file_becomes_sentences(tables):
    text = "\n".join(
        f"{head}\n" + "\n".join(f"{k} = {v}" for k, v in keys.items()) for head, keys in tables.items()
    )
    faults = faults_of(text)
    assert faults
    assert all(fault and "\n" not in fault for fault in faults)
