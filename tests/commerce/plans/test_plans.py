"""Plans by the day: ids stay, names move, slips are told."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from agreements import refused
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from regolith import Desk

from perilune.commerce.plans.launch import Launch, slip_day_count, window
from perilune.errors import NameNotFoundError

PLAN: dict[str, Any] = {
    "id": "series-3-first",
    "name": "Mission 6",
    "launch": "2027",
    "vehicle": "Series 3",
    "as_of": "2024-02-01",
    "source": "release of 2024-02-01",
}


def planned() -> Desk:
    desk = Desk()
    desk.order("plan announce", **PLAN)
    desk.order(
        "plan revise", id=PLAN["id"], as_of="2025-05-09", name="Mission 4", source="briefing of 2025-05-09"
    )
    desk.order(
        "plan revise", id=PLAN["id"], as_of="2025-10-06", launch="2028", source="briefing of 2025-10-06"
    )
    return desk


def names(desk: Desk, **asked: Any) -> list[tuple[str, str, str]]:
    return [(row.id, row.name, row.launch) for row in desk.rows("plan list", **asked)]


@pytest.mark.parametrize(
    ("day", "row"),
    [
        ("2024-01-31", []),
        ("2024-02-01", [("series-3-first", "Mission 6", "2027")]),
        ("2025-05-09", [("series-3-first", "Mission 4", "2027")]),
        (None, [("series-3-first", "Mission 4", "2028")]),
    ],
)
def test_a_plan_is_told_as_of_a_day(day: str | None, row: list[tuple[str, str, str]]) -> None:
    assert names(planned(), as_of=day) == row


def test_the_slips_are_listed() -> None:
    (slip,) = planned().rows("plan slips")
    assert (slip.as_of, slip.slip_day_count, slip.slip_total_day_count) == ("2025-10-06", 366, 366)
    assert planned().rows("plan slips", as_of="2025-10-05") == []


def test_all_versions_are_kept_and_shown() -> None:
    rows = planned().rows("plan show", id=PLAN["id"])
    assert [(row.as_of, row.name, row.source) for row in rows] == [
        ("2024-02-01", "Mission 6", "release of 2024-02-01"),
        ("2025-05-09", "Mission 4", "briefing of 2025-05-09"),
        ("2025-10-06", "Mission 4", "briefing of 2025-10-06"),
    ]
    assert len(planned().rows("plan show", id=PLAN["id"], as_of="2025-05-09")) == 2


def test_a_document_found_late_takes_its_place_in_between() -> None:
    desk = planned()
    asked = {"id": PLAN["id"], "as_of": "2024-11-12", "name": "Mission 4", "source": "report of 2024-11-12"}
    desk.order("plan revise", **asked)
    assert [row.as_of for row in desk.rows("plan show", id=PLAN["id"])] == [
        "2024-02-01", "2024-11-12", "2025-05-09", "2025-10-06",
    ]  # fmt: skip
    assert names(desk, as_of="2024-12-01") == [("series-3-first", "Mission 4", "2027")]


def test_a_name_is_free_again_once_its_mission_is_renamed() -> None:
    desk = planned()
    other = {**PLAN, "id": "apex-third"}
    refused(desk, "state", "'Mission 6' is the name of mission 'series-3-first'", "plan announce", **other)
    desk.order("plan announce", **{**other, "as_of": "2025-05-09"})
    assert {name: id_ for id_, name, _ in names(desk)}["Mission 6"] == "apex-third"


@pytest.mark.parametrize(
    ("rule", "text", "name", "asked"),
    [
        ("state", "is announced already. Use plan revise", "announce", PLAN),
        ("time", "2026-06-02 is still to come", "announce", {**PLAN, "id": "x", "as_of": "2026-06-02"}),
        ("time", "was announced on 2024-02-01. Give a later day", "revise",
         {"id": "series-3-first", "as_of": "2024-01-31", "source": "s"}),
        ("state", "has a version of 2025-05-09 already", "revise",
         {"id": "series-3-first", "as_of": "2025-05-09", "source": "s"}),
    ],
)  # fmt: skip
def test_plans_are_refused_with_their_cure(rule: str, text: str, name: str, asked: dict[str, Any]) -> None:
    refused(planned(), rule, text, f"plan {name}", **asked)


def test_an_unknown_mission_names_the_nearest() -> None:
    with pytest.raises(NameNotFoundError, match="Did you mean 'series-3-first'"):
        planned().rows("plan show", id="series-3-frist")


@pytest.mark.parametrize(
    ("launch", "first", "last"),
    [
        ("2027", "2027-01-01", "2027-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-01-15", "2025-01-15", "2025-01-15"),
        ("2024-12/2025-02", "2024-12-01", "2025-02-28"),
        ("2028/2029", "2028-01-01", "2029-12-31"),
    ],
)
def test_a_launch_date_is_as_wide_as_it_was_told(launch: str, first: str, last: str) -> None:
    assert [str(day) for day in window(launch)] == [first, last]


@pytest.mark.parametrize(
    "launch", ["27", "2027-13", "2025-02-30", "2027/2026", "soon", "1900", "9999", "2027-1", "", "2027/"]
)
def test_what_is_no_launch_date_is_refused(launch: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Launch).validate_python(launch)


@given(st.lists(st.integers(1960, 2190).map(str), min_size=2, max_size=6))
def test_slips_add_up(launches: list[str]) -> None:
    steps = [slip_day_count(one, other) for one, other in pairwise(launches)]
    assert sum(steps) == slip_day_count(launches[0], launches[-1])
