"""Missions 1 and 2, the plans and the running contracts, replayed to what the documents report.

Documents: [0] release of 2024-02-01, [1] of 2025-09-30, [2] of September 2022, [3] briefing of 2025-05-09,
[4] of 2025-10-06. What they do not say (single prices, shares, days of payment) is assumed in the files.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from stores import made

from perilune.archive.company import Company
from perilune.archive.replay import read_history, replay
from perilune.archive.store import Store
from perilune.archive.verify import verify
from perilune.commerce.books import Books
from perilune.commerce.ledger.audit import balanced
from perilune.commerce.money import Money
from perilune.commerce.when import local_day

HISTORIES = Path(__file__).resolve().parents[2] / "missions" / "histories"
FILES = sorted(path.name for path in HISTORIES.glob("*.toml"))
#: Those whose every order says the day it counts from; nobody books a flight after its launch.
DATED = [name for name in FILES if name != "payloads.toml"]


def usd(text: str) -> Money:
    return Money.parse(f"{text} USD")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """All histories in one store."""
    folder = tmp_path_factory.mktemp("histories")
    found = made(str(folder / "s.store"), folder)
    steps = "".join(f'"{HISTORIES / name}", ' for name in FILES)
    whole = folder / "all.toml"
    whole.write_text(f'id = "all"\ntitle = "All"\nactor = "history"\nwith = [{steps}]\norder = []\n')
    replay(found.company("house"), whole, found.files.keep_file)
    return found


@pytest.fixture
def company(store: Store) -> Company:
    return store.company("house")


def total(rows: list[Any], field: str) -> Money:
    return sum((getattr(row, field) for row in rows), usd("0.00"))


@pytest.mark.parametrize("name", FILES)
def test_each_history_stands_by_itself(name: str, tmp_path: Path) -> None:
    company = made(str(tmp_path / "s.store"), tmp_path).company("house")
    assert len(replay(company, HISTORIES / name)) == len(read_history(HISTORIES / name))
    assert balanced(company.books()) == []


def test_together_they_hold_in_chain_files_and_ledger(store: Store, company: Company) -> None:
    assert [one.fault for one in verify(store.log, store.files)] == [""]
    assert balanced(company.books()) == []


def test_the_books_stand_in_a_snapshot_as_they_are(company: Company) -> None:
    books = company.books()
    kept = TypeAdapter(Books)
    assert kept.validate_json(kept.dump_json(books)) == books


@pytest.mark.parametrize("order", [DATED, DATED[::-1], ["m1.toml", "m2.toml"]], ids=["a-z", "z-a", "m1-m2"])
def test_one_after_another_they_tell_the_same(order: list[str], tmp_path: Path, company: Company) -> None:
    """Recorded later, counted from the same days: what was known of a day does not hang on the order."""
    later = made(str(tmp_path / "s.store"), tmp_path).company("house")
    for name in order:
        replay(later, HISTORIES / name)
    assert balanced(later.books()) == []
    for view, asked in (
        ("milestone list", {}),
        ("milestone list", {"mission": "m2", "as_of": "2025-05-09"}),
        ("contract list", {"mission": "m1"}),
        ("contract list", {"mission": "m2"}),
        ("plan list", {"as_of": "2025-05-09"}),
    ):
        assert told(later, view, asked) == told(company, view, asked)


def told(company: Company, view: str, asked: dict[str, Any]) -> list[Any]:
    return sorted(company.rows(view, asked), key=lambda row: (getattr(row, "mission", ""), row.id))


def test_every_order_names_its_source() -> None:
    for name in FILES:
        for step in read_history(HISTORIES / name):
            assert len(step.order.reason) > 5


def test_mission_6_of_the_2024_plan_is_mission_4_of_2025(company: Company) -> None:
    """[0]: Mission 6 in 2027; [3]: Mission 4 (formerly Mission 6) in 2027; [4]: in 2028."""
    told = {
        day: {row.name: (row.id, row.launch) for row in company.rows("plan list", {"as_of": day})}
        for day in ("2024-02-01", "2025-05-09", "2025-10-06")
    }
    assert told["2024-02-01"]["Mission 6"] == ("series-3-first", "2027")
    assert told["2025-05-09"]["Mission 4"] == ("series-3-first", "2027")
    assert told["2025-10-06"]["Mission 4"] == ("series-3-first", "2028")
    assert told["2025-05-09"]["Mission 6"][0] != "series-3-first"


@pytest.mark.parametrize(
    ("day", "launches"),
    [
        ("2022-09-30", {"Mission 1": "2022-11", "Mission 2": "2024", "Mission 3": "2025"}),  # [2]
        ("2024-02-01", {"Mission 2": "2024-12/2025-02", "Mission 3": "2026", "Mission 6": "2027"}),  # [0]
        (
            "2025-05-09",  # [3]
            {"Mission 1": "2022-12-11", "Mission 2": "2025-01-15", "Mission 3": "2027", "Mission 4": "2027",
             "Mission 5": "2028", "Mission 6": "2028", "Mission 7": "2029"},
        ),
        (
            "2025-10-06",  # [4]
            {"Mission 3": "2027", "Mission 4": "2028", "Mission 5": "2029", "Mission 6": "2029",
             "Mission 7": "2030"},
        ),
    ],
)  # fmt: skip
def test_the_plan_of_a_day_is_what_its_document_told(
    company: Company, day: str, launches: dict[str, str]
) -> None:
    rows = {row.name: row.launch for row in company.rows("plan list", {"as_of": day})}
    assert launches.items() <= rows.items()


def test_the_slips_of_five_months_are_a_year_each(company: Company) -> None:
    """From [3] to [4]: Missions 4 to 7 a year later, Mission 3 not."""
    slips = {row.id: row.slip_day_count for row in company.rows("plan slips") if row.as_of == "2025-10-06"}
    assert slips == {
        "series-3-first": 366, "apex-second": 365, "series-3-second": 365, "apex-third": 365,
    }  # fmt: skip
    (engine,) = [
        row for row in company.rows("plan slips", {"as_of": "2025-05-09"}) if row.as_of == "2025-05-09"
    ]
    assert (engine.id, engine.slip_day_count) == ("m3", 365)


def test_mission_1_ends_with_eight_and_data_won_within_the_ninth(company: Company) -> None:
    """[0]: Success 8 of 10 reached, data and know-how within Success 9."""
    rows = {row.id: row for row in company.rows("milestone list", {"mission": "m1"})}
    states = [rows[f"success-{number}"].state for number in range(1, 11)]
    assert states == ["achieved"] * 8 + ["partial", "failed"]
    assert local_day(rows["success-2"].achieved_at) == "2022-12-11"  # [0][3]
    assert local_day(rows["success-9"].achieved_at) == "2023-04-26"  # [3], whose 2024 is a misprint
    # Success 4 came before Success 3, which waited for customers' payloads (statement of 2022-12-15).
    assert rows["success-4"].declared_at < rows["success-3"].declared_at
    assert rows["success-5"].name == "One month of stable deep-space flight"


def test_mission_2_has_seven_by_may_2025_and_no_landing(company: Company) -> None:
    """[3]: the dates of Success 1 to 7 (Japanese days); [4]: landing not achieved."""
    in_may = company.rows("milestone list", {"mission": "m2", "as_of": "2025-05-09"})
    reached = {row.id: local_day(row.achieved_at) for row in in_may if row.state == "achieved"}
    assert reached == {
        "success-1": "2025-01-12", "success-2": "2025-01-15", "success-3": "2025-01-15",
        "success-4": "2025-01-17", "success-5": "2025-02-15", "success-6": "2025-04-24",
        "success-7": "2025-05-07",
    }  # fmt: skip
    now = {row.id: row for row in company.rows("milestone list", {"mission": "m2"})}
    assert now["success-7"].achieved_at == "2025-05-07T05:41+09:00"
    assert now["success-5"].name == "Lunar flyby"
    assert (now["success-9"].state, now["success-10"].state) == ("failed", "failed")


def test_mission_2_sold_what_the_documents_report(company: Company) -> None:
    """[3]: about 16 M USD of contracts (decimals cut); [4]: "
    "14.5 M USD of sales, four private, one academic."""
    rows = [row for row in company.rows("contract list", {"mission": "m2"}) if row.kind == "payload-service"]
    assert {row.party for row in rows} == {"takasago", "euglena", "ncu", "bandai-namco", "genberg"}
    assert Counter(row.title.rpartition("(")[2] for row in rows) == {"private)": 4, "academic)": 1}
    assert total(rows, "price") == usd("16000000.00")
    assert total(rows, "earned") == usd("14500000.00")
    assert (total(rows, "paid"), total(rows, "owed")) == (usd("14500000.00"), usd("0.00"))
    assert {row.confidence for row in rows} == {"assumed"}  # the split among customers is not published


