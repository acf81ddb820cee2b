"""The tables of a campaign's page, each from what `campaign.summary` and `campaign.compare` tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from perilune.report.campaign_charts import ArmShown
from perilune.report.columns import unit_of, words_of
from perilune.report.heat import colour
from perilune.report.page import table
from perilune.report.words import number

#: Colour of each outcome in the bars, the good one first.
_OUTCOME_STYLES = {
    "landed": "c2",
    "hard_landing": "c5",
    "tipped_over": "c1",
    "propellant_exhausted": "c3",
    "crashed": "c6",
    "lost": "c7",
}
#: Inputs told of an arm.
_MOST_INPUTS = 8


def percent(share: float) -> str:
    """Return a share in per cent, with the digits that tell it from 0 and 100.

    >>> percent(0.9984), percent(1.0), percent(0.5)
    ('99.84\\xa0%', '100\\xa0%', '50.0\\xa0%')
    """
    if share in (0.0, 1.0):
        return number(100.0 * share, 0, "%")
    return number(100.0 * share, 2 if not 0.015 < share < 0.985 else 1, "%")


def name_of(arm: ArmShown) -> str:
    """Return an arm's policy, fault and values in words."""
    fault = "" if arm.fault == "none" else f" + {arm.fault}"
    point = "".join(f", {name} = {value:g}" for name, value in arm.point)
    return escape(f"{arm.policy}{fault}{point}")


def success_table(arms: Sequence[ArmShown]) -> str:
    """Return each arm's outcomes as a bar, its success and the interval of it."""
    rows = []
    for arm in arms:
        low, high = arm.told["interval_95"]
        rows.append(
            (
                f"<b>{name_of(arm)}</b>",
                _stack(arm.told["outcomes"], arm.told["runs"]),
                percent(arm.told["success_probability"]),
                f"{percent(low)} \u2013 {percent(high)}",
                number(arm.told["successes"], 0),
                number(arm.told["runs"], 0),
            )
        )
    used = {name for arm in arms for name, count in arm.told["outcomes"].items() if count}
    legend = "".join(
        f'<span><i class="key {style}"></i>{escape(name.replace("_", " "))}</span>'
        for name, style in _OUTCOME_STYLES.items()
        if name in used
    )
    head = ("Policy", "Outcomes", "Success", "95 % interval", "Landed", "Runs")
    return table(head, rows, 2, "success") + f'<p class="legend">{legend}</p>'


def _stack(outcomes: Mapping[str, int], runs: int) -> str:
    """Return the outcomes as one bar, each with its share of the width."""
    parts = "".join(
        f'<i class="{_OUTCOME_STYLES.get(name, "c7")}" style="width:{100.0 * count / runs:.2f}%" '
        f'title="{escape(name.replace("_", " "))}: {count}"></i>'
        for name, count in sorted(outcomes.items(), key=lambda entry: _rank(entry[0]))
        if count
    )
    return f'<div class="stack">{parts}</div>'


def _rank(outcome: str) -> int:
    names = list(_OUTCOME_STYLES)
    return names.index(outcome) if outcome in names else len(names)


def fault_table(arms: Iterable[ArmShown]) -> tuple[list[str], list[str], dict[tuple[str, str], ArmShown]]:
    """Return the policies, the faults in the order first met, and the arm of each pair."""
    found = {(arm.policy, arm.fault): arm for arm in arms if not arm.point}
    policies = list(dict.fromkeys(policy for policy, _ in found))
    faults = list(dict.fromkeys(fault for _, fault in found))
    return policies, faults, found


