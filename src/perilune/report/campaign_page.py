"""The report of a campaign: what landings are worth, what brings them down, and which policy does better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from perilune.mission.published_schema import PublishedFigure
from perilune.report import campaign_charts as charts
from perilune.report import campaign_tables as tables
from perilune.report.campaign_charts import ArmShown
from perilune.report.campaign_tables import percent
from perilune.report.page import document, figures, section
from perilune.report.published import published_of_arm
from perilune.report.relief import Relief
from perilune.report.words import number

#: More arms than this are told in the tables only.
_MOST_TOLD = 8


@dataclass(frozen=True, slots=True, eq=False)
class CampaignShown:
    """What a campaign's page shows: its arms, how they compare, the maps of a sweep, the ground at the site.

    `comparisons` and `success_maps` (by policy) are what `campaign.compare` tells; `limits` by column, SI.
    """

    title: str
    arms: tuple[ArmShown, ...]
    seed: int = 0
    comparisons: Sequence[Mapping[str, Any]] = ()
    success_maps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    relief: Relief | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    published: Sequence[PublishedFigure] = ()


def render_campaign(shown: CampaignShown) -> str:
    """Return the page of a campaign."""
    plain = [arm for arm in shown.arms if arm.fault == "none" and not arm.point]
    told = plain if 0 < len(plain) <= _MOST_TOLD else (plain or list(shown.arms))[:_MOST_TOLD]
    return document(
        f"{shown.title}, campaign - perilune",
        [
            _head(shown),
            section("Success", tables.success_table(told)),
            section(
                "Policy and fault",
                tables.faults_table(shown.arms),
                "Share of runs that landed within the limits, on the same seeds.",
            ),
            *(
                section(f"Success map: {name}", tables.sweep_table(found))
                for name, found in shown.success_maps.items()
            ),
            section(
                "Policies on the same seeds",
                tables.comparison_table(shown.comparisons),
                "Who landed where the other did not; p is that of McNemar's exact test.",
            ),
            *(part for arm in told for part in _arm(arm, shown)),
            "".join(f"<footer><p>{escape(note)}</p></footer>" for note in shown.notes),
        ],
    )


def _head(shown: CampaignShown) -> str:
    runs = sum(int(arm.told["runs"]) for arm in shown.arms)
    best = max(shown.arms, key=lambda arm: (arm.fault == "none", arm.told["success_probability"]))
    low, high = best.told["interval_95"]
    return (
        f"<header><h1>{escape(shown.title)}</h1>\n"
        f'<p class="lead">{number(runs, 0)} landings, seed {shown.seed}</p>'
        f"<p>With policy <b>{escape(best.policy)}</b> {percent(best.told['success_probability'])} of the "
        f"runs landed within the limits (95 % interval {percent(low)} to {percent(high)}).</p></header>"
    )


def _arm(arm: ArmShown, shown: CampaignShown) -> list[str]:
    name = tables.name_of(arm)
    tree = tables.failure_tree(arm)
    # Where all landed, or none, success hangs on nothing: a table of zeros would only look like a finding.
    sensitivity = "" if arm.landed.all() or not arm.landed.any() else tables.sensitivity_table(arm)
    place = charts.footprint(arm, shown.relief) if shown.relief is not None else None
    hists = charts.histograms(arm, shown.limits)
    return [
        f'<section class="arm"><h1>{name}</h1></section>',
        section("Beside what was made public", published_of_arm(arm, shown.published)),
        section("What brought runs down", tree),
        figures("Where they came down, and how", [place, *hists], tall=place is not None),
        section("Percentiles of the landed runs", tables.percentile_table(arm)),
        section(
            "On what success hangs",
            sensitivity,
            "Rank-biserial correlation of success with an input (shift) and with its distance from the "
            "median (spread); bars are the share of landings in each fifth of the input, lowest first.",
        ),
        figures("Does the filter know how wrong it is", [charts.consistency_in_time(arm)]),
        figures("", charts.consistency(arm)),
        section("Worst runs", tables.worst_table(arm)),
    ]
