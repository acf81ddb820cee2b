"""A run of the closed loop: the same bits whoever flies it, and consistent with itself."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from landings import case, flown

from perilune.constants import MOON_RADIUS_M
from perilune.landing._kernels_axes import turned_at
from perilune.landing.loop import layout
from perilune.landing.loop.build import turn_cubics
from perilune.landing.loop.rows import COLUMNS, LOG_COLUMNS, MEASUREMENT_COLUMNS
from perilune.landing.surroundings import surroundings
from perilune.world.terrain import Terrain


@pytest.fixture(scope="module")
def replayed():
    return case("m3").replay(0, 1)


def test_the_same_run_has_the_same_bits_whatever_was_flown_before():
    one = case("m3")
    first = one.fly(0, 1)
    one.fly(0, 2)
    assert first.tobytes() == one.fly(0, 1).tobytes()


def test_a_pickled_case_flies_the_same(replayed):
    again = pickle.loads(pickle.dumps(case("m3")))
    assert again.digest == case("m3").digest
    assert again.fly(0, 1).tobytes() == replayed.row.tobytes()


def test_a_replay_is_the_very_run(replayed):
    assert replayed.row.tobytes() == case("m3").fly(0, 1).tobytes()
    assert len(replayed.row) == len(replayed.columns) == len(case("m3").columns)
    assert replayed.columns[: len(COLUMNS)] == COLUMNS


def test_seeds_runs_and_policies_differ():
    one = case("m3")
    assert one.fly(0, 1).tobytes() != one.fly(1, 1).tobytes()
    assert case("m3", "latch").digest != one.digest


def test_the_log_says_the_same_in_every_column(replayed):
    log = {name: replayed.log[:, place] for place, name in enumerate(LOG_COLUMNS)}
    assert (np.diff(log["t_s"]) > 0.0).all()
    radius = np.linalg.norm(replayed.log[:, 1:4], axis=1)
    centre_over_pads = radius - MOON_RADIUS_M - log["true_ground_m"] - log["true_height_m"]
    # The log's position is that of the body's centre, the height that of the pads: they are a lander apart.
    assert (np.abs(centre_over_pads) < 3.0).all()
    speed = np.hypot(log["true_climb_m_s"], log["true_ground_speed_m_s"])
    inertial = np.linalg.norm(replayed.log[:, 4:7], axis=1)
    assert (np.abs(speed - inertial) < 4.7).all()  # m/s, the Moon's turn at its equator
    assert np.abs(np.linalg.norm(replayed.log[:, 7:11], axis=1) - 1.0).max() < 1e-12
    assert np.isfinite(replayed.log).all()


def test_mass_goes_down_by_what_the_engines_take(replayed):
    log = {name: replayed.log[:, place] for place, name in enumerate(LOG_COLUMNS)}
    tanks = log["main_propellant_kg"] + log["rcs_propellant_kg"]
    assert np.abs(log["mass_kg"] - tanks - (log["mass_kg"][0] - tanks[0])).max() < 1e-6
    # The rocket equation, with the specific impulse of this run.
    ratio = log["mass_kg"][0] / log["mass_kg"][-1]
    by_name = dict(zip(replayed.columns, replayed.row, strict=True))
    effective_s = by_name["dv_m_s"] / (9.80665 * math.log(ratio))
    assert 290.0 < effective_s < 325.0


def test_measurements_tell_what_became_of_them(replayed):
    marks = {name: replayed.measurements[:, place] for place, name in enumerate(MEASUREMENT_COLUMNS)}
    assert set(marks["verdict"]) <= set(range(7))
    assert (marks["verdict"][marks["status"] != 1.0] != 1.0).all()
    ranged = (marks["verdict"] == 1.0) & np.isfinite(marks["true_value"])
    assert ranged.sum() > 100
    off = np.abs(marks["value"] - marks["true_value"])[ranged]
    assert np.median(off) < 5.0


def test_the_turn_of_the_axes_is_the_ephemeris_own():
    world = surroundings(case("m3").base, 20, Terrain.embedded())
    cubics, first, turned = turn_cubics(world), world.me_from_icrf(0.0), np.empty(9)
    for t_s in (-60.0, 0.0, 350.0, 900.0, 1500.0):
        turned_at(t_s, cubics, turned)
        truth = world.me_from_icrf(t_s) @ first.T
        assert np.abs(turned.reshape(3, 3) - truth).max() < 1e-12


def test_the_filter_knows_its_error():
    """Twelve runs: the mean of NEES stays inside the 99.9 % bounds of chi-square (9 x 12 degrees)."""
    rows = flown(case("m3"), 12)
    epochs = [name for name in rows if name.startswith("nees:")]
    series = np.array([rows[name] for name in epochs])
    whole = series[np.isfinite(series).all(axis=1)].mean(axis=1)
    assert len(whole) > 60
    assert np.median(whole) == pytest.approx(9.0, abs=4.0)


def test_places_and_names_of_the_figures_agree():
    names = [name for name in vars(layout) if name.isupper()]
    places = [getattr(layout, name) for name in names[names.index("IGNITION") : names.index("FIGURES")]]
    assert places == list(range(layout.FIGURES))
