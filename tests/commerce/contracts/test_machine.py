"""Tables of states: faults are seen when they are written, and no table has a dead end it does not mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from perilune.commerce.contracts.guards import GUARDS
from perilune.commerce.contracts.machine import Machine, Row, advance, step
from perilune.commerce.contracts.tables import AMENDMENT, CLAIM, CONTRACT
from perilune.commerce.contracts.tables import MILESTONE as CONTRACT_MILESTONE
from perilune.commerce.milestones.table import GUARDS as MISSION_GUARDS
from perilune.commerce.milestones.table import MILESTONE as MISSION_MILESTONE
from perilune.errors import RefusedError

DOOR = Machine(
    "door",
    "shut",
    (
        Row("shut", "open", ("authority.keeper", "time.day"), "open"),
        Row("open", "shut", (), "shut"),
        Row("shut", "wall-up", (), "walled"),
    ),
)


def test_a_step_leads_on_if_its_guards_hold() -> None:
    assert step(DOOR, "shut", "open", {"authority.keeper": "", "time.day": ""}) == "open"


def test_the_first_guard_that_fails_says_why_with_its_rule() -> None:
    with pytest.raises(RefusedError, match="Come by day") as told:
        step(DOOR, "shut", "open", {"authority.keeper": "", "time.day": "It is night. Come by day."})
    assert told.value.rule == "time"


def test_an_order_that_the_state_does_not_know_names_those_it_knows() -> None:
    with pytest.raises(
        RefusedError, match=r"The door D1 is 'shut': it cannot 'fly'. Possible now: open, wall-up."
    ):
        step(DOOR, "shut", "fly", {}, "D1")


def test_what_is_final_says_so() -> None:
    with pytest.raises(RefusedError, match=r"The door is 'walled': it cannot 'open'\. That is final\."):
        step(DOOR, "walled", "open", {})


def test_a_guard_without_a_fact_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        step(DOOR, "shut", "open", {"authority.keeper": ""})


def test_guards_after_the_first_that_fails_are_not_asked() -> None:
    asked: list[str] = []

    def guard(name: str, answer: str) -> Callable[[str], str]:
        def ask(case: str) -> str:
            asked.append(f"{name} {case}")
            return answer

        return ask

    guards = {"authority.keeper": guard("keeper", "No."), "time.day": guard("day", "")}
    with pytest.raises(RefusedError, match=r"^No\.$"):
        advance(DOOR, "shut", "open", guards, "case")
    assert asked == ["keeper case"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ((Row("a", "go", (), "b"), Row("a", "go", (), "c")), "more than one row"),
        ((Row("a", "go", ("mood.good",), "b"),), "do not begin with one of"),
        ((Row("a", "go", (), "b"), Row("x", "go", (), "b")), "cannot be reached"),
    ],
)
def test_a_faulty_table_is_refused_when_it_is_written(rows: tuple[Row, ...], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Machine("m", "a", rows)


@pytest.mark.parametrize(
    ("machine", "final"),
    [
        (CONTRACT, {"withdrawn", "closed", "terminated"}),
        (CONTRACT_MILESTONE, {"accepted", "partial", "waived", "failed"}),
        (CLAIM, {"approved", "rejected"}),
        (AMENDMENT, {"agreed", "declined", "withdrawn"}),
        (MISSION_MILESTONE, {"waived"}),
    ],
    ids=lambda one: one.name if isinstance(one, Machine) else "",
)
def test_every_state_leads_to_an_end_that_is_meant(machine: Machine, final: set[str]) -> None:
    assert machine.final == final
    assert machine.states == machine.reachable
    ends = set(machine.final)
    while more := {row.state for row in machine.rows if row.next in ends} - ends:
        ends |= more
    assert ends == machine.states


def test_every_guard_of_the_tables_is_there_and_every_guard_is_used() -> None:
    named = {
        guard
        for machine in (CONTRACT, CONTRACT_MILESTONE, CLAIM, AMENDMENT)
        for row in machine.rows
        for guard in row.guards
    }
    assert named == set(GUARDS)
    assert {guard for row in MISSION_MILESTONE.rows for guard in row.guards} == set(MISSION_GUARDS)


def test_nothing_is_accepted_or_paid_without_evidence() -> None:
    for row in CONTRACT_MILESTONE.rows:
        if row.next in ("met", "accepted", "partial", "failed"):
            assert any(guard.startswith("evidence.") for guard in row.guards), row
        if row.next in ("accepted", "partial", "waived"):
            assert "authority.party" in row.guards