def faults_table(arms: Iterable[ArmShown]) -> str:
    """Return the share of landings by fault and policy, the best policy of each fault in bold."""
    policies, faults, found = fault_table(arms)
    if len(faults) < 2:
        return ""
    head = "".join(f'<th class="n">{escape(policy)}</th>' for policy in policies)
    rows = []
    for fault in faults:
        best = max((found[p, fault].told["successes"] for p in policies if (p, fault) in found), default=0)
        cells = "".join(_fault_cell(found.get((policy, fault)), best) for policy in policies)
        rows.append(f"<tr><td>{escape(fault.replace('_', ' '))}</td>{cells}</tr>")
    body = "\n".join(rows)
    return (
        f'<div class="scroll"><table class="heat"><thead><tr><th>Fault</th>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _fault_cell(arm: ArmShown | None, best: int) -> str:
    if arm is None:
        return '<td class="n">\u2013</td>'
    share = arm.told["success_probability"]
    low, high = arm.told["interval_95"]
    first = max(arm.told["first_causes"].items(), key=lambda entry: entry[1], default=("", 0))
    why = f"; most often: {first[0]} ({first[1]})" if first[1] else ""
    words = f"{arm.told['successes']} of {arm.told['runs']}, 95 % from {low:.3f} to {high:.3f}{why}"
    shown = percent(share)
    shown = f"<b>{shown}</b>" if arm.told["successes"] == best else shown
    return f'<td class="n" style="background:{colour(share)}" title="{escape(words)}">{shown}</td>'


def sweep_table(found: Mapping[str, Any]) -> str:
    """Return the share of landings over the grid of a sweep."""
    names, axes, grid = found["names"], found["values"], found["success_probability"]
    across = axes[1] if len(axes) > 1 else [math.nan]
    head = "".join(f'<th class="n">{_plain(value)}</th>' for value in across)
    rows = "\n".join(
        f"<tr><th>{_plain(value)}</th>" + "".join(_sweep_cell(share) for share in line) + "</tr>"
        for value, line in zip(axes[0], grid, strict=True)
    )
    corner = f"{escape(str(names[0]))} \u2193"
    corner += f" &nbsp; {escape(str(names[1]))} \u2192" if len(names) > 1 else ""
    return (
        f'<div class="scroll"><table class="heat"><thead><tr><th>{corner}</th>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _plain(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else ""


def _sweep_cell(share: float | None) -> str:
    if share is None:
        return '<td class="n">\u2013</td>'
    return f'<td class="n" style="background:{colour(share)}">{percent(share)}</td>'


def comparison_table(told: Sequence[Mapping[str, Any]]) -> str:
    """Return the pairs of policies over the same runs."""
    rows = [
        (
            f"{escape(pair['first'])} : {escape(pair['second'])}",
            number(pair["both"], 0),
            number(pair["only_first"], 0),
            number(pair["only_second"], 0),
            number(pair["neither"], 0),
            f"{pair['p_value']:.2g}",
        )
        for pair in told
    ]
    head = ("Policies", "Both landed", "First only", "Second only", "Neither", "p")
    return table(head, rows) if rows else ""


def failure_tree(arm: ArmShown) -> str:
    """Return what failed runs ended as, and under each what came first."""
    runs = arm.told["runs"]
    rows = []
    for outcome, causes in arm.told["failure_tree"].items():
        count = sum(causes.values())
        rows.append((f"<b>{escape(outcome.replace('_', ' '))}</b>", _bar(count / runs), number(count, 0)))
        rows += [
            (f'<span class="branch">{escape(cause)}</span>', _bar(n / runs, "c7"), number(n, 0))
            for cause, n in causes.items()
        ]
    return (
        table(("Outcome, by what came first", "Share of all runs", "Runs"), rows, 2, "tree") if rows else ""
    )


def _bar(share: float, style: str = "c6") -> str:
    return f'<i class="bar {style}" style="width:{100.0 * min(share, 1.0):.2f}%"></i>'


def percentile_table(arm: ArmShown) -> str:
    """Return percentiles of the landed runs."""
    rows = []
    for name, told in arm.told["percentiles"].items():
        factor, unit = unit_of(name)
        values = [number(told[key], 2, unit, factor) for key in ("p1", "p5", "p50", "p95", "p99")]
        rows.append((escape(words_of(name)), *values))
    return table(("Figure", "1 %", "5 %", "Median", "95 %", "99 %"), rows) if rows else ""


def sensitivity_table(arm: ArmShown) -> str:
    """Return the inputs success hangs on, the strongest first."""
    rows = [
        (
            escape(entry["input"].replace("_", " ")),
            _signed(entry["shift"]),
            _signed(entry["spread"]),
            f"{entry['p_value']:.2g}",
            _fifths(entry["fifths"]),
        )
        for entry in arm.told["sensitivity"][:_MOST_INPUTS]
    ]
    return table(("Input", "Shift", "Spread", "p", "Success by fifth"), rows, 9, "inputs") if rows else ""


def _signed(value: float) -> str:
    """Return a bar from the middle of its cell to the left or the right."""
    style = "c2" if value > 0.0 else "c6"
    place = f"left:{50.0 + min(0.0, 50.0 * value):.1f}%;width:{50.0 * abs(value):.1f}%"
    return f'<span class="signed"><i class="{style}" style="{place}"></i></span> {number(value, 2)}'


def _fifths(shares: Sequence[float]) -> str:
    bars = "".join(
        f'<i style="height:{max(1.0, 22.0 * share):.1f}px" title="{100.0 * share:.1f} %"></i>'
        for share in shares
    )
    return f'<span class="fifths">{bars}</span>'


def worst_table(arm: ArmShown) -> str:
    """Return the runs that ended worst, with the commands that fly them again."""
    rows = [
        (
            number(entry["run"], 0),
            escape(entry["outcome"].replace("_", " ")),
            escape(entry["first_cause"]),
            number(entry["vertical_m_s"], 1),
            number(entry["horizontal_m_s"], 1),
            number(entry["miss_m"], 0),
            f"<code>{escape(entry['command'])}</code>",
        )
        for entry in arm.told["worst"]
    ]
    head = ("Run", "Outcome", "First cause", "Down, m/s", "Sideways, m/s", "Miss, m", "Flown again by")
    return table(head, rows, 99, "worst") if rows else ""
