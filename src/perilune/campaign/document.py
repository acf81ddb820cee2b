"""A campaign as one document: every arm's summary, the policies beside each other, tables and maps.

Keys: mission, vehicle, seed, runs, way, workers, wall_s, runs_per_s, perilune, and then

- one set of faults: policies {policy: summary}, comparison [...]; a single policy's summary at the top too;
- several: faults {fault: {policies, comparison}}, table {policies, faults, success_probability};
- a sweep: sweep {fault: {policy: map}} (`compare.success_map`).

`perilune.campaign.schema` has all of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from perilune import __version__
from perilune.campaign.case import Arm
from perilune.campaign.compare import compared, success_map
from perilune.campaign.run import Campaign, FlownArm
from perilune.campaign.summary import summary

Document = dict[str, Any]


def summaries(campaign: Campaign, command: Callable[[Arm], str]) -> dict[str, Document]:
    """Return every arm's summary by its name; `command` gives the call that flies its runs."""
    return {flown.arm.name: summary(flown, command=command(flown.arm)) for flown in campaign.arms}


def document(
    campaign: Campaign, told: Mapping[str, Document], *, mission: str, way: str, workers: int
) -> Document:
    """Return what a campaign says, with its arms' `summaries`."""
    whole: Document = plain(_whole(campaign, told, mission, way, workers))
    return whole


def plain(value: Any) -> Any:
    """Return a document that JSON can hold: what is not finite becomes null.

    >>> plain({"a": [1.0, float("nan")]})
    {'a': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _whole(
    campaign: Campaign, told: Mapping[str, Document], mission: str, way: str, workers: int
) -> Document:
    flown = sum(arm.flown_count for arm in campaign.arms)
    head: Document = {
        "mission": mission,
        "seed": campaign.seed,
        "runs": campaign.runs,
        "way": way,
        "workers": workers,
        "wall_s": campaign.wall_s,
        "runs_per_s": flown / campaign.wall_s if flown else None,
        "flown_runs": flown,
        "perilune": __version__,
    }
    faults = list(dict.fromkeys(arm.arm.fault for arm in campaign.arms))
    if campaign.arms[0].arm.point:
        return head | {"sweep": {fault: _maps(_of(campaign, fault)) for fault in faults}}
    parts = {fault: _policies(_of(campaign, fault), told) for fault in faults}
    if len(faults) > 1:
        return head | {"faults": parts, "table": table(parts)}
    only = parts[faults[0]]
    alone = next(iter(only["policies"].values())) if len(only["policies"]) == 1 else {}
    return alone | head | {"fault": faults[0]} | only


def table(told: Document) -> Document:
    """Return the table policy against fault: the share of landings, a row a fault."""
    policies = list(next(iter(told.values()))["policies"])
    return {
        "policies": policies,
        "faults": list(told),
        "success_probability": [
            [entry["policies"][policy]["success_probability"] for policy in policies]
            for entry in told.values()
        ],
    }


def _of(campaign: Campaign, fault: str) -> list[FlownArm]:
    return [flown for flown in campaign.arms if flown.arm.fault == fault]


def _policies(arms: list[FlownArm], told: Mapping[str, Document]) -> Document:
    policies = {flown.arm.policy: told[flown.arm.name] for flown in arms}
    return {"policies": policies, "comparison": compared(arms)}


def _maps(arms: list[FlownArm]) -> Document:
    policies = dict.fromkeys(flown.arm.policy for flown in arms)
    return {name: success_map([flown for flown in arms if flown.arm.policy == name]) for name in policies}
