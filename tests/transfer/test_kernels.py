"""The search's kernels against the propagator and its events, which know nothing of them."""

from __future__ import annotations

import numpy as np
import pytest

from perilune import constants
from perilune.dynamics.events import periapsis
from perilune.dynamics.forces import ForceModel
from perilune.dynamics.propagate import propagate
from perilune.dynamics.state import State
from perilune.transfer import search
from perilune.transfer._kernels import (
    ENDED,
    HIT_MOON,
    LEFT,
    LUNAR,
    TERRESTRIAL,
    body_state,
    passages,
    state_rate,
)
from perilune.transfer.request import DAY_S
from perilune.transfer.search import Sweep, sweep_backward, sweep_starts
from perilune.world import ephemeris
from perilune.world.frames import EARTH_ICRF
from tests.transfer.chains import arrival, setting

FREE = np.array([0.0, 0.0, 1e12])


def run(start: np.ndarray, from_s: float, to_s: float, limits: np.ndarray = FREE):
    events, summary = np.zeros((32, 9)), np.zeros(10)
    count = passages(from_s, to_s, start, 0.0, 1e-11, limits, setting().light, events, summary)
    return events[:count], summary


def earth_orbit(perigee_m: float, apogee_m: float) -> np.ndarray:
    speed = np.sqrt(2.0 * constants.GM_EARTH_M3_S2 * apogee_m / (perigee_m * (perigee_m + apogee_m)))
    return np.array([perigee_m, 0.0, 0.0, 0.0, speed * 0.6, speed * 0.8])


@pytest.mark.parametrize("sense", [1.0, -1.0], ids=["forward", "backward"])
def test_passages_are_the_propagators_events(sense: float) -> None:
    """Loops of seven days whose apogees meet the Moon's pull: perigees and nearest points to the Moon."""
    here = setting()
    start = earth_orbit(8e6, 3.2e8)
    base_s = here.launch_s + 20.0 * DAY_S
    end_s = base_s + sense * 20.0 * DAY_S
    found, summary = run(start, base_s, end_s)
    arc = propagate(
        State(here.base + base_s, EARTH_ICRF, start[:3], start[3:]),
        here.base + end_s,
        ForceModel(),
        events=(periapsis("earth"), periapsis("moon")),
    )
    for kind, name in ((TERRESTRIAL, "earth"), (LUNAR, "moon")):
        ours = [row for row in found if row[0] == kind and abs(row[1] - base_s) > 60.0]
        theirs = [e for e in arc.events if name in e.name and abs(e.epoch - arc.base) > 60.0]
        assert len(ours) == len(theirs) > 0
        for row, event in zip(ours, theirs, strict=True):
            # The kernel stops at r.v < 1e-9 r^2: far passages are known to a minute.
            assert row[1] == pytest.approx(event.epoch - here.base, abs=120.0 if name == "moon" else 1.0)
            middle = ephemeris.state(name, "earth", event.epoch)[0]
            assert row[2] == pytest.approx(np.linalg.norm(event.state.position_m - middle), rel=1e-7)
            place = ephemeris.state(name, "earth", here.base + float(row[1]))[0]
            assert row[2] == pytest.approx(np.linalg.norm(row[3:6] - place), rel=1e-9)
    assert summary[2] == ENDED
    assert summary[3] == end_s
    assert np.linalg.norm(summary[4:7] - arc.final.position_m) < 1.0


def test_an_arc_that_meets_the_moon_or_goes_too_far_ends_there() -> None:
    limits = np.array([constants.MOON_RADIUS_M + 71e3, 0.0, 1e12])
    start = arrival()
    back = run(start, 0.0, -3.0 * DAY_S)[1][4:]
    found, summary = run(back, -3.0 * DAY_S, 0.5 * DAY_S, limits)
    assert summary[2] == HIT_MOON
    assert found[-1][1] == pytest.approx(0.0, abs=1.0)
    assert found[-1][2] == pytest.approx(setting().perilune_radius_m, abs=50.0)
    summary = run(earth_orbit(7e6, 3e8), 0.0, 0.4 * DAY_S, np.array([0.0, 0.0, 1e8]))[1]
    assert summary[2] == LEFT
    assert np.linalg.norm(summary[4:7]) > 1e8


def test_the_farthest_point_is_noted() -> None:
    summary = run(earth_orbit(7e6, 2e8), -5.0 * DAY_S, 0.4 * DAY_S)[1]
    assert summary[0] == pytest.approx(2e8, rel=0.02)


def test_the_moons_place_is_the_ephemeris() -> None:
    here = setting()
    for time_s in (here.launch_s, -3.3e6, 0.0):
        out = np.empty(6)
        body_state(time_s, 0, here.light[1], here.light[2], out)
        place, motion = ephemeris.state("moon", "earth", here.base + time_s)
        assert np.linalg.norm(out[:3] - place) < 1e-3
        assert np.linalg.norm(out[3:] - motion) < 1e-8


def test_the_rate_is_that_of_a_short_arc() -> None:
    start, rate = arrival(), np.empty(6)
    state_rate(0.0, start, 1e-3, setting().full, rate)
    ends = []
    for sense in (1.0, -1.0):
        events, summary = np.zeros((0, 9)), np.zeros(10)
        passages(0.0, sense, start, 1e-3, 1e-12, FREE, setting().full, events, summary)
        ends.append(summary[4:].copy())
    assert np.allclose(rate, (ends[0] - ends[1]) / 2.0, rtol=1e-6, atol=1e-6)


def test_threads_change_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_CHUNK", 7)
    starts, branches = sweep_starts(setting(), Sweep(energies_m2_s2=(0.0, 3e4), inclinations=2, arguments=6))
    assert len(starts) == len(branches) == 2 * 2 * 2 * 6
    told: list[float | None] = []
    one = sweep_backward(setting(), starts, -50.0 * DAY_S, 1, lambda _, share: told.append(share))
    three = sweep_backward(setting(), starts, -50.0 * DAY_S, 3, lambda *_: None)
    assert told == sorted(told)
    assert told[-1] == 1.0
    for a, b in zip(one, three, strict=True):
        assert (a == b).all()
