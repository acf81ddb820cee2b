"""What Missions 1 to 3 and Moonlight carry, replayed from the committed file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from perilune.archive.company import Company
from perilune.archive.replay import replay
from perilune.archive.store import create_store
from perilune.commerce.booking.capacity import left

HISTORY = Path(__file__).resolve().parents[3] / "missions" / "histories" / "payloads.toml"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with create_store(tmp_path_factory.mktemp("history") / "books") as store:
        company = store.company("house")
        replay(company, HISTORY, store.files.keep_file)
        yield company


def test_mission_two_carries_five_payloads_and_the_rover(company: Company) -> None:
    """Investor briefing 2025-05-09: 30 kg in all; rover 5 kg and 1 kg on it; no other single mass."""
    rows = {row.payload: row for row in company.rows("manifest show", {"mission": "m2"})}
    parties = {name: row.party for name, row in rows.items()}
    assert parties == {
        "electrolyser": "takasago",
        "algae": "euglena",
        "dosimeter": "ncu",
        "charter-plate": "bandai-namco",
        "moonhouse": "genberg",
        "tenacious": "ispace-eu",
        "tenacious-payload": "ispace-eu",
    }
    assert company.books().booking.used["m2"][0] == 30_000
    assert {name for name, row in rows.items() if row.confidence == "published"} == {
        "tenacious",
        "tenacious-payload",
    }
    assert {row.state for row in rows.values()} == {"confirmed"}


def test_nothing_is_booked_on_mission_one_that_no_document_tells(company: Company) -> None:
    assert company.rows("manifest show", {"mission": "m1"}) == []


def test_mission_three_puts_two_relay_satellites_into_lunar_orbit(company: Company) -> None:
    payloads = company.books().payloads.by_id
    aboard = [payloads[row.payload] for row in company.rows("manifest show", {"mission": "m3"})]
    assert sum(payload.deployment == "orbit" for payload in aboard) == 2
    assert {payload.name for payload in aboard if payload.party == "nasa"} == {
        "Far-side seismometers",
        "Interior temperature and composition",
        "Surface electromagnetics",
    }
    assert left(company.books(), "m3").mass_kg > 0.0


def test_moonlights_five_satellites_go_up_in_two_phases(company: Company) -> None:
    shares = [company.rows("manifest show", {"mission": f"moonlight-{phase}"}) for phase in (1, 2)]
    assert [len(rows) for rows in shares] == [3, 2]
    assert all(400.0 <= row.mass_kg <= 600.0 for rows in shares for row in rows)


@pytest.mark.parametrize("mission", ["m1", "m2", "m3", "moonlight-1", "moonlight-2"])
def test_no_budget_breaks(company: Company, mission: str) -> None:
    broken = [row for row in company.rows("manifest check", {"mission": mission}) if row.state == "breaks"]
    assert broken == []


def test_only_what_is_ones_own_is_seen(company: Company) -> None:
    assert [row.payload for row in company.rows("manifest show", {"mission": "m2"}, "takasago")] == [
        "electrolyser"
    ]
    assert company.rows("manifest check", {"mission": "m2"}, "takasago") == []
