"""Capacities and the interface baseline: published figures as published, everything with its source."""

from __future__ import annotations

import pytest
from booking_books import Desk

from perilune.commerce.manifest.capacities import capacity, names, read_capacities
from perilune.commerce.manifest.interfaces import baseline, included, read_baseline
from perilune.commerce.payloads.state import Need
from perilune.errors import DataError, NameNotFoundError, RefusedError
from perilune.vehicles.catalogue import vehicle


@pytest.mark.parametrize("name", ["RESILIENCE", "APEX 1.0", "Series 3", "TENACIOUS"])
def test_masses_are_those_of_the_vehicles(name: str) -> None:
    """Published in the investor briefing: 30, 300, at least 100 and 1 kg."""
    figure, ours = vehicle(name).figures["payload_mass"], capacity(name).figures["mass"]
    assert (ours.value, ours.low, ours.confidence) == (figure.value, figure.low, "published")


def test_constellations_go_up_in_two_launches() -> None:
    """Five satellites of 400 to 600 kg each in two phases: one launch takes three of the heaviest."""
    satellite = vehicle("Moonlight satellite").figures["wet_mass"]
    assert satellite.high is not None
    assert capacity("OTV").value("mass") == 3 * satellite.high
    assert len(capacity("OTV").deck.slots) == 3


@pytest.mark.parametrize("name", ["APEX 1.0", "Series 3"])
def test_landers_take_satellites_of_up_to_a_hundred_kilograms(name: str) -> None:
    known = capacity(name)
    assert known.value("satellite_mass") == 100.0
    assert next(slot.mass_kg for slot in known.deck.slots if slot.id == "O1") == 100.0


@pytest.mark.parametrize("name", names())
def test_decks_are_sound(name: str) -> None:
    known = capacity(name)
    ids = [slot.id for slot in known.deck.slots]
    assert len(set(ids)) == len(ids)
    balance = known.deck.balance
    for axis in range(3):
        assert balance.low_m[axis] <= balance.centre_m[axis] <= balance.high_m[axis]
    assert all(figure.source and figure.confidence for figure in known.figures.values())
    assert max(slot.mass_kg for slot in known.deck.slots) <= known.value("mass")


def test_every_figure_is_listed_with_its_source() -> None:
    desk = Desk()
    rows = desk.rows("manifest capacities", vehicle="apex 1.0")
    mass = next(row for row in rows if row.figure == "mass")
    assert (mass.of, mass.written, mass.confidence) == ("APEX 1.0", "300 kg", "published")
    assert mass.source == "ispace investor briefing, 2025-05-09"
    rows = desk.rows("manifest interfaces")
    power = next(row for row in rows if row.figure == "power")
    assert power.written == "1.0 W per kg"
    assert "second-hand" in power.source


def test_power_and_data_come_with_each_kilogram() -> None:
    """Peregrine's guide, second-hand: 1.0 W/kg, 2.5 W/kg peak, 10 kbit/s/kg on the surface."""
    assert included(6.0) == Need(6.0, 15.0, 60_000.0)
    assert included(6.0, "cruise").rate_bit_s == 60.0
    assert baseline()["acceptance_before_launch"].value == 270 * 86_400


def test_damaged_files_are_told() -> None:
    with pytest.raises(DataError, match=r"capacities\.toml: is damaged: 'sources' is missing"):
        read_capacities("capacities.toml", "[vehicle.X]")
    with pytest.raises(DataError, match=r"interfaces\.toml: is damaged"):
        read_baseline("interfaces.toml", "[[")
    with pytest.raises(DataError, match=r"interfaces\.toml: power: a figure needs a source and a confidence"):
        read_baseline("interfaces.toml", '[sources]\n[figures]\npower = { value = "1 W" }')


def test_a_flight_is_opened_with_what_its_vehicle_has() -> None:
    desk = Desk()
    desk.flight("m2")
    (row,) = desk.rows("manifest list")
    assert (row.mass_kg, row.left_places, str(row.needed_by)) == (30.0, 10, "2026-08-18")
    with pytest.raises(RefusedError, match=r"Mission 'm2' has a flight already"):
        desk.flight("m2")
    with pytest.raises(
        RefusedError, match=r"RESILIENCE carries 30 kg, and 31 kg is asked\. Ask for at most that\."
    ):
        desk.flight("m9", mass_kg=31.0)
    desk.flight(
        "m4", vehicle="Series 3", mass_kg=250.0
    )  # "several hundred kg": only a lower bound is published
    with pytest.raises(
        NameNotFoundError, match=r"No vehicle with known capacities 'Apex 2'\. Did you mean 'APEX 1\.0'"
    ):
        desk.flight("m9", vehicle="Apex 2")
    with pytest.raises(
        RefusedError, match=r"Payloads needed by 2027-02-01 would come after the launch on 2027-01-15"
    ):
        desk.flight("m9", needed_by="2027-02-01")


def test_what_is_held_stays_within_a_flight_that_is_revised() -> None:
    desk = Desk()
    desk.flight("m4", vehicle="Series 3")
    desk.give("book reserve", mission="m4", party="acme", mass_kg=60.0)
    with pytest.raises(
        RefusedError, match=r"Of mission 'm4' 60 kg would be held, and only 50 kg there\. Rebook"
    ):
        desk.give("manifest revise", mission="m4", mass_kg=50.0)
    with pytest.raises(RefusedError, match=r"1 place on deck would be held, and only 0 places on deck there"):
        desk.give("manifest revise", mission="m4", places=0)
    with pytest.raises(RefusedError, match=r"Mission 'm4' has that already"):
        desk.give("manifest revise", mission="m4", mass_kg=100.0)
    desk.give("manifest revise", mission="m4", mass_kg=80.0, places=3)
    (row,) = desk.rows("manifest list", mission="m4")
    assert (row.mass_kg, row.left_mass_kg, row.left_places) == (80.0, 20.0, 2)
    desk.flight("m2")
    with pytest.raises(RefusedError, match=r"RESILIENCE carries 30 kg, and 40 kg is asked"):
        desk.give("manifest revise", mission="m2", mass_kg=40.0)
