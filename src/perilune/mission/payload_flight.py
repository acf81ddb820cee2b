"""Fly a mission again with the payloads of its manifest: does it still land, and with how much left?

The mass at launch stays as the file has it, so that every kilogram of payload is one of propellant less. What
is released in lunar orbit is aboard until then and not in the descent. A transfer that was found for the
file is flown again as it is, since payloads change neither its start nor its engines.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from perilune.constants import STANDARD_GRAVITY_M_S2
from perilune.errors import InputError, RefusedError
from perilune.mission import solution
from perilune.mission.delivery import Delivery, Manoeuvre, Outcome
from perilune.mission.fly import Progress, fly
from perilune.mission.load import from_tables, parse_toml, read_text
from perilune.mission.plan import OrbitPlan, Plan, plan

_SAID: Final = {
    Outcome.HARD_LANDING: "touches down hard",
    Outcome.CRASHED: "crashes",
    Outcome.NO_TRANSFER: "finds no way to the Moon",
    Outcome.NO_LUNAR_ORBIT: "does not get into lunar orbit",
    Outcome.NO_DESCENT: "has no descent to fly",
}


@dataclass(frozen=True, slots=True)
class Aboard:
    """A payload as it is flown: its mass (kg), whose it is, and whether it leaves in lunar orbit."""

    name: str
    mass_kg: float
    owner: str = ""
    leaves_in_orbit: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PayloadFlight:
    """A mission flown with payloads: the delivery, its digest (SHA-256 of its JSON), and its figures.

    `dv_left_m_s` is what the propellant left at touchdown could still give; None if it did not land.
    """

    delivery: Delivery
    digest: str
    payload_mass_kg: float
    released_mass_kg: float
    figure: str
    dv_left_m_s: float | None

    @property
    def landed(self) -> bool:
        """Tell whether it landed as it should."""
        return self.delivery.outcome is Outcome.LANDED

    @property
    def propellant_left_kg(self) -> float | None:
        """Return the usable propellant at touchdown, kg; None where there was none."""
        return self.delivery.landing.propellant_left_kg

    @property
    def dv_m_s(self) -> float:
        """Return the velocity change of all manoeuvres and the descent, m/s."""
        return sum(row.dv_m_s for row in self.delivery.budget)


def fly_with(
    path: str | Path,
    payloads: Sequence[Aboard],
    *,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> PayloadFlight:
    """Fly a mission file with these payloads in place of its own.

    Raises `InputError` where the file cannot be read or a mass is none.
    """
    raw = parse_toml(read_text(Path(path)), str(path))
    changed = with_payloads(raw, payloads)
    released_kg = sum(payload.mass_kg for payload in payloads if payload.leaves_in_orbit)
    own = plan(from_tables(raw, str(path)))
    ready = _lighter(plan(from_tables(changed, str(path))), released_kg)
    _keep_transfer(own, ready)
    delivery = fly(ready, seed=seed, progress=progress)
    _keep_transfer(ready, own)
    delivery = _with_payloads_to_orbit(ready, delivery, released_kg)
    digest = hashlib.sha256(delivery.to_json().encode()).hexdigest()
    mass_kg = sum(payload.mass_kg for payload in payloads)
    figure, left_m_s = figure_of(delivery, mass_kg), _dv_left_m_s(ready, delivery)
    return PayloadFlight(delivery, digest, mass_kg, released_kg, figure, left_m_s)


def _dv_left_m_s(ready: Plan | OrbitPlan, delivery: Delivery) -> float | None:
    left_kg = delivery.landing.propellant_left_kg
    if delivery.outcome is not Outcome.LANDED or left_kg is None:
        return None
    engines = ready.lander.propulsion
    isp_s = min(engines.main_isp_s, engines.assist_isp_s)
    return isp_s * STANDARD_GRAVITY_M_S2 * math.log1p(left_kg / ready.lander.empty_mass_kg)


def fly_added(
    path: str | Path,
    before: Sequence[Aboard],
    added: Aboard,
    *,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> PayloadFlight:
    """Fly a mission with one payload more.

    Raises `RefusedError` ("capacity") with the figures with and without it, if it breaks the landing.
    """
    with_it = fly_with(path, [*before, added], seed=seed, progress=progress)
    if with_it.landed:
        return with_it
    without = fly_with(path, before, seed=seed, progress=progress)
    raise RefusedError(
        "capacity",
        f"{added.name} of {added.mass_kg:g} kg cannot fly on {with_it.delivery.mission}: without it the "
        f"lander {without.figure}; with it the lander {with_it.figure}. Leave it behind, or lighten others.",
    )


def with_payloads(raw: Mapping[str, Any], payloads: Sequence[Aboard]) -> dict[str, Any]:
    """Return a file's tables with these payloads in place of its own; those that leave in orbit do not land.

    Whether the vehicle may carry them is for the books to say: the flight only asks whether it lands.
    """
    for payload in payloads:
        if not 0.0 < payload.mass_kg < 1e6:
            raise InputError(f"{payload.name}: {payload.mass_kg!r} kg is no mass. Give one above 0 kg.")
    landing = [
        {"name": payload.name, "mass": f"{payload.mass_kg!r} kg", "owner": payload.owner}
        for payload in payloads
        if not payload.leaves_in_orbit
    ]
    mass_kg = sum(payload.mass_kg for payload in payloads)
    figures = {**raw.get("vehicle", {}), "payload_mass": f"{mass_kg!r} kg"}
    changed = {key: value for key, value in raw.items() if key != "payload"}
    return changed | ({"payload": landing} if landing else {}) | ({"vehicle": figures} if mass_kg else {})


def figure_of(delivery: Delivery, payload_mass_kg: float) -> str:
    """Return what a flight came to, as the end of a sentence about the lander."""
    carried = f"with {payload_mass_kg:g} kg of payload"
    if delivery.outcome is Outcome.LANDED:
        left_kg = delivery.landing.propellant_left_kg or 0.0
        return f"lands {carried} and {left_kg:.1f} kg of propellant left"
    if delivery.outcome is not Outcome.PROPELLANT_EXHAUSTED:
        return f"{_SAID[delivery.outcome]} {carried}"
    height_m = _height_where_it_ends_m(delivery)
    where = "before the descent" if height_m is None else f"{height_m:.0f} m above the ground"
    return f"runs out of propellant {where} {carried}"


def _height_where_it_ends_m(delivery: Delivery) -> float | None:
    """Return the height over ground (m) at which the engines stop for good; None if there was no descent."""
    flown = delivery.descent
    if flown is None:
        return None
    burning = flown.throttle.nonzero()[0]
    return float(flown.altitude_m[burning[-1]]) if burning.size else None


def _lighter(ready: Plan | OrbitPlan, released_kg: float) -> Plan | OrbitPlan:
    """Return the plan of a flight that leaves a mass in lunar orbit before it descends.

    A file that starts in lunar orbit says the mass there after all releases.
    """
    if isinstance(ready, OrbitPlan) or released_kg == 0.0:
        return ready
    digest = hashlib.sha256(f"{ready.digest} without {released_kg!r} kg".encode()).hexdigest()
    spent_kg = ready.attitude_propellant_kg + released_kg
    return replace(ready, attitude_propellant_kg=spent_kg, digest=digest)


def _keep_transfer(own: Plan | OrbitPlan, other: Plan | OrbitPlan) -> None:
    """Let the transfer found for one plan serve another that differs in its payloads alone."""
    if isinstance(own, OrbitPlan) or isinstance(other, OrbitPlan) or solution.load(other) is not None:
        return
    found = solution.load(own)
    if found is not None:
        solution.save(other, found)


def _with_payloads_to_orbit(ready: Plan | OrbitPlan, delivery: Delivery, released_kg: float) -> Delivery:
    """Return the delivery, without a landing if what leaves in orbit took propellant that is not there."""
    if isinstance(ready, OrbitPlan) or released_kg == 0.0:
        return delivery
    least_kg = ready.lander.empty_mass_kg + released_kg
    short = next((burn for burn in delivery.transfer.manoeuvres if _beyond(burn, least_kg)), None)
    if short is None:
        return delivery
    reason = f"The propellant ends in the manoeuvre {short.name!r}, before the release in lunar orbit."
    return replace(delivery, outcome=Outcome.PROPELLANT_EXHAUSTED, reason=reason, descent=None)


def _beyond(burn: Manoeuvre, least_kg: float) -> bool:
    return burn.phase != "descent" and burn.mass_before_kg - burn.propellant_kg < least_kg
