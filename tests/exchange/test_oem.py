import re

import numpy as np
import oem
import pytest
from astropy.time import Time
from flights import INSERTION, ellipse, legs
from hypothesis import given
from hypothesis import strategies as st

from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.epoch import Epoch
from perilune.errors import FrameError
from perilune.exchange.oem import Segment, render, tdb_texts
from perilune.world.frames import MOON_ICRF, Axes, Frame


def segments():
    return [Segment(g.name, g.frame, g.base, g.time_s, g.position_m, g.velocity_m_s) for g in legs()]


def written(parts, tmp_path):
    path = tmp_path / "trajectory.oem"
    path.write_text(
        render(parts, object_name="RESILIENCE", created_utc="2025-06-06T00:00:00"), encoding="utf-8"
    )
    return path


def test_another_library_reads_every_segment(tmp_path):
    read = oem.OrbitEphemerisMessage.open(written(segments(), tmp_path))
    assert read.header["CCSDS_OEM_VERS"] == "2.0"
    assert [s.metadata["CENTER_NAME"] for s in read.segments] == ["EARTH", "EARTH", "MOON", "MOON", "MOON"]
    for ours, theirs in zip(segments(), read.segments, strict=True):
        states = list(theirs.states)
        assert theirs.metadata["TIME_SYSTEM"] == "TDB"
        assert theirs.metadata["REF_FRAME"] == "ICRF"
        assert len(states) == len(ours.time_s)
        position = np.array([s.position for s in states])
        velocity = np.array([s.velocity for s in states])
        assert np.abs(position * 1e3 - ours.position_m).max() < 1e-4
        assert np.abs(velocity * 1e3 - ours.velocity_m_s).max() < 1e-7


def test_epochs_are_those_another_library_computes(tmp_path):
    read = oem.OrbitEphemerisMessage.open(written(segments(), tmp_path))
    first = next(iter(read.segments[1].states)).epoch
    assert first.scale == "tdb"
    assert abs((first - Time("2025-02-14T22:44:10", scale="utc")).sec) < 2e-6


def test_interpolation_by_another_library_meets_the_orbit(tmp_path):
    radius_m = MOON_RADIUS_M + 100e3
    times, positions, velocities = ellipse(INSERTION, radius_m, radius_m, GM_MOON_M3_S2, 14_400.0, 481)
    every_other = Segment("o", MOON_ICRF, INSERTION, times[::2], positions[::2], velocities[::2])
    read = oem.OrbitEphemerisMessage.open(written([every_other], tmp_path))
    stamp = tdb_texts(INSERTION, times[201:202])[0]
    theirs = read(Time(stamp, scale="tdb"))
    # Hermite of degree 7 over 60 s steps is exact here; the epoch's last digit, 1 us, is 1.6 mm of flight.
    assert np.abs(np.array(theirs.position) * 1e3 - positions[201]).max() < 4e-3


def test_a_leg_of_two_states_lowers_the_degree(tmp_path):
    leg = segments()[0]
    two = Segment(leg.name, leg.frame, leg.base, leg.time_s[:2], leg.position_m[:2], leg.velocity_m_s[:2])
    text = render([two], object_name="X", created_utc="2025-06-06T00:00:00")
    assert "INTERPOLATION_DEGREE = 3\n" in text


def test_other_axes_are_refused():
    leg = segments()[0]
    wrong = Segment(
        "Leg", Frame("moon", Axes.MOON_PA), leg.base, leg.time_s, leg.position_m, leg.velocity_m_s
    )
    with pytest.raises(FrameError, match="Leg: an OEM segment is written in ICRF axes"):
        render([wrong], object_name="X", created_utc="2025-06-06T00:00:00")


@given(st.integers(-(10**8), 2 * 10**9), st.integers(0, 999_999), st.floats(0.0, 1e7))
def test_calendar_texts_agree_with_the_epoch(seconds, micro, span):
    base = Epoch(seconds, micro * 1e-6)
    text = tdb_texts(base, np.array([span]))[0]
    assert abs(Epoch.tdb(text) - (base + span)) < 2e-6


def test_the_message_says_who_made_it():
    text = render(
        segments()[:1], object_name="APEX 1.0", created_utc="2025-06-06T00:00:00", comments=["by hand"]
    )
    assert text.startswith("CCSDS_OEM_VERS = 2.0\nCOMMENT by hand\nCREATION_DATE = 2025-06-06T00:00:00\n")
    assert "OBJECT_ID = APEX-1-0\n" in text
    assert re.search(r"START_TIME = 2025-01-15T07:41:09\.18\d+\n", text)
