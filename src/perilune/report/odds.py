"""A campaign's document as tables for the terminal: how often it lands, and what brings it down."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Document = dict[str, Any]

#: With fewer landings or failures than this no input can be told from chance.
_FEW: Final = 10
#: Where fewer land, the figures of all runs tell the story.
_MOSTLY: Final = 0.5
#: Figures of the table of percentiles: what it is called, its unit, and the unit's size in SI.
_FIGURES: Final = {
    "vertical_m_s": ("vertical speed", "m/s", 1.0),
    "horizontal_m_s": ("horizontal speed", "m/s", 1.0),
    "tilt_rad": ("tilt", "deg", math.pi / 180.0),
    "rate_rad_s": ("rate", "deg/s", math.pi / 180.0),
    "miss_m": ("miss", "m", 1.0),
    "propellant_kg": ("propellant left", "kg", 1.0),
    "dv_m_s": ("velocity change", "m/s", 1.0),
    "zero_height_m": ("height where the estimate is zero", "m", 1.0),
    "dry_height_m": ("height where propellant is gone", "m", 1.0),
    "free_fall_s": ("free fall", "s", 1.0),
    "valid_height_m": ("height of the first valid range", "m", 1.0),
    "valid_speed_m_s": ("speed there", "m/s", 1.0),
    "probe_speed_m_s": ("speed at the height asked for", "m/s", 1.0),
    "worst_height_error_m": ("worst error of height", "m", 1.0),
    "longest_rejection_s": ("longest rejection", "s", 1.0),
}


def odds(document: Document) -> RenderableType:
    """Return a campaign's document as tables."""
    return Group(Text(_head(document), style="bold"), *_body(document), Text(_foot(document), style="dim"))


def _head(document: Document) -> str:
    return f"{document['mission']}: {document['runs']} runs of seed {document['seed']}"


def _foot(document: Document) -> str:
    flown, runs = document["flown_runs"], document["runs_per_s"]
    rate = f", {runs:.1f} a second" if runs else ""
    workers = f"{document['workers']} worker{'s' if document['workers'] > 1 else ''}"
    return f"\n{flown} flown now in {document['wall_s']:.1f} s{rate} ({document['way']}, {workers})"


def _body(document: Document) -> Iterator[RenderableType]:
    if "sweep" in document:
        for fault, maps in document["sweep"].items():
            for policy, found in maps.items():
                yield Text()
                yield _map(found, policy, fault)
    elif "faults" in document:
        yield Text()
        yield _policy_by_fault(document["table"])
        yield Text("share of the runs that landed within the limits, %", style="dim")
    else:
        yield Text()
        yield _policies(document["policies"])
        for name, found in document["policies"].items():
            yield from _details(name, found, alone=len(document["policies"]) == 1)
        if document["comparison"]:
            yield Text()
            yield _comparison(document["comparison"])


def _policies(policies: dict[str, Document]) -> Table:
    table = _table("policy", "landed", "success", "95 % interval", "first causes")
    for name, found in policies.items():
        low, high = found["interval_95"]
        causes = ", ".join(f"{cause} {count}" for cause, count in _ordered(found["first_causes"])[:3])
        landed = f"{found['successes']} of {found['runs']}"
        table.add_row(
            name,
            landed,
            percent(found["success_probability"]),
            f"{percent(low)} to {percent(high)}",
            causes or "-",
        )
    return table


def _details(name: str, found: Document, *, alone: bool) -> Iterator[RenderableType]:
    title = "" if alone else f"{name}: "
    if alone and found["percentiles"]:
        yield Text()
        yield _percentiles("of the landed runs", found["percentiles"])
        yield from _footprint(found["footprint"])
    if found["success_probability"] < _MOSTLY:
        yield Text()
        yield _percentiles(f"{title}of all runs", found["percentiles_all"])
    if found["failure_tree"]:
        yield Text(f"\n{title}how it ended, and what came first")
        for outcome, causes in found["failure_tree"].items():
            told = ", ".join(f"{cause} {count}" for cause, count in causes.items())
            yield Text(f"  {outcome.replace('_', ' ')} {sum(causes.values())}: {told}")
        yield from _exceptions(found)
    yield from _sensitivity(title, found)
    if alone:
        yield from _consistency(found["consistency"])
    failed = [run for run in found["worst"] if run["outcome"] != "landed"]
    if failed:
        yield Text(f"\n{title}worst runs, and how to see them again")
        for run in failed[: 3 if alone else 1]:
            yield Text(f"  {_run(run)}\n    {run['command']}")


def _percentiles(title: str, found: dict[str, dict[str, float]]) -> Table:
    table = _table(title, "1 %", "50 %", "99 %", "unit")
    for name, (label, unit, size) in _FIGURES.items():
        if name in found:
            table.add_row(label, *(f"{found[name][p] / size:.3g}" for p in ("p1", "p50", "p99")), unit)
    return table


