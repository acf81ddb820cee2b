"""Bookings that race: never more than there is, every answer as the log has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from validation.booking.race import race


def judged(where: Path, orders: int, processes: int) -> None:
    outcome = race(str(where), orders, processes)
    assert outcome.faults == []
    assert outcome.done > outcome.orders // 4
    assert outcome.refused["capacity"] > 0
    assert outcome.repeated > 0
    assert min(outcome.fullest.values()) > 0.9


def test_two_thousand_bookings_race_from_two_processes(tmp_path: Path) -> None:
    judged(tmp_path / "books", 2_000, 2)


@pytest.mark.slow
def test_a_hundred_thousand_bookings_race_from_eight_processes(tmp_path: Path) -> None:
    judged(tmp_path / "books", 100_000, 8)
