"""The catalogue of payloads: what is said is bounded, kept, revised and withdrawn."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from booking_books import Desk

from perilune.archive.company import Company, Order
from perilune.archive.store import create_store
from perilune.commerce.payloads.state import PHASES, Need
from perilune.errors import InputError, NameNotFoundError, RefusedError


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_short_forms_stand_for_every_phase_and_phases_override(desk: Desk) -> None:
    desk.payload("probe", 4.0, power_w=2.0, rate_bit_s=10.0,
                 needs={"surface": {"power_w": 5.0, "peak_power_w": 9.0, "rate_bit_s": 9600.0},
                        "descent": {"power_w": 0.0}})  # fmt: skip
    probe = desk.books.payloads.by_id["probe"]
    assert probe.need("cruise") == Need(2.0, 2.0, 10.0)
    assert probe.need("surface") == Need(5.0, 9.0, 9600.0)
    assert probe.need("descent") == Need(0.0, 0.0, 10.0)
    assert set(probe.needs) == set(PHASES)
    desk.payload("plate", 1.0)
    assert desk.books.payloads.by_id["plate"].need("surface") == Need()


def test_a_peak_is_never_below_the_average(desk: Desk) -> None:
    desk.payload("probe", 4.0, power_w=5.0, peak_power_w=2.0)
    assert desk.books.payloads.by_id["probe"].need("descent").peak_power_w == 5.0


def test_a_direction_is_kept_as_a_unit_vector(desk: Desk) -> None:
    desk.payload("camera", 1.0, fields_of_view=[{"direction": [0, 3, 4], "half_angle_rad": 0.3}])
    (view,) = desk.books.payloads.by_id["camera"].fields_of_view
    assert view.direction == pytest.approx((0.0, 0.6, 0.8))


def test_what_is_revised_changes_and_the_rest_stays(desk: Desk) -> None:
    desk.payload("probe", 4.0, power_w=2.0, zones=["top"])
    assert desk.give("payload revise", id="probe", mass_kg=3.5) == {"id": "probe", "revision": 2}
    desk.give("payload revise", id="probe", needs={"surface": {"rate_bit_s": 100.0}})
    probe = desk.books.payloads.by_id["probe"]
    assert (probe.mass_kg, probe.zones, probe.revision) == (3.5, ("top",), 3)
    assert probe.need("surface") == Need(2.0, 2.0, 100.0)
    assert probe.need("cruise") == Need(2.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"destination": "rover"}, r"Payload 'x' rides on a rover\. Name it: carrier\."),
        ({"carrier": "x"}, r"Payload 'x' cannot stand in relation to itself\. Take it out\."),
        ({"apart_from": ["x"]}, r"cannot stand in relation to itself"),
        ({"carrier": "ghost"}, r"No payload 'ghost'"),
        ({"destination": "orbit", "deployment": "surface"}, r"is for lunar orbit and is released on"),
    ],
)  # fmt: skip
def test_statements_that_contradict_each_other_are_refused(
    desk: Desk, asked: dict[str, Any], said: str
) -> None:
    desk.party("acme")
    before = len(desk.events)
    with pytest.raises(InputError, match=said):
        desk.payload("x", 1.0, **asked)
    assert len(desk.events) == before


def test_a_withdrawn_payload_is_gone_but_remembered(desk: Desk) -> None:
    desk.flight()
    desk.payload("probe", 4.0)
    desk.give("payload withdraw", id="probe")
    assert desk.rows("payload list") == []
    assert [row.id for row in desk.rows("payload list", withdrawn=True)] == ["probe"]
    for verb in ("payload revise", "payload withdraw"):
        with pytest.raises(RefusedError, match=r"Payload 'probe' was withdrawn\. Add it under another id\."):
            desk.give(verb, id="probe")
    with pytest.raises(RefusedError, match=r"was withdrawn"):
        desk.give("book reserve", mission="m2", payload="probe")
    with pytest.raises(RefusedError, match=r"There is a payload 'probe' already"):
        desk.payload("probe", 1.0)
    with pytest.raises(NameNotFoundError, match=r"No payload 'prube'\. Did you mean 'probe'\?"):
        desk.give("payload revise", id="prube", mass_kg=1.0)


def test_nothing_to_revise_is_told(desk: Desk) -> None:
    desk.payload("probe", 4.0)
    with pytest.raises(RefusedError, match=r"Nothing to revise of payload 'probe'"):
        desk.give("payload revise", id="probe")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mass_kg": -1.0},
        {"mass_kg": 0.0},
        {"mass_kg": math.nan},
        {"mass_kg": 1e300},
        {"mass_kg": "heavy"},
        {"power_w": -0.1},
        {"rate_bit_s": 1e13},
        {"volume_m3": -1.0},
        {"emc_emission": 4},
        {"emc_emission": 2**70},
        {"name": "x" * 201},
        {"name": "two\nlines"},
        {"id": "no spaces"},
        {"slots": ["T1"] * 101},
        {"fields_of_view": [{"direction": [0, 0, 0], "half_angle_rad": 0.1}]},
        {"fields_of_view": [{"direction": [0, 0, 1], "half_angle_rad": 4.0}]},
        {"ready_on": "2026-13-01"},
        {"colour": "red"},
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with create_store(tmp_path / "books") as store:
        company: Company = store.company("house")
        good = {"id": "probe", "name": "Probe", "party": "acme", "mass_kg": 1.0}
        with pytest.raises(InputError) as told:
            company.execute(Order("payload add", {**good, **wrong}, "anna"))
        assert "\n" not in str(told.value)
        assert company.books().seq == 0