def _footprint(found: Document) -> Iterator[Text]:
    if found["cep_m"] is None:
        return
    told = f"\nfootprint: half within {found['cep_m']:.3g} m of the site, 99 % within "
    told += f"{found['radius_99_m']:.3g} m"
    ellipse = found["ellipse_99"]
    if ellipse is not None:
        told += f"; 99 % ellipse {2 * ellipse['semi_major_m']:.3g} x {2 * ellipse['semi_minor_m']:.3g} m"
        told += f", its long axis {math.degrees(ellipse['angle_rad']):.0f} deg from downrange"
    yield Text(told)


def _exceptions(found: Document) -> Iterator[Text]:
    """Name the runs that ended otherwise than most."""
    counts = {name: count for name, count in found["outcomes"].items() if count}
    usual = max(counts, key=counts.__getitem__)
    for name, runs in found["outcome_runs"].items():
        if name != usual and 5 * counts[name] <= found["runs"]:
            more = " ..." if counts[name] > len(runs) else ""
            yield Text(
                f"  otherwise than most, {name.replace('_', ' ')}: run {', '.join(map(str, runs))}{more}"
            )


def _sensitivity(title: str, found: Document) -> Iterator[Text]:
    significant = [entry for entry in found["sensitivity"] if entry["significant"]]
    if significant:
        yield Text(f"\n{title}success hangs on (share landed in each fifth of the input, from low to high)")
        width = max(len(entry["input"]) for entry in significant[:5])
        for entry in significant[:5]:
            shares = " ".join(f"{100 * share:4.0f}" for share in entry["fifths"])
            yield Text(f"  {entry['input']:<{width}}  {shares} %   p {entry['p_value']:.1g}")
    elif min(found["successes"], found["runs"] - found["successes"]) >= _FEW:
        yield Text(f"\n{title}success hangs on no single input (Mann-Whitney with Holm's correction, p 0.01)")


def _consistency(found: Document) -> Iterator[Text]:
    words = [
        f"{name.upper()} {entry['mean']:.2f} (95 % of runs {entry['p2_5']:.2f} to {entry['p97_5']:.2f})"
        for name, entry in found.items()
    ]
    if words:
        yield Text(f"\nfilter, per degree of freedom, 1 where it is consistent: {', '.join(words)}")
    epochs = found.get("nees", {}).get("epochs", {})
    if epochs.get("epochs"):
        inside, below, above = (percent(epochs[key]) for key in ("inside", "below", "above"))
        yield Text(
            f"  average NEES of {epochs['runs']} runs inside its 95 % bounds at {inside} of "
            f"{epochs['epochs']} epochs; below at {below}, above at {above}"
        )


def _run(run: Document) -> str:
    speeds = [
        f"{run[name]:.3g} m/s {word}"
        for name, word in (("vertical_m_s", "down"), ("horizontal_m_s", "sideways"))
        if run[name] is not None
    ]
    cause = "" if run["first_cause"] == "none" else f" after {run['first_cause']}"
    return f"run {run['run']}: {run['outcome'].replace('_', ' ')}{cause}; {', '.join(speeds)}"


def _comparison(pairs: list[Document]) -> Table:
    table = _table("on the same runs", "both landed", "only the first", "only the second", "neither", "p")
    for pair in pairs:
        counts = (str(pair[key]) for key in ("both", "only_first", "only_second", "neither"))
        table.add_row(f"{pair['first']}, {pair['second']}", *counts, f"{pair['p_value']:.2g}")
    return table


def _policy_by_fault(found: Document) -> Table:
    table = _table("fault", *found["policies"])
    for fault, shares in zip(found["faults"], found["success_probability"], strict=True):
        best = max(shares)
        cells = [Text(percent(share), style="bold" if share == best else "") for share in shares]
        table.add_row(fault.replace("_", " "), *cells)
    return table


def _map(found: Document, policy: str, fault: str) -> Table:
    names, values = found["names"], found["values"]
    named = policy if fault == "none" else f"{policy}, {fault}"
    if len(names) == 1:
        table = _table(names[0], f"{named}: landed")
        for value, (share,) in zip(values[0], found["success_probability"], strict=True):
            table.add_row(f"{value:g}", percent(share))
        return table
    table = _table(f"{names[0]} \\ {names[1]}", *(f"{value:g}" for value in values[1]), title=named)
    for value, shares in zip(values[0], found["success_probability"], strict=True):
        table.add_row(f"{value:g}", *map(percent, shares))
    return table


def percent(share: float) -> str:
    """Return a share as per cent, never rounded to a certainty it is not.

    >>> percent(1.0), percent(0.9996), percent(0.934), percent(0.0004)
    ('100 %', '99.96 %', '93.4 %', '0.04 %')
    """
    digits = 1
    while 0.0 < share < 1.0 and digits < 6 and float(f"{100 * share:.{digits}f}") in (0.0, 100.0):
        digits += 1
    return f"{100 * share:.{0 if share in (0.0, 1.0) else digits}f} %"


def _ordered(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: -item[1])


def _table(first: str, *others: str, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="left" if name == "first causes" else "right")
    return table
