"""The map's true errors grow by a factor while the filter's belief stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from perilune.landing.sensing.suite import TIE_EAST, TIE_NORTH
from perilune.mission.landing_case import landing_case
from perilune.mission.load import from_tables, parse_toml
from perilune.mission.overridden import overridden

M3 = Path(__file__).parents[2] / "missions" / "m3.toml"


def test_true_errors_of_the_map_grow_while_the_belief_stays() -> None:
    raw = parse_toml(M3.read_text(encoding="utf-8"), "m3")
    usual = landing_case(from_tables(raw, "m3"))
    doubled = landing_case(from_tables(overridden(raw, {"navigation.map_errors": 2.0}), "m3"))
    before = {one.name: one.size for one in usual.dispersions}
    after = {one.name: one.size for one in doubled.dispersions}
    grown = {name for name in before if after[name] != before[name]}
    assert grown == {TIE_EAST, TIE_NORTH, "map_height"}
    assert all(after[name] == 2.0 * before[name] for name in grown)
    assert np.array_equal(usual.software.sigmas, doubled.software.sigmas)
    assert np.array_equal(usual.covariance, doubled.covariance)
