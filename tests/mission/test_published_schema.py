import pytest

from perilune.errors import MissionFileError
from perilune.mission.load import loads
from perilune.mission.published_schema import FIGURES

HEAD = """
[mission]
name = "test"
vehicle = "RESILIENCE"
wet_mass = "1000 kg"
[orbit]
epoch = "2023-04-25T15:00:00 UTC"
perilune_altitude = "100 km"
apolune_altitude = "100 km"
pass = "northbound"
mass = "795 kg"
[landing]
site = { name = "Atlas", latitude = "47.5 deg", longitude = "44.4 deg" }
epoch = "2023-04-25T16:40:00 UTC"
window = ["2023-04-25T16:35:00 UTC", "2023-04-25T16:45:00 UTC"]
"""


def entry(figure, value, more=""):
    return f'[[published]]\nfigure = "{figure}"\nvalue = "{value}"\nsource = "statement"\n{more}\n'


def test_conflicting_figures_stand_beside_each_other():
    told = loads(
        HEAD + entry("free_fall", "88 s", 'note = "by Doppler"') + entry("free_fall", "78 s")
        + entry("terrain_step", "3 km"), "a.toml"
    ).published  # fmt: skip
    assert [(one.figure, one.value, one.written, one.source) for one in told] == [
        ("free_fall", 88.0, "88 s", "statement (by Doppler)"),
        ("free_fall", 78.0, "78 s", "statement"),
        ("terrain_step", 3000.0, "3 km", "statement"),
    ]


def test_unknown_figures_and_units_are_told():
    with pytest.raises(MissionFileError) as told:
        loads(HEAD + entry("free_fal", "88 s") + entry("impact_speed", "88 km"), "a.toml")
    assert "No public figure 'free_fal'. Did you mean 'free_fall'?" in str(told.value)
    assert "impact_speed" in str(told.value)
    assert "km" in str(told.value)


def test_every_figure_is_found_in_a_run():
    from perilune.landing.loop.rows import COLUMNS
    from perilune.report.published import FIGURES as SHOWN

    assert set(SHOWN) == set(FIGURES)
    assert all(column in COLUMNS for _, _, column in SHOWN.values() if column)
