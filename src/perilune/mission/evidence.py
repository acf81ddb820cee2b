"""What a flown mission shows: read from its `delivery.json` for the company's books, which hold no physics.

The digest of the file ties what the books hold to the flight; `same` tells whether a file still shows it.
The payload's mass is not in a delivery: it comes from the mission file, whose plan must be the one flown.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perilune.errors import InputError
from perilune.mission.load import load
from perilune.mission.plan import plan
from perilune.operations.milestones import Status

_LARGEST_BYTES: Final = 64 * 2**20


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Milestone(_Part):
    id: str
    status: Status
    achieved_utc: str | None


class _Manoeuvre(_Part):
    start_utc: str


class _Transfer(_Part):
    launch_utc: str | None
    manoeuvres: tuple[_Manoeuvre, ...]
    dv_total_m_s: float


class _Budget(_Part):
    mass_after_kg: float


class _Provenance(_Part):
    plan_digest: str
    seed: int


class _Delivery(_Part):
    mission: str
    vehicle: str
    outcome: str
    provenance: _Provenance
    milestones: tuple[_Milestone, ...]
    transfer: _Transfer
    landing: dict[str, Any] = Field(default_factory=dict)
    budget: tuple[_Budget, ...]


def evidence_of(path: Path, mission_file: Path | None = None) -> dict[str, Any]:
    """Return what `evidence record` asks of a delivery, but for the mission's id.

    Figures are SI, the unit in each name; with the mission file, `payload_mass_kg` is what was carried.
    Raises `InputError` if the file is no delivery, or the mission file's plan is not the one that was flown.
    """
    content = _read(path)
    found = _parsed(path, content)
    figures = _figures(found)
    if mission_file is not None:
        figures["payload_mass_kg"] = _payload_mass(found, mission_file)
    return {
        "digest": hashlib.sha256(content).hexdigest(),
        "kind": "delivery",
        "what": f"{found.mission}, flown by {found.vehicle}: {found.outcome.replace('_', ' ')}"[:200],
        "seen_at": _end(found, path),
        "source": f"plan {found.provenance.plan_digest}, seed {found.provenance.seed}"[:200],
        "milestones": [_shown(one) for one in found.milestones],
        "outcome": found.outcome,
        "figures": figures,
    }


def same(path: Path, recorded: Mapping[str, Any], mission_file: Path | None = None) -> bool:
    """Tell whether a delivery still has the digest and shows what was recorded of it."""
    now = evidence_of(path, mission_file)
    return all(now[key] == recorded[key] for key in ("digest", "outcome", "figures")) and [
        (one["id"], one["status"]) for one in now["milestones"]
    ] == [(one["id"], one["status"]) for one in recorded["milestones"]]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as cause:
        raise InputError(
            f"{path} cannot be read: {cause.strerror}. Give the delivery.json of a flight."
        ) from None
    if len(content) > _LARGEST_BYTES:
        raise InputError(f"{path} is larger than any delivery. Give the delivery.json of a flight.")
    return content


def _parsed(path: Path, content: bytes) -> _Delivery:
    try:
        return _Delivery.model_validate_json(content)
    except ValidationError as cause:
        fault = cause.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise InputError(
            f"{path} is no delivery: {place}: {fault['msg']}. Give the delivery.json that perilune fly wrote."
        ) from None


def _shown(one: _Milestone) -> dict[str, Any]:
    at = {"at": one.achieved_utc} if one.achieved_utc and one.status is Status.ACHIEVED else {}
    return {"id": one.id, "status": one.status.value, **at}


def _end(found: _Delivery, path: Path) -> str:
    """Return the last moment the delivery tells of."""
    told = [found.landing.get("utc"), *(one.achieved_utc for one in found.milestones)]
    told += [one.start_utc for one in found.transfer.manoeuvres] or [found.transfer.launch_utc]
    moments = [moment for moment in told if moment]
    if not moments:
        raise InputError(f"{path} tells of no moment: nothing was flown. Fly the mission first.")
    return max(moments)


def _figures(found: _Delivery) -> dict[str, float]:
    """Return the figures of the landing and the flight, angles in radians."""
    figures = {"dv_total_m_s": found.transfer.dv_total_m_s}
    for key, value in found.landing.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            is_angle = key.endswith("_deg")
            name = key.removesuffix("_deg") + "_rad" if is_angle else key
            figures[name if is_angle else key] = math.radians(value) if is_angle else float(value)
    if found.budget:
        figures["mass_left_kg"] = found.budget[-1].mass_after_kg
    return figures


def _payload_mass(found: _Delivery, mission_file: Path) -> float:
    planned = plan(load(mission_file))
    if planned.digest != found.provenance.plan_digest:
        raise InputError(
            f"{mission_file} is not what was flown: its plan is {planned.digest[:12]}…, the delivery's "
            f"{found.provenance.plan_digest[:12]}…. Give the mission file of that flight."
        )
    return planned.mission.payload_mass_kg
