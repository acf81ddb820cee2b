"""Cislunar arcs and matrices against heyoka in quadruple precision; `validation/heyoka/HOW.md` says how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from perilune.dynamics.forces import ForceModel, SolarPressure
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.world.frames import EARTH_ICRF
from validation.heyoka.figures import LIMITS_M, REFERENCE, distance_m

#: The default tolerance must keep these, too: a centimetre, and a metre after the flyby.
AT_DEFAULT_M = {"blt120": 0.01, "bltfly": 1.0, "cis30": 0.01}


@pytest.mark.parametrize("name", REFERENCE["arcs"])
def test_an_arc_ends_where_heyoka_s_does(name: str) -> None:
    distance = distance_m(REFERENCE["arcs"][name])
    tolerance, frozen = LIMITS_M[name]
    assert distance <= tolerance
    assert distance <= frozen


@pytest.mark.parametrize("name", REFERENCE["arcs"])
def test_matrix_and_default_tolerance(name: str) -> None:
    arc: dict[str, Any] = REFERENCE["arcs"][name]
    light = arc["solar_pressure"]
    assert not light["shadow"]
    forces = ForceModel(solar_pressure=SolarPressure(light["area_m2"], light["reflectivity"], shadow=False))
    start = State(Epoch.from_tdb_s(arc["epoch_tdb_s"]), EARTH_ICRF, *arc["initial"].values())
    flown = propagate(start, arc["duration_s"], forces, stm=True, mass_kg=light["mass_kg"])
    reference = np.array(arc["stm"])
    assert flown.stm is not None
    assert np.abs(flown.stm - reference).max() < 1e-7 * np.abs(reference).max()
    assert np.linalg.norm(flown.final.position_m - arc["final"]["position_m"]) < AT_DEFAULT_M[name]
