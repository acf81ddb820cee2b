"""The flight's key figures in words, once for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from perilune.mission.delivery import Delivery, Injection, LandingResult, LunarOrbitResult, Transfer
from perilune.report.geometry import moon_passages, of_phase
from perilune.report.words import number, span, when

_C3_UNIT = "km\u00b2/s\u00b2"
#: The Moon's sphere of influence (Laplace: distance times the mass ratio to the power 2/5), m.
_SPHERE_OF_INFLUENCE_M = 66.2e6
#: Passages nearer in time than this are one, s.
_SAME_PASSAGE_S = 86400.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the summary: what it is about, and what was flown."""

    label: str
    value: str


def figures(delivery: Delivery) -> dict[str, tuple[Figure, ...]]:
    """Return the figures of each part of the flight; what was not flown is left out."""
    parts = {
        "Transfer": (*_transfer(delivery.transfer), *_passes(delivery)),
        "Lunar orbit": tuple(_lunar_orbit(delivery.transfer, delivery.lunar_orbit)),
        "Descent": tuple(_landing(delivery.landing)),
        "Propellant": tuple(_propellant(delivery)),
    }
    return {name: lines for name, lines in parts.items() if lines}


def _transfer(transfer: Transfer) -> Iterator[Figure]:
    if transfer.launch_epoch is not None:
        yield Figure("Launch", f"{when(transfer.launch_epoch)} UTC")
    if (injection := transfer.injection) is not None:
        yield from _injection(transfer, injection)
    if (flyby := transfer.flyby) is not None:
        yield Figure(
            "Flyby",
            f"{when(flyby.epoch)} UTC at {number(flyby.altitude_m, 0, 'km', 1e-3)}, "
            f"v-infinity {number(flyby.v_infinity_m_s, 0, 'm/s')}",
        )
    if transfer.max_earth_distance_m is not None:
        yield Figure(
            "Farthest",
            f"{when(transfer.max_earth_distance_epoch)} UTC, "
            f"{number(transfer.max_earth_distance_m, 3, '', 1e-9)} million km from the Earth",
        )
    if transfer.dv_flyby_to_insertion_m_s is not None:
        deep_m_s, count = _spent(transfer, "deep_space")
        yield Figure(
            "Deep space",
            f"{number(deep_m_s, 1, 'm/s')} in {count} manoeuvres, "
            f"{number(transfer.dv_flyby_to_insertion_m_s, 1, 'm/s')} of it between flyby and insertion",
        )
    if (burn := transfer.insertion) is not None:
        yield Figure(
            "Insertion",
            f"{when(burn.epoch)} UTC, {number(burn.dv_m_s, 1, 'm/s')} in {number(burn.duration_s, 0, 's')}, "
            f"into {number(burn.perilune_altitude_m, 1, '', 1e-3)} x "
            f"{number(burn.apolune_altitude_m, 1, 'km', 1e-3)}",
        )
    if transfer.node_mismatch_m is not None and transfer.node_mismatch_m_s is not None:
        yield Figure(
            "Mismatch",
            f"{number(transfer.node_mismatch_m, 3, 'm')} and "
            f"{number(transfer.node_mismatch_m_s, 3, 'mm/s', 1e3)} "
            "at the worst node of the plan, flown in one go",
        )


def _injection(transfer: Transfer, injection: Injection) -> Iterator[Figure]:
    launch = transfer.launch_epoch
    after = "" if launch is None else f", {span(injection.epoch - launch)} after launch"
    yield Figure(
        "Injection",
        f"{when(injection.epoch)} UTC{after}, "
        f"perigee {number(injection.perigee_altitude_m, 0, 'km', 1e-3)}, "
        f"C3 {number(injection.c3_m2_s2, 2, _C3_UNIT, 1e-6)}",
    )
    yield Figure(
        "Plane",
        f"inclination {_degrees(injection.inclination_rad, 2)}, "
        f"{_degrees(injection.pad_plane_angle_rad, 2)} from the pad at launch",
    )


