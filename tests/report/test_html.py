import datetime
import json
import math
import re
from dataclasses import replace

import pytest
from flights import crashed, delivery
from pages import parsed

from perilune.mission.delivery import LandingResult, LunarOrbitResult, Outcome
from perilune.report.html import render_report
from perilune.report.text import summary


@pytest.fixture(scope="module")
def page():
    return render_report(delivery())


def test_the_page_is_whole_and_needs_nothing_else(page):
    reader = parsed(page)
    assert reader.links == []
    assert "http:" not in page.replace("http://www.w3.org", "")
    assert "https:" not in page
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#clip-[0-9a-f]+\)", "", page)


def test_every_drawing_is_there(page):
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert captions == [
        "Transfer, inertial",
        "Transfer, Sun-Earth rotating",
        "The way to the Moon, in three dimensions",
        "Lunar flyby",
        "Lunar orbit",
        "Altitude in lunar orbit",
        "Descent profile",
        "Speeds",
        "Thrust and pitch",
        "The last 1,500 m",
    ]


def test_the_viewer_holds_the_flight(page):
    data = json.loads(re.search(r'id="flight">(.*?)</script>', page)[1])
    count = len(data["day"])
    assert {len(data[key]) for key in ("craft", "moon", "sun")} == {count}
    assert data["day"] == sorted(data["day"])
    assert [mark["name"] for mark in data["marks"]] == ["DSM-1", "DSM-2", "flyby", "farthest", "insertion"]
    assert abs(data["day"][data["flyby"]] - 30.628) < 0.1
    moon = [math.hypot(*place) for place in data["moon"]]
    assert 356.0 < min(moon) < max(moon) < 407.0
    assert data["start"] == datetime.datetime(2025, 1, 15, 7, 40, tzinfo=datetime.UTC).timestamp() * 1e3


def test_milestones_stand_beside_their_public_dates(page):
    text = " ".join(parsed(page).text)
    assert text.count("achieved") >= 10
    assert "2025-01-12 JST" in text
    assert "+1.2 min" in text
    assert "10 of 10" in text


def test_the_summary_tells_what_the_flight_is_judged_by():
    told = summary(delivery())
    for words in (
        "Injection   2025-01-15 07:40:00 UTC",
        "inclination ",
        " from the pad at launch",
        "Deep space  ",
        "between flyby and insertion",
        "at the worst node of the plan",
        " km until the descent",
        "times the least possible (",
        "kg usable left",
    ):
        assert words in told
    assert told.isascii()


def test_no_figure_is_broken(page):
    assert not re.search(r"\b(nan|inf|None)\b", page)


@pytest.mark.parametrize(
    "flown",
    [
        crashed(),
        replace(
            delivery(LandingResult("not_flown"), Outcome.NO_TRANSFER),
            reason="No transfer < 50 m/s reaches the Moon.",
            legs=(),
            descent=None,
            budget=(),
            lunar_orbit=LunarOrbitResult((), None, None, None),
            transfer=replace(
                delivery().transfer,
                injection=None,
                flyby=None,
                insertion=None,
                max_earth_distance_m=None,
                max_earth_distance_epoch=None,
                manoeuvres=(),
                dv_total_m_s=0.0,
            ),
        ),
    ],
)
def test_a_flight_that_ended_early_is_told_too(flown):
    reader = parsed(render_report(flown))
    assert flown.outcome.replace("_", " ") in " ".join(reader.text)
    assert flown.outcome.replace("_", " ") in summary(flown)
    assert flown.reason in " ".join(reader.text)
    assert flown.reason in summary(flown)


def test_names_are_escaped():
    flown = replace(delivery(), mission='<script>alert("x")</script>')
    assert "<script>alert" not in render_report(flown)


def test_the_summary_lines_up(page):
    lines = summary(delivery()).splitlines()
    table = [line for line in lines if line.startswith("[")]
    assert len(table) == 10
    assert len({line.index("achieved  ") for line in table}) == 1
    assert max(map(len, table)) < 120
