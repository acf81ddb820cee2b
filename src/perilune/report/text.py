"""The delivery in a few lines of text, for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator

from perilune.mission.delivery import Delivery, LandingResult, Transfer
from perilune.report.words import spaced, when

_MARKS = {"achieved": "[x]", "partial": "[~]", "not achieved": "[ ]"}


def summary(delivery: Delivery) -> str:
    """Return the flight's key figures and the table of milestones."""
    head = f"{delivery.mission}, {delivery.vehicle}: {delivery.outcome.replace('_', ' ')}"
    if delivery.reason:
        head += f"\n{delivery.reason}"
    parts = [head, "", *_transfer(delivery.transfer), *_landing(delivery.landing), "", *_milestones(delivery)]
    return "\n".join(parts)


def _transfer(transfer: Transfer) -> Iterator[str]:
    yield f"Launch      {when(transfer.launch_epoch)} UTC"
    if (flyby := transfer.flyby) is not None:
        yield (
            f"Flyby       {when(flyby.epoch)} UTC at {flyby.altitude_m / 1e3:,.0f} km, "
            f"v-infinity {flyby.v_infinity_m_s:,.0f} m/s"
        )
    if transfer.max_earth_distance_m is not None:
        yield (
            f"Farthest    {when(transfer.max_earth_distance_epoch)} UTC, "
            f"{transfer.max_earth_distance_m / 1e9:.3f} million km from Earth"
        )
    if (burn := transfer.insertion) is not None:
        yield (
            f"Insertion   {when(burn.epoch)} UTC, {burn.dv_m_s:.1f} m/s in {burn.duration_s:.0f} s, "
            f"into {burn.perilune_altitude_m / 1e3:,.1f} x {burn.apolune_altitude_m / 1e3:,.1f} km"
        )
    propellant_kg = sum(burn.propellant_kg for burn in transfer.manoeuvres)
    count = len(transfer.manoeuvres)
    yield f"Manoeuvres  {count}, {transfer.dv_total_m_s:,.1f} m/s, {propellant_kg:.1f} kg of propellant"


def _landing(landing: LandingResult) -> Iterator[str]:
    if landing.epoch is None:
        yield f"Landing     {landing.outcome.replace('_', ' ')}"
        return
    figures = []
    if landing.miss_distance_m is not None:
        figures.append(f"{landing.miss_distance_m:,.1f} m from the site")
    if landing.vertical_speed_m_s is not None and landing.horizontal_speed_m_s is not None:
        figures.append(
            f"{landing.vertical_speed_m_s:.2f} m/s down, {landing.horizontal_speed_m_s:.2f} m/s sideways"
        )
    if landing.tilt_rad is not None:
        figures.append(f"tilt {math.degrees(landing.tilt_rad):.1f} deg")
    if landing.propellant_left_kg is not None:
        figures.append(f"{landing.propellant_left_kg:.1f} kg of propellant left")
    outcome = landing.outcome.replace("_", " ")
    yield f"Landing     {when(landing.epoch)} UTC, {outcome}: {', '.join(figures)}"


def _milestones(delivery: Delivery) -> Iterator[str]:
    width = max((len(m.name) for m in delivery.milestones), default=4)
    yield f"    {'milestone':<{width}}  {'status':<12}  {'achieved (UTC)':<19}  public"
    for m in delivery.milestones:
        public = spaced(m.public_written or "-")
        reached = when(m.achieved_epoch)
        yield f"{_MARKS[m.status]} {m.name:<{width}}  {m.status:<12}  {reached:<19}  {public}"