def _passes(delivery: Delivery) -> Iterator[Figure]:
    """Yield the passages of the Moon beside flyby and insertion, inside its sphere of influence."""
    flyby = delivery.transfer.flyby
    met = [
        f"{when(epoch)} UTC at {number(altitude_m, 0, 'km', 1e-3)}"
        for leg in of_phase(delivery.legs, "phasing", "transfer")
        for epoch, altitude_m in moon_passages(leg, _SPHERE_OF_INFLUENCE_M)
        if flyby is None or abs(epoch - flyby.epoch) > _SAME_PASSAGE_S
    ]
    if met:
        yield Figure("Also passed", f"the Moon on {'; '.join(met)}")


def _spent(transfer: Transfer, phase: str) -> tuple[float, int]:
    burns = [burn for burn in transfer.manoeuvres if burn.phase == phase]
    return sum((burn.dv_m_s for burn in burns), 0.0), len(burns)


def _lunar_orbit(transfer: Transfer, orbit: LunarOrbitResult) -> Iterator[Figure]:
    if transfer.launch_epoch is None and orbit.orbits:
        first = orbit.orbits[0]
        yield Figure(
            "Start",
            f"{when(first.epoch)} UTC in lunar orbit, {number(first.perilune_altitude_m, 1, '', 1e-3)} x "
            f"{number(first.apolune_altitude_m, 1, 'km', 1e-3)}, "
            f"inclination {_degrees(first.inclination_rad, 2)}",
        )
    spent_m_s, count = _spent(transfer, "lunar_orbit")
    if count:
        circular = "" if orbit.circular_epoch is None else f", circular on {when(orbit.circular_epoch)} UTC"
        yield Figure("Lunar orbit", f"{number(spent_m_s, 1, 'm/s')} in {count} manoeuvres{circular}")
    if orbit.lowest_altitude_m is not None and orbit.highest_altitude_m is not None:
        asked = ""
        if orbit.band_low_m is not None and orbit.band_high_m is not None:
            asked = (
                f" (asked: {number(orbit.band_low_m, 0, '', 1e-3)} to "
                f"{number(orbit.band_high_m, 0, 'km', 1e-3)})"
            )
        yield Figure(
            "Kept at",
            f"{number(orbit.lowest_altitude_m, 1, '', 1e-3)} to "
            f"{number(orbit.highest_altitude_m, 1, 'km', 1e-3)} until the descent{asked}",
        )


def _landing(landing: LandingResult) -> Iterator[Figure]:
    if landing.dv_m_s is not None and landing.dv_ideal_m_s:
        yield Figure(
            "Descent",
            f"{number(landing.dv_m_s, 1, 'm/s')} from braking to touchdown, "
            f"{number(landing.dv_m_s / landing.dv_ideal_m_s, 3)} times the least possible "
            f"({number(landing.dv_ideal_m_s, 1, 'm/s')})",
        )
    outcome = landing.outcome.replace("_", " ")
    if landing.epoch is None:
        yield Figure("Landing", outcome)
        return
    yield Figure("Landing", ", ".join([f"{when(landing.epoch)} UTC, {outcome}", *_touchdown(landing)]))


def _touchdown(landing: LandingResult) -> Iterator[str]:
    if landing.miss_distance_m is not None:
        yield f"{number(landing.miss_distance_m, 2, 'm')} from the site"
    if landing.vertical_speed_m_s is not None and landing.horizontal_speed_m_s is not None:
        yield f"{number(landing.vertical_speed_m_s, 2, 'm/s')} down"
        yield f"{number(landing.horizontal_speed_m_s, 2, 'm/s')} sideways"
    if landing.tilt_rad is not None:
        yield f"tilt {_degrees(landing.tilt_rad, 2)}"


def _propellant(delivery: Delivery) -> Iterator[Figure]:
    if not delivery.budget:
        return
    used_kg = sum(row.propellant_kg for row in delivery.budget)
    left_kg = delivery.landing.propellant_left_kg
    left = "" if left_kg is None else f", {number(left_kg, 1, 'kg')} usable left"
    yield Figure(
        "Propellant",
        f"{number(used_kg, 1, 'kg')} for {number(sum(row.dv_m_s for row in delivery.budget), 1, 'm/s')} "
        f"in all{left}",
    )


def _degrees(angle_rad: float, decimals: int) -> str:
    return f"{number(math.degrees(angle_rad), decimals)}\u00b0"
