"""From a flown campaign to its page: the summary of each arm, the ground about the site, how arms compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from perilune._version import __version__
from perilune.campaign.case import Arm
from perilune.campaign.compare import compared, success_map
from perilune.campaign.document import Document, summaries
from perilune.campaign.run import Campaign, FlownArm
from perilune.landing.loop.case import Case
from perilune.mission.published_schema import PublishedFigure
from perilune.report.campaign_charts import ArmShown, footprint_relief
from perilune.report.campaign_page import CampaignShown, render_campaign
from perilune.report.replay_case import elevation_of, limits_of

#: Details smaller than this do not show on the map of a footprint, m.
_FINEST_M = 1.0


def campaign_page(
    campaign: Campaign,
    *,
    mission: str,
    command: Callable[[Arm], str],
    told: Mapping[str, Document] | None = None,
    published: Sequence[PublishedFigure] = (),
) -> str:
    """Return the page of a campaign; `command` gives the call that flies an arm's runs, before `--run I`.

    `told` holds the arms' summaries by name where they were made before; `published` is what the mission
    file tells of the real flight.
    """
    told = told or summaries(campaign, command)
    arms = tuple(_shown(flown, told[flown.arm.name]) for flown in campaign.arms)
    plain = [flown for flown in campaign.arms if flown.arm.fault == "none" and not flown.arm.point]
    swept = [flown for flown in campaign.arms if flown.arm.point]
    first = campaign.arms[0].arm.case
    relief, limits = None, {}
    if isinstance(first, Case):
        mission, limits = first.mission, limits_of(first)
        relief = footprint_relief(
            arms, first.site.latitude_rad, first.site.longitude_rad, elevation_of(first.ground, _FINEST_M)
        )
    shown = CampaignShown(
        title=mission,
        arms=arms,
        seed=campaign.seed,
        comparisons=compared(plain) if len(plain) > 1 else (),
        success_maps=_maps(swept),
        relief=relief,
        limits=limits,
        published=published,
        notes=(f"perilune {__version__}, {campaign.wall_s:.1f} s", *_digests(campaign.arms)),
    )
    return render_campaign(shown)


def _shown(flown: FlownArm, told: Document) -> ArmShown:
    arm = flown.arm
    return ArmShown(arm.policy, told, flown.rows, arm.case.columns, arm.fault, arm.point)


def _maps(swept: Sequence[FlownArm]) -> dict[str, dict[str, object]]:
    """Return the map of a sweep for each policy and fault."""
    groups: dict[str, list[FlownArm]] = {}
    for flown in swept:
        fault = "" if flown.arm.fault == "none" else f" + {flown.arm.fault}"
        groups.setdefault(f"{flown.arm.policy}{fault}", []).append(flown)
    return {name: success_map(arms) for name, arms in groups.items()}


def _digests(arms: Sequence[FlownArm]) -> list[str]:
    return [f"rows of {flown.arm.name}: SHA-256 {flown.rows_digest}" for flown in arms[:8]]