@pytest.mark.parametrize("mission", ["m1", "m2"])
def test_final_payments_stay_unpaid(company: Company, mission: str) -> None:
    parts = [row for row in company.rows("contract milestones", {"mission": mission}) if row.id == "landing"]
    assert {row.state for row in parts} == {"failed"}
    assert all(row.amount.minor > 0 and row.earned.minor == 0 and not row.invoice for row in parts)
    contracts = [
        row for row in company.rows("contract list", {"mission": mission}) if row.kind == "payload-service"
    ]
    assert {row.state for row in contracts} == {"closed"}


def test_revenue_is_what_was_earned(company: Company) -> None:
    books = company.books()
    for row in company.rows("contract list"):
        if row.state == "closed":
            assert books.ledger.positions[row.id].recognised == row.earned


def test_the_agencies_of_mission_1_are_its_customers(company: Company) -> None:
    """[3]: the agencies of Canada, Japan and Dubai contracted for Mission 1."""
    rows = company.rows("contract list", {"mission": "m1", "kind": "payload-service"})
    assert {row.party for row in rows} == {"csa", "jaxa", "mbrsc"}


def test_the_task_order_and_the_subsidy_run_on(company: Company) -> None:
    """[3]: CP-12 is worth 62 M USD, the subsidy 12 billion yen for at least 100 kg within 2027; "
    "[4]: 2028 awaits."""
    (order,) = company.rows("contract show", {"id": "m3-cp-12"})
    assert (order.contract.price, order.contract.state) == (usd("62000000.00"), "active")
    (subsidy,) = company.rows("contract show", {"id": "sbir-series-3"})
    assert subsidy.contract.price == Money.parse("12000000000 JPY")
    assert subsidy.milestones[0].needs == "landed, payload_mass_kg >= 100, by 2027-12-31"
    (change,) = subsidy.amendments
    assert change.startswith("1 proposed: Launch in 2028 instead of 2027")


def test_evidence_is_tied_to_its_committed_files(company: Company) -> None:
    kept = {step.file.name for name in FILES for step in read_history(HISTORIES / name) if step.file}
    assert kept >= {path.name for path in (HISTORIES / "evidence").glob("m[12]-*.txt")}
    assert all(row.source for row in company.rows("evidence list"))
