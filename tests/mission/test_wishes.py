"""What was asked and not met is told in sentences, and only that."""

from __future__ import annotations

import math
from dataclasses import replace

from flights import LANDED, M2, TOUCHDOWN, lunar_orbit, transfer

from perilune.mission.load import load
from perilune.mission.wishes import unmet

MISSION = load(M2)


def test_a_flight_that_kept_all_limits_says_nothing() -> None:
    assert unmet(MISSION, kept(), lunar_orbit(), LANDED) == ""


def kept():
    flown = transfer()
    burns = tuple(m for m in flown.manoeuvres if m.phase != "deep_space")
    return replace(flown, manoeuvres=burns)


def test_each_limit_broken_is_one_sentence() -> None:
    flown = kept()
    assert flown.injection is not None
    assert flown.flyby is not None
    off = replace(
        flown,
        injection=replace(
            flown.injection, inclination_rad=math.radians(33.5), epoch=flown.launch_epoch + 7320.0
        ),
        flyby=replace(flown.flyby, epoch=flown.flyby.epoch + 600.0, altitude_m=9000e3),
        dv_flyby_to_insertion_m_s=6.25,
    )
    orbit = replace(lunar_orbit(), lowest_altitude_m=61.2e3)
    landing = replace(LANDED, epoch=TOUCHDOWN + 3600.0)
    said = unmet(MISSION, off, orbit, landing)
    assert said == (
        "Between flyby and insertion 6.2 m/s, asked at most 5.0 m/s. "
        "The injection's inclination is 33.50 deg, asked 28.50 to 31.00 deg. "
        "The injection is 2.03 h after launch, asked at most 2.00 h. "
        "The flyby is 11.2 min off its epoch, asked within 5.0 min. "
        "The flyby is at 9,000 km, asked 8,400 km within 200 km. "
        "The orbit goes from 61.2 to 114.0 km, asked 70 to 125 km. "
        "Touchdown is at 2025-06-05T20:16:40Z, outside the window of the mission file."
    )


def test_deep_space_manoeuvres_over_their_limit_are_told() -> None:
    tight = MISSION.model_copy(
        update={"transfer": MISSION.transfer.model_copy(update={"deep_space_dv_limit_m_s": 10.0})}
    )
    said = unmet(tight, transfer(), lunar_orbit(), LANDED)
    assert said.startswith("Deep-space manoeuvres take 30.4 m/s, asked at most 10.0 m/s.")
