"""What was asked beside the milestones and not met, in sentences: a landed mission may owe something."""

from __future__ import annotations

import math

from perilune.epoch import Epoch
from perilune.mission.delivery import LandingResult, LunarOrbitResult, Transfer
from perilune.mission.schema import EarthMission, Mission


def unmet(mission: Mission, transfer: Transfer, orbit: LunarOrbitResult, landing: LandingResult) -> str:
    """Return a sentence for each limit of the mission file that the flight broke; empty where it kept all."""
    said = _of_landing(mission, landing)
    if isinstance(mission, EarthMission):
        said = [*_of_transfer(mission, transfer), *_of_orbit(mission, orbit), *said]
    return " ".join(said)


def _of_transfer(mission: EarthMission, transfer: Transfer) -> list[str]:
    said = []
    wish, injection, flyby = mission.transfer, transfer.injection, transfer.flyby
    deep = sum(m.dv_m_s for m in transfer.manoeuvres if m.phase == "deep_space")
    late = transfer.dv_flyby_to_insertion_m_s or 0.0
    if deep > wish.deep_space_dv_limit_m_s:
        said.append(_over("Deep-space manoeuvres take", deep, wish.deep_space_dv_limit_m_s))
    if late > wish.flyby_to_insertion_dv_limit_m_s:
        said.append(_over("Between flyby and insertion", late, wish.flyby_to_insertion_dv_limit_m_s))
    if injection is not None:
        low, high = (math.degrees(i) for i in mission.launch.inclination_rad)
        inclination = math.degrees(injection.inclination_rad)
        if not low - 1e-6 <= inclination <= high + 1e-6:
            said.append(
                f"The injection's inclination is {inclination:.2f} deg, asked {low:.2f} to {high:.2f} deg."
            )
        delay_s = injection.epoch - mission.launch.epoch
        if delay_s > mission.launch.injection_within_s:
            asked = mission.launch.injection_within_s / 3600.0
            said.append(
                f"The injection is {delay_s / 3600.0:.2f} h after launch, asked at most {asked:.2f} h."
            )
    if flyby is not None and wish.flyby is not None:
        if wish.flyby.epoch is not None:
            said += _outside("The flyby", flyby.epoch, wish.flyby.epoch, wish.flyby.epoch_tolerance_s)
        asked_m = wish.flyby.altitude_m
        if asked_m is not None and abs(flyby.altitude_m - asked_m) > wish.flyby.altitude_tolerance_m:
            said.append(
                f"The flyby is at {flyby.altitude_m / 1e3:,.0f} km, asked {asked_m / 1e3:,.0f} km "
                f"within {wish.flyby.altitude_tolerance_m / 1e3:,.0f} km."
            )
    return said


def _of_orbit(mission: EarthMission, orbit: LunarOrbitResult) -> list[str]:
    low, high = mission.lunar_orbit.band_m
    kept = (orbit.lowest_altitude_m, orbit.highest_altitude_m)
    if kept[0] is None or kept[1] is None or (kept[0] >= low and kept[1] <= high):
        return []
    return [
        f"The orbit goes from {kept[0] / 1e3:.1f} to {kept[1] / 1e3:.1f} km, "
        f"asked {low / 1e3:.0f} to {high / 1e3:.0f} km."
    ]


def _of_landing(mission: Mission, landing: LandingResult) -> list[str]:
    first, last = mission.landing.window
    if landing.epoch is None or first <= landing.epoch <= last:
        return []
    return [f"Touchdown is at {landing.epoch.utc_iso(0)}, outside the window of the mission file."]


def _over(what: str, value_m_s: float, limit_m_s: float) -> str:
    return f"{what} {value_m_s:.1f} m/s, asked at most {limit_m_s:.1f} m/s."


def _outside(what: str, epoch: Epoch, asked: Epoch, tolerance_s: float) -> list[str]:
    off_s = abs(epoch - asked)
    if off_s <= tolerance_s:
        return []
    return [f"{what} is {off_s / 60.0:.1f} min off its epoch, asked within {tolerance_s / 60.0:.1f} min."]
