"""Evidence: digests of files and what they show, superseded and never changed."""

from __future__ import annotations

from typing import Any

import pytest
from agreements import refused, shown, standing
from pydantic import ValidationError
from regolith import Desk, digest

from perilune.commerce import registry
from perilune.errors import NameNotFoundError

ASKED: dict[str, Any] = {
    "mission": "m9",
    "digest": digest(1),
    "kind": "statement",
    "what": "as told",
    "seen_at": "2026-03-01",
}


def test_evidence_keeps_what_it_shows() -> None:
    desk = standing()
    seen = [{"id": "success-2", "status": "achieved", "at": "2026-03-01T10:00Z"}]
    answer = desk.order(
        "evidence record", **ASKED, milestones=seen, outcome="landed", figures={"payload_mass_kg": 120.0}
    )
    assert answer == {"id": "E-000001", "digest": digest(1)}
    (row,) = desk.rows("evidence show", id="E-000001")
    assert row.milestones == ("success-2 achieved 2026-03-01T10:00Z",)
    assert (row.outcome, row.figures) == ("landed", {"payload_mass_kg": 120.0})


def test_superseded_evidence_stays_and_is_listed_on_request() -> None:
    desk = standing()
    desk.order("evidence record", **ASKED, id="old")
    desk.order("evidence record", **{**ASKED, "digest": digest(2)}, id="new", supersedes="old")
    assert [row.id for row in desk.rows("evidence list")] == ["new"]
    assert [row.superseded_by for row in desk.rows("evidence list", superseded=True)] == ["new", ""]
    refused(
        desk, "state", "'old' is superseded by 'new'", "evidence record",
        **{**ASKED, "digest": digest(3)}, supersedes="old",
    )  # fmt: skip


def test_a_number_that_somebody_chose_is_passed_over() -> None:
    desk = standing()
    desk.order("evidence record", **ASKED, id="E-000001")
    assert desk.order("evidence record", **{**ASKED, "digest": digest(2)})["id"] == "E-000002"


@pytest.mark.parametrize(
    ("rule", "text", "change"),
    [
        ("state", "There is evidence 'flight' already", {"id": "flight"}),
        ("evidence", "This file is evidence 'flight' already", {"digest": digest(1)}),
        ("time", "2026-06-03 is still to come", {"seen_at": "2026-06-03"}),
        ("time", "2026-07-01 is still to come",
         {"milestones": [{"id": "success-1", "status": "achieved", "at": "2026-07-01"}]}),
        ("evidence", "A milestone stands twice", {"milestones": [{"id": "a", "status": "achieved"}] * 2}),
        ("evidence", "is of mission 'm9', not 'm8'", {"mission": "m8", "supersedes": "flight"}),
    ],
)  # fmt: skip
def test_evidence_that_cannot_be_is_refused(rule: str, text: str, change: dict[str, Any]) -> None:
    desk = shown(standing(), "flight")
    refused(desk, rule, text, "evidence record", **{**ASKED, "digest": digest(50), **change})


def test_nobody_replaces_what_another_handed_in() -> None:
    desk = standing()
    desk.order("evidence record", "nasa", **ASKED, id="review")
    refused(
        desk, "authority", "was handed in by 'nasa', who alone replaces it", "evidence record",
        **{**ASKED, "digest": digest(2)}, supersedes="review",
    )  # fmt: skip
    desk.order("evidence record", "nasa", **{**ASKED, "digest": digest(2)}, supersedes="review")


def test_unknown_names_are_told() -> None:
    desk = shown(standing(), "flight")
    with pytest.raises(NameNotFoundError, match="No mission 'm7'"):
        desk.order("evidence record", **{**ASKED, "mission": "m7"})
    with pytest.raises(NameNotFoundError, match=r"No evidence 'flihgt'. Did you mean 'flight'"):
        desk.rows("evidence show", id="flihgt")


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "ABC"},
        {"kind": "rumour"},
        {"seen_at": "yesterday"},
        {"what": "x" * 201},
        {"what": "tab\there"},
        {"figures": {"Mass": 1.0}},
        {"figures": {"mass_kg": float("nan")}},
        {"figures": {"mass_kg": 1e300}},
        {"milestones": [{"id": "a", "status": "done"}]},
        {"note": "unknown"},
    ],
)
def test_what_is_written_wrongly_is_not_read(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        registry.verb("evidence record").asked.model_validate({**ASKED, **change})


def test_only_kept_files_are_asked_of_the_store() -> None:
    def files(desk: Desk) -> list[str]:
        named = registry.FILES["evidence.recorded"]
        return [
            name for event in desk.events if event.kind == "evidence.recorded" for name in named(event.data)
        ]

    desk = standing()
    desk.order("evidence record", **ASKED, kept=True)
    desk.order("evidence record", **{**ASKED, "digest": digest(2)})
    assert files(desk) == [digest(1)]
