"""The store's figures hold; minutes long."""

from __future__ import annotations

import pytest

from tools.postgres import programs
from validation.store import kill, million, throughput

pytestmark = pytest.mark.slow


def test_nothing_acknowledged_is_lost_when_the_booking_process_is_killed() -> None:
    found = kill.on_sqlite(500, seed=2)
    assert found.holds, found
    assert found.acknowledged > 500, found


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed: make test-postgres installs it")
def test_nothing_acknowledged_is_lost_when_the_server_is_killed() -> None:
    found = kill.on_postgres(20, seed=2)
    assert found.holds, found


def test_durable_orders_keep_up_with_the_disk() -> None:
    found = throughput.run("sqlite")
    if found.disk_hz > 1000.0:
        pytest.skip(
            f"this disk acknowledges faster than orders are decided: nothing to gain by groups: {found}"
        )
    assert found.holds, found


def test_a_million_events_are_verified_and_projected_in_time() -> None:
    found = million.measured(1_000_000)
    assert found.holds, found
