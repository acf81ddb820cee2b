"""A flight whose propellant ends on the way: what was planned beyond that instant was not flown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from perilune.epoch import Epoch
from perilune.mission.delivery import Leg, LunarOrbitResult, Manoeuvre, Transfer

#: Instants this near to the end still belong to the flight, s.
_TOUCH_S = 1e-6


def emptied(manoeuvres: Sequence[Manoeuvre], empty_mass_kg: float) -> tuple[Manoeuvre, ...] | None:
    """Return the manoeuvres up to the one in which the propellant ends, None where it lasts."""
    for k, burn in enumerate(manoeuvres):
        left_kg = burn.mass_before_kg - empty_mass_kg
        if burn.propellant_kg > left_kg:
            return (*manoeuvres[:k], _part(burn, max(0.0, left_kg) / burn.propellant_kg))
    return None


def _part(burn: Manoeuvre, share: float) -> Manoeuvre:
    spent = burn.propellant_kg / burn.mass_before_kg
    return replace(
        burn,
        duration_s=burn.duration_s * share,
        propellant_kg=burn.propellant_kg * share,
        dv_m_s=burn.dv_m_s * math.log1p(-share * spent) / math.log1p(-spent),
    )


def transfer_until(transfer: Transfer, end: Epoch) -> Transfer:
    """Return the transfer without what comes after `end`; its manoeuvres are those given, whole."""
    far = transfer.max_earth_distance_epoch
    seen = far is not None and _flown(far, end)
    arrived = transfer.insertion is not None and _flown(
        transfer.insertion.epoch + 0.5 * transfer.insertion.duration_s, end
    )
    passed = transfer.flyby is not None and _flown(transfer.flyby.epoch, end)
    return replace(
        transfer,
        flyby=transfer.flyby if passed else None,
        max_earth_distance_m=transfer.max_earth_distance_m if seen else None,
        max_earth_distance_epoch=far if seen else None,
        dv_flyby_to_insertion_m_s=transfer.dv_flyby_to_insertion_m_s if arrived else None,
        insertion=transfer.insertion if arrived else None,
        node_mismatch_m=transfer.node_mismatch_m if arrived else None,
        node_mismatch_m_s=transfer.node_mismatch_m_s if arrived else None,
    )


def orbit_until(kept: LunarOrbitResult, end: Epoch) -> LunarOrbitResult:
    """Return the orbits reached until `end`; a circular one was not kept, or the flight would go on."""
    reached = tuple(orbit for orbit in kept.orbits if _flown(orbit.epoch, end))
    return LunarOrbitResult(reached, None, None, None, kept.band_low_m, kept.band_high_m)


def legs_until(legs: Sequence[Leg], end: Epoch) -> tuple[Leg, ...]:
    """Return the legs until `end`, the last one cut at its last state before that."""
    out = []
    for leg in legs:
        flown = leg.time_s <= (end - leg.base) + _TOUCH_S
        if flown.sum() > 1:
            out.append(
                replace(
                    leg,
                    time_s=leg.time_s[flown],
                    position_m=leg.position_m[flown],
                    velocity_m_s=leg.velocity_m_s[flown],
                )
            )
    return tuple(out)


def _flown(epoch: Epoch, end: Epoch) -> bool:
    return epoch - end <= _TOUCH_S
