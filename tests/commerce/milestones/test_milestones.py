"""Milestones of missions: a graph, declared on evidence, in whatever order the mission allows."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from agreements import refused, shown, standing
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from regolith import Desk, digest

from perilune.commerce import registry
from perilune.commerce.milestones.state import circle
from perilune.commerce.verbs import visible
from perilune.errors import InputError, NameNotFoundError


def states(desk: Desk) -> dict[str, str]:
    return {row.id: row.state for row in desk.rows("milestone list")}


def declare(status: str = "achieved", name: str = "success-1", **more: Any) -> dict[str, Any]:
    return {"mission": "m9", "milestone": name, "status": status, **more}


def test_a_flight_declares_all_it_shows_in_the_order_of_the_graph() -> None:
    desk = shown(standing(), "flight", success_9="partial", success_2="achieved", success_1="achieved")
    answer = desk.order("milestone assess", mission="m9", evidence="flight")
    assert answer == {"success-1": "achieved", "success-2": "achieved", "success-9": "partial"}
    rows = {row.id: row for row in desk.rows("milestone list")}
    assert rows["success-2"].achieved_at == "2026-03-01"
    assert rows["success-2"].declared_at == "2026-06-01T12:00:00.000000Z"
    assert rows["success-9"].evidence == ("flight",)
    refused(desk, "state", "changes no milestone", "milestone assess", mission="m9", evidence="flight")


def test_what_was_not_achieved_in_a_delivery_is_failed() -> None:
    desk = shown(standing(), "flight", success_9="not achieved")
    desk.order("milestone assess", mission="m9", evidence="flight")
    assert states(desk)["success-9"] == "failed"


def test_milestones_come_out_of_order_where_the_graph_allows_it() -> None:
    """Mission 1: Success 4 before Success 3, both after Success 2."""
    desk = standing()
    defined = [
        {"id": "success-2", "name": "Launch"},
        {"id": "success-3", "name": "Steady", "after": ["success-2"]},
        {"id": "success-4", "name": "First manoeuvre", "after": ["success-2"]},
    ]
    desk.order("milestone define", mission="m8", milestones=defined)
    for number, name in enumerate(("success-2", "success-4", "success-3"), 60):
        shown_ = [{"id": name, "status": "achieved", "at": "2026-03-01"}]
        asked = {"mission": "m8", "digest": digest(number), "kind": "statement", "what": "told"}
        desk.order("evidence record", id=name, seen_at="2026-03-01", milestones=shown_, **asked)
        desk.order("milestone assess", mission="m8", evidence=name)
    assert set(states(desk).values()) == {"achieved", "planned"}


def test_a_part_may_become_the_whole_and_what_was_superseded_is_planned_again() -> None:
    desk = shown(standing(), "first", success_1="partial")
    desk.order("milestone assess", mission="m9", evidence="first")
    shown(desk, "second", success_1="achieved")
    desk.order("milestone assess", mission="m9", evidence="second")
    refused(desk, "evidence", "The evidence for 'success-1' stands", "milestone declare", **declare("reopen"))
    asked = {"mission": "m9", "digest": digest(99), "kind": "statement", "what": "withdrawn"}
    desk.order("evidence record", id="third", seen_at="2026-03-02", supersedes="second", **asked)
    desk.order("milestone declare", **declare("reopen"))
    assert states(desk)["success-1"] == "planned"
    row = desk.books.milestones.by_mission["m9"]["success-1"]
    assert [one.state for one in row.declared] == ["partial", "achieved", "planned"]


def test_a_list_is_told_as_of_a_day() -> None:
    desk = shown(standing(), "flight", success_1="achieved")
    desk.order("milestone assess", day="2026-05-02", mission="m9", evidence="flight")
    for day, state in (("2026-05-01", "planned"), ("2026-05-02", "achieved")):
        (row, *_) = desk.rows("milestone list", as_of=day)
        assert (row.state, row.evidence) == (state, ("flight",) if state == "achieved" else ())


def test_a_declaration_may_count_from_an_earlier_day() -> None:
    desk = shown(standing(), "flight", success_1="achieved")
    asked = {"mission": "m9", "evidence": "flight"}
    refused(desk, "time", "2026-03-01 is still to come", "milestone assess", **asked, on="2026-02-28")
    refused(desk, "time", "2026-06-02 is still to come", "milestone assess", **asked, on="2026-06-02")
    desk.order("milestone assess", **asked, on="2026-03-02")
    (row, *_) = desk.rows("milestone list", as_of="2026-03-02")
    assert (row.state, row.declared_at) == ("achieved", "2026-03-02")


def test_achieved_declared_and_announced_are_three_times() -> None:
    desk = shown(standing(), "flight", success_1="achieved")
    refused(
        desk, "state", "'success-1' of 'm9' is not declared yet", "milestone announce",
        mission="m9", milestone="success-1", announced_at="2026-04-01",
    )  # fmt: skip
    desk.order("milestone assess", mission="m9", evidence="flight")
    view = registry.view("milestone list")
    everything = view.asked.model_validate({})
    assert visible(view, desk.books, everything, "nasa") == []
    announce = {"mission": "m9", "milestone": "success-1"}
    for when, text in (("2026-02-28", "before it was reached"), ("2026-07-01", "still to come")):
        refused(desk, "time", text, "milestone announce", **announce, announced_at=when)
    desk.order("milestone announce", **announce, announced_at="2026-03-02")
    (row,) = visible(view, desk.books, everything, "nasa")
    assert (row.achieved_at, row.announced_at) == ("2026-03-01", "2026-03-02")


@pytest.mark.parametrize(
    ("rule_", "text", "asked"),
    [
        ("evidence", "cannot be 'achieved' without evidence", declare()),
        ("evidence", "says nothing of 'success-1'", declare(evidence="landing")),
        ("evidence", "shows 'success-9' 'achieved', not 'failed'",
         declare("failed", "success-9", evidence="landing")),
        ("evidence", "cannot be reached without success-2. Declare it first",
         declare("achieved", "success-9", evidence="landing")),
        ("evidence", "is of mission 'm8'", declare(evidence="other")),
        ("time", "2026-06-02 is still to come", declare(evidence="first", achieved_at="2026-06-02")),
        ("time", "before it was reached", declare(evidence="first", announced_at="2026-02-28")),
        ("state", "is 'planned': it cannot 'reopen'", declare("reopen")),
    ],
)  # fmt: skip
def test_declarations_are_refused_with_their_cure(rule_: str, text: str, asked: dict[str, Any]) -> None:
    desk = shown(shown(standing(), "landing", success_9="achieved"), "first", success_1="achieved")
    seen = {"digest": digest(70), "kind": "statement", "what": "x", "seen_at": "2026-03-01"}
    desk.order("evidence record", id="other", mission="m8", **seen)
    refused(desk, rule_, text, "milestone declare", **asked)


def test_only_the_house_defines_and_declares() -> None:
    desk = shown(standing(), "first", success_1="achieved")
    refused(
        desk, "authority", "declared by the house", "milestone declare", "nasa", **declare(evidence="first")
    )
    one = [{"id": "a", "name": "A"}]
    refused(
        desk, "authority", "defined by the house", "milestone define", "nasa", mission="m8", milestones=one
    )
    refused(desk, "state", "are defined already", "milestone define", mission="m9", milestones=one)
    refused(desk, "state", "has no milestones yet", "milestone assess", mission="m8", evidence="first")


@pytest.mark.parametrize(
    ("milestones", "error", "text"),
    [
        ([{"id": "a", "name": "A"}] * 2, InputError, "an id stands twice"),
        ([{"id": "a", "name": "A", "after": ["b"]}], NameNotFoundError, "No milestone 'b'"),
        (
            [{"id": "a", "name": "A", "after": ["b"]}, {"id": "b", "name": "B", "after": ["a"]}],
            InputError,
            "a, b need one another in a circle",
        ),
        ([{"id": "a", "name": "A", "after": ["a"]}], InputError, "a need one another"),
    ],
)
def test_definitions_that_cannot_be_reached_are_refused(
    milestones: list[Any], error: type[InputError], text: str
) -> None:
    with pytest.raises(error, match=text):
        standing().order("milestone define", mission="m8", milestones=milestones)


def test_evidence_of_a_milestone_that_the_mission_does_not_know_is_told() -> None:
    desk = shown(standing(), "odd", success_7="achieved")
    with pytest.raises(NameNotFoundError, match="No milestone of 'm9' 'success-7'"):
        desk.order("milestone assess", mission="m9", evidence="odd")


def test_a_long_chain_is_no_circle() -> None:
    chain = {f"m{number}": (f"m{number - 1}",) if number else () for number in range(100)}
    assert circle(chain) == ()
    assert set(circle({**chain, "m0": ("m99",)})) == set(chain)


#: From a state to those that may be declared next; "planned" again only where evidence was superseded.
MAY = {
    "planned": {"achieved", "partial", "failed", "waived"},
    "partial": {"achieved", "failed", "planned"},
    "achieved": {"planned"},
    "failed": {"planned"},
    "waived": set(),
}
NAMES = ("success-1", "success-2", "success-9")


class Walk(RuleBasedStateMachine):
    """Declares at random; what is legal is written down here apart from the code's table."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = standing()

    def give(self, name: str, party: str = "", /, **asked: Any) -> None:
        before, then = pickle.dumps(self.desk.books), states(self.desk)
        try:
            self.desk.order(name, party, **asked)
        except InputError:
            assert pickle.dumps(self.desk.books) == before
            return
        now = states(self.desk)
        for milestone, state in now.items():
            assert state == then[milestone] or state in MAY[then[milestone]]
        if then != now:
            assert party == ""

    @rule(
        statuses=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("achieved", "partial", "failed"))),
        supersedes=st.integers(0, 8),
        assesses=st.booleans(),
    )
    def show(self, statuses: dict[str, str], supersedes: int, assesses: bool) -> None:
        number = len(self.desk.books.evidence.by_id) + 1
        seen = [{"id": name, "status": status, "at": "2026-03-01"} for name, status in statuses.items()]
        old = {"supersedes": f"E{supersedes}"} if 0 < supersedes < number else {}
        told = {"kind": "statement", "what": "told", "seen_at": "2026-03-01", "milestones": seen, **old}
        self.give("evidence record", id=f"E{number}", mission="m9", digest=digest(number), **told)
        if assesses:
            self.give("milestone assess", mission="m9", evidence=f"E{number}")

    @rule(
        name=st.sampled_from(NAMES),
        status=st.sampled_from(("achieved", "partial", "failed", "waived", "reopen")),
        evidence=st.integers(0, 8),
        party=st.sampled_from(("", "", "", "nasa")),
    )
    def declare(self, name: str, status: str, evidence: int, party: str) -> None:
        asked = {"evidence": f"E{evidence}"} if evidence else {}
        self.give("milestone declare", party, mission="m9", milestone=name, status=status, **asked)

    @invariant()
    def what_is_declared_stands_on_evidence(self) -> None:
        found = self.desk.books.milestones.by_mission["m9"]
        for one in found.values():
            if one.state in ("achieved", "partial", "failed"):
                piece = self.desk.books.evidence.by_id[one.evidence[-1]].found.milestone(one.id)
                assert piece is not None
                assert piece.status == one.state
            assert bool(one.achieved_at) == (one.state in ("achieved", "partial"))


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=30, stateful_step_count=30)
