import tomllib
from importlib import resources

import pytest

from perilune.errors import DataError, InputError, NameNotFoundError
from perilune.vehicles.catalogue import names, read_vehicle, vehicle
from perilune.vehicles.figures import BODY_FIGURES, CONFIDENCES, PROPULSION_FIGURES

# Height, width, wet, dry, payload in m and kg, as the investor briefing of 2025-05-09 prints them.
PUBLISHED = {
    "RESILIENCE": (2.3, 2.6, 1000.0, 340.0, 30.0),
    "APEX 1.0": (3.3, 4.5, 5390.0, 1730.0, 300.0),
    "Series 3": (3.6, 3.3, None, 1000.0, None),
    "TENACIOUS": (0.26, 0.32, None, 5.0, 1.0),
    "OTV": (None,) * 5,
    "Relay satellite": (None,) * 5,
    "Moonlight satellite": (None,) * 5,
    "Small satellite": (None,) * 5,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_are_those_published_and_nothing_more(name):
    known = vehicle(name)
    found = tuple(known.value(key) for key in ("height", "width", "wet_mass", "dry_mass", "payload_mass"))
    assert found == PUBLISHED[name]
    assert set(names()) == set(PUBLISHED)


def test_ranges_and_bounds_are_no_single_value():
    mass = vehicle("Moonlight satellite").figures["wet_mass"]
    assert (mass.value, mass.low, mass.high) == (None, 400.0, 600.0)
    payload = vehicle("Series 3").figures["payload_mass"]
    assert (payload.value, payload.low, payload.high) == (None, 100.0, None)


@pytest.mark.parametrize("name", names())
def test_each_figure_has_source_and_confidence(name):
    for key, figure in vehicle(name).figures.items():
        assert figure.confidence in CONFIDENCES
        assert len(figure.source) > 10
        assert key in BODY_FIGURES | PROPULSION_FIGURES
    assert all(source for _, source in vehicle(name).facts)


def test_what_is_not_published_of_resilience_is_marked():
    figures = vehicle("RESILIENCE").figures
    assert figures["dry_mass"].confidence == "published"
    assert {
        figures[key].confidence for key in ("main_thrust", "main_isp", "assist_thrust", "assist_isp")
    } == {"inferred"}
    assert figures["attitude_lag"].confidence == "assumed"


def test_unknown_stays_unknown():
    assert "main_thrust" in vehicle("APEX 1.0").unknown()
    with pytest.raises(
        InputError, match=r"APEX 1\.0: main thrust is not known\. Give it in the mission file"
    ):
        vehicle("APEX 1.0").propulsion()


def test_a_wrong_name_gets_the_nearest():
    with pytest.raises(NameNotFoundError, match=r"No vehicle 'RESILIANCE'\. Did you mean 'RESILIENCE'\?"):
        vehicle("RESILIANCE")


def test_propulsion_adds_up():
    engines = vehicle("RESILIENCE").propulsion()
    assert engines.thrust_n == 1625.0
    assert engines.mass_flow_kg_s == pytest.approx(
        425.0 / (320.0 * 9.80665) + 1200.0 / (290.0 * 9.80665), rel=1e-15
    )
    assert 290.0 < engines.isp_s < 320.0


def test_files_stand_for_themselves():
    folder = resources.files("perilune") / "data" / "vehicles"
    read = [tomllib.loads(entry.read_text(encoding="utf-8")) for entry in folder.iterdir()]
    assert len(read) == len(names())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("colour = 1\n", "unknown key 'colour'"),
        ("[figures.speed]\nvalue = '1 m/s'\n", "unknown figure 'speed'"),
        (
            "[figures.height]\nvalue = '1 m'\nsource = 's'\nconfidence = 'sure'\n",
            "needs a source and a confidence",
        ),
        (
            "[figures.height]\nvalue = '1 m'\nsource = 'x'\nconfidence = 'assumed'\n",
            "needs a source and a confidence",
        ),
        ("[figures.height]\nsource = 's'\nconfidence = 'assumed'\n", "needs `value`, `range` or `at_least`"),
    ],
)
def test_a_faulty_vehicle_file_names_the_place(text, fault):
    head = "name = 'X'\nkind = 'lander'\nsummary = ''\nsources = { s = 'somewhere' }\n"
    with pytest.raises(DataError, match=fault):
        read_vehicle("x.toml", head + text)


@pytest.mark.parametrize("text", ["[[[", "", "sources = 1", 'name = "x"\nsources = {}'])
def test_a_damaged_vehicle_file_is_named(text):
    with pytest.raises(DataError, match=r"^x\.toml: is damaged: .*Install perilune again"):
        read_vehicle("x.toml", text)
