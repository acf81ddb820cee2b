"""Names, rows and refusals of the policies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perilune.errors import InputError, NameNotFoundError
from perilune.landing.software import table
from perilune.landing.software.policies import (
    POLICIES,
    FirstEstimate,
    first_covariance,
    policy_named,
    policy_row,
    software,
)

SITE = np.array([0.0, 1736000.0, 0.0])


def test_every_policy_says_in_a_sentence_what_it_does() -> None:
    assert list(POLICIES)[:6] == ["latch", "apollo", "reacquire", "map-aided", "two-hypothesis", "voting"]
    for name, policy in POLICIES.items():
        assert policy.name == name
        assert len(policy.what) > 30
        assert policy.what.endswith(".")


def test_no_two_policies_are_the_same() -> None:
    rows = [policy_row(policy)[1:] for policy in POLICIES.values()]
    assert len({row.tobytes() for row in rows}) == len(rows)


def test_an_unknown_policy_is_told_with_the_nearest_one() -> None:
    with pytest.raises(
        NameNotFoundError, match=r"No altimeter policy 'reaquire'\. Did you mean 'reacquire'\?"
    ):
        policy_named("reaquire")


def test_a_policy_of_a_negative_figure_is_refused() -> None:
    with pytest.raises(InputError, match=r"policy latch: gate_sigma is -4\.0\. Give zero or more\."):
        replace(POLICIES["latch"], gate_sigma=-4.0)


def test_figures_stand_in_their_places() -> None:
    row = policy_row(POLICIES["apollo"])
    assert row[table.GATE_M] == 15.24
    assert row[table.GATE_SHARE] == 0.125
    assert row[table.WEIGHT] == 0.35
    assert row[table.WEIGHT_TOP_M] == 15240.0
    assert row[table.LATCH_REJECTS] == 0.0
    assert policy_row(POLICIES["latch"])[table.LATCH_REJECTS] == 10.0
    assert policy_row(POLICIES["map-aided"])[table.FADE_LOW_M] == 500.0


def test_software_holds_the_site_and_the_first_sigmas() -> None:
    flight = software("map-aided", SITE, first=FirstEstimate(position_m=200.0, tie_m=40.0), map_sigma_m=12.0)
    assert flight.site[table.SITE_RADIUS] == 1736000.0
    assert flight.policy[table.MAP_SIGMA_M] == 12.0
    p = first_covariance(flight)
    assert p[0, 0] == 200.0**2
    assert p[17, 17] == p[18, 18] == 1600.0
    assert flight.considered[17] == 1.0
