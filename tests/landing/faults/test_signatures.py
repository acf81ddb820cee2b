"""Every fault of the catalogue, flown: its sign is there, and a healthy run does not show it."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import pytest

from perilune.landing.faults.catalogue import CATALOGUE
from perilune.landing.faults.evidence import Evidence, evidence_of
from perilune.landing.faults.rows import Fault
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load

MISSION = Path(__file__).resolve().parents[3] / "missions" / "m3.toml"
SEED, RUN = 1, 0


def flown(faults: tuple[Fault, ...], healthy: Evidence | None = None) -> Evidence:
    case = landing_case(load(MISSION), policy="reacquire", faults=faults)
    return evidence_of(case.replay(SEED, RUN), case.sensors, healthy)


@functools.cache
def healthy() -> Evidence:
    return flown(())


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_shows_its_sign(name: str) -> None:
    entry = CATALOGUE[name]
    assert entry.shows(flown(entry.faults, healthy()))


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_healthy_run_shows_no_sign(name: str) -> None:
    assert not CATALOGUE[name].shows(replace(healthy(), healthy=healthy()))


def test_most_signs_belong_to_their_fault_alone() -> None:
    stuck = flown(CATALOGUE["altimeter-stuck"].faults, healthy())
    for other in (
        "altimeter-spikes",
        "false-near-zero",
        "altimeter-dropout",
        "wrong-site",
        "altimeter-noise",
    ):
        assert not CATALOGUE[other].shows(stuck), other


def test_a_sign_that_compares_says_so_when_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(ValueError, match="needs the run of the same seed without the fault"):
        CATALOGUE["under-fill"].shows(healthy())
