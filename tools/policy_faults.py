"""Write the tables policy against fault: every policy is flown with every fault of the catalogue.

python tools/policy_faults.py                  fly, write docs/policy-faults.json, .md and README.md
python tools/policy_faults.py --runs 20        the same with fewer runs of each
python tools/policy_faults.py --check          say whether page and README.md hold what that file says
python tools/policy_faults.py --check --full   fly some of the runs too, and compare

Both ways it fails where two policies end every run alike: they would be one policy by two names.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from perilune.campaign.case import Arm
from perilune.campaign.run import Campaign, fly_campaign
from perilune.campaign.statistics import clopper_pearson, mcnemar
from perilune.campaign.ways import Threads
from perilune.errors import InputError
from perilune.landing.faults.catalogue import CATALOGUE
from perilune.landing.loop.rows import LANDED
from perilune.landing.software.policies import POLICIES
from perilune.mission.landing_case import landing_case
from perilune.mission.load import load
from perilune.report.odds import percent

ROOT = Path(__file__).resolve().parents[1]
KEPT, PAGE, README = (
    ROOT / name for name in ("docs/policy-faults.json", "docs/policy-faults.md", "README.md")
)
#: One altimeter and no map; then what is announced for a later lander. README.md shows the last one.
MISSIONS = ("missions/m1.toml", "missions/m3.toml")
SEED, RUNS, CHECKED = 1, 100, 5
MADE = "<!-- Written by tools/policy_faults.py; change the code, not this page. -->\n"
MARKS = r"(<!-- policies and faults -->\n).*?(<!-- end -->)"
#: A run at the edge may fall to the other side on another processor: so unlikely may a check's difference be.
CHANCE = 1e-4

#: Measured on m1, altimeter-bias, seed 1, run 1, two-hypothesis; the last sentence by a test of its odds.
BIAS = """\
`altimeter-bias` lands nobody on m1. The only altimeter goes wrong by +60 m below 3 km, where the lander
flies at 215 m/s over the ground and reads a range every 0.2 s: 43 m of ground lie between two readings,
and 60 m more over 43 m is a slope of 54 degrees. The filter expects 34 m of such ground (one sigma) and
takes the reading in; afterwards everything agrees, for a constant has no rate that the velocimeter could
deny. Maps are held to 35 m (one sigma), so that 60 m are less than two of them, and fade out below 1 km;
m1 has no camera. The estimate stays 50 to 67 m high down to the ground, and the touchdown comes at some
10 m/s. What would have to change is a second source of height: with m3's radar altimeter `voting` and
`combined` leave the odd instrument out. A jump that is too much for the ground under it is another
matter: `two-hypothesis` takes 200 m at 30 m/s, a constant, off a lone altimeter's ranges, and goes on
with them."""

#: Measured on m1, velocimeter-lost, seed 1, 10 runs each.
LOST = """\
Without a velocimeter (`velocimeter-lost`, `-never`, `-beams` on m1) the altimeter alone has to hold the
velocity. `apollo` gives its residuals to the altitude only, as the program did, and touches down at 2 to
11 m/s vertically. `latch` takes the ground for a sphere: relief under a canted beam passes for speed, 2
to 8 m/s sideways. With a terrain state (`reacquire` and those built on it) 0.1 to 1.7 m/s sideways are
left, about the limit of 0.5 m/s that two of three miss."""

Landed = dict[str, dict[str, str]]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--full", action="store_true", help="fly again as well")
    parser.add_argument("--runs", type=int, default=RUNS)
    asked = parser.parse_args()
    if not asked.check:
        found = {"seed": SEED, "runs": asked.runs} | {name: flown(name, asked.runs) for name in MISSIONS}
        KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        for path, text in written(found).items():
            path.write_text(text, encoding="utf-8")
        print("docs/policy-faults.json, docs/policy-faults.md, README.md")
        return said(twins(found))
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    faults = [
        f"{path.relative_to(ROOT)} does not hold what docs/policy-faults.json says"
        for path, text in written(kept).items()
        if path.read_text(encoding="utf-8") != text
    ]
    faults += twins(kept)
    if asked.full:
        faults += [line for name in MISSIONS for line in differences(flown(name, CHECKED), kept[name])]
    return said(faults)


def said(faults: list[str]) -> int:
    """Print what is wrong; return the process's exit code."""
    if faults:
        print("\n".join([*faults, "Run: python tools/policy_faults.py"]), file=sys.stderr)
    return 1 if faults else 0


def flown(mission: str, runs: int) -> Landed:
    """Fly every policy with every fault; return which of the runs landed, as a string of 1 and 0 for each."""
    campaign = fly_campaign(arms(mission), seed=SEED, runs=runs, way=Threads(), progress=Told(mission))
    print(f" in {campaign.wall_s:.0f} s", file=sys.stderr)
    return landed(campaign)


def landed(campaign: Campaign) -> Landed:
    found: Landed = {}
    for flight in campaign.arms:
        outcome = flight.rows[:, flight.arm.case.columns.index("outcome")]
        marks = "".join("1" if code == LANDED else "0" for code in outcome)
        found.setdefault(flight.arm.fault, {})[flight.arm.policy] = marks
    return found


def arms(mission: str) -> list[Arm]:
    """Return every policy with every fault that can happen to what is aboard."""
    read, made = load(ROOT / mission), []
    for fault in ["none", *CATALOGUE]:
        rows = CATALOGUE[fault].faults if fault in CATALOGUE else ()
        try:
            cases = [landing_case(read, policy=policy, faults=rows) for policy in POLICIES]
        except InputError as absent:
            print(f"{mission}, left out, {fault}: {absent}", file=sys.stderr)
            continue
        made += [Arm(case, policy, fault) for policy, case in zip(POLICIES, cases, strict=True)]
    return made


class Told:
    """Progress, every five seconds."""

    def __init__(self, mission: str) -> None:
        self.mission, self.last_s = mission, 0.0

    def __call__(self, done: int, asked: int, failures: int) -> None:
        if time.monotonic() - self.last_s > 5.0 or done == asked:
            self.last_s = time.monotonic()
            line = f"\r{self.mission}: {done} of {asked} runs, {failures} not landed"
            print(line, end="", file=sys.stderr, flush=True)


def differences(now: Landed, kept: Landed) -> list[str]:
    """Return the cells in which the same runs ended otherwise by more than chance, or that are new."""
    found = []
    for fault, policies in now.items():
        for policy, marks in policies.items():
            before = kept.get(fault, {}).get(policy, "")[: len(marks)]
            lost = sum(a < b for a, b in zip(marks, before, strict=False))
            won = sum(a > b for a, b in zip(marks, before, strict=False))
            if not before or mcnemar(lost, won) < CHANCE or lost + won > (len(marks) + 1) // 2:
                found.append(f"{fault}, {policy}: {marks} is flown, {before or 'nothing'} is written")
    return found


class Apart(NamedTuple):
    """The fault that tells two policies apart most: runs that only the one landed, and only the other."""

    mission: str
    fault: str
    first: int
    second: int

    @property
    def chance(self) -> float:
        """Return how likely such a split is between equal policies (McNemar's exact test)."""
        return mcnemar(self.first, self.second)


def apart(found: dict[str, Any]) -> dict[tuple[str, str], Apart | None]:
    """Return for each pair of policies the least likely split of the same runs; None where there is none."""
    policies = list(next(iter(found[MISSIONS[0]].values())))
    told: dict[tuple[str, str], Apart | None] = {}
    for one, other in itertools.combinations(policies, 2):
        splits = [
            Apart(
                mission,
                fault,
                sum(a > b for a, b in zip(marks[one], marks[other], strict=True)),
                sum(a < b for a, b in zip(marks[one], marks[other], strict=True)),
            )
            for mission in MISSIONS
            for fault, marks in found[mission].items()
        ]
        splits = [split for split in splits if split.first + split.second > 0]
        told[one, other] = min(splits, key=lambda split: split.chance, default=None)
    return told


def twins(found: dict[str, Any]) -> list[str]:
    """Return the pairs of policies that ended every run of the table alike."""
    return [
        f"{one} and {other} land the same runs under every fault: they are one policy by two names."
        for (one, other), split in apart(found).items()
        if split is None
    ]


def written(found: dict[str, Any]) -> dict[Path, str]:
    """Return the texts that hold the tables."""
    readme = README.read_text(encoding="utf-8")
    table = "\n".join(lines(found[MISSIONS[-1]], found["runs"]))
    return {
        PAGE: "\n".join(page(found)) + "\n",
        README: re.sub(
            MARKS, lambda marks: f"{marks[1]}{table}\n{marks[2]}", readme, count=1, flags=re.DOTALL
        ),
    }


def page(found: dict[str, Any]) -> Iterator[str]:
    low, _ = clopper_pearson(found["runs"], found["runs"])
    yield MADE
    yield "# Policies and faults\n"
    yield (
        f"Runs that landed within the mission's limits, of {found['runs']} with seed {found['seed']}, all "
        f"else dispersed; the best of each row is bold. {found['runs']} of {found['runs']} shows at least "
        f"{percent(low)} (Clopper and Pearson, 95 %). It is flown by `perilune land MISSION --policy all "
        f"--faults all --runs {found['runs']} --seed {found['seed']}`."
    )
    for mission in MISSIONS:
        yield f"\n## {load(ROOT / mission).about.name} (`{mission}`)\n"
        yield from lines(found[mission], found["runs"])
    yield "\n## What tells two policies apart\n"
    yield (
        "For each pair the fault that splits the same runs most: how many only the first landed, how many "
        "only the second, and how likely a split as uneven is between equal policies (McNemar). With so many "
        "faults to choose from, one below 0.001 is a difference; above, the two may do the same."
    )
    yield "\n| first | second | mission | fault | only first | only second | chance |"
    yield "|---|---|---|---|--:|--:|--:|"
    for (one, other), split in apart(found).items():
        if split is None:
            yield f"| {one} | {other} | none | none | 0 | 0 | 1 |"
            continue
        place = Path(split.mission).stem
        yield (
            f"| {one} | {other} | {place} | {split.fault} | {split.first} | {split.second} | "
            f"{split.chance:.2g} |"
        )
    yield "\n## What no policy can know\n"
    yield BIAS
    yield "\n" + LOST
    yield "\n## The policies\n"
    yield from (f"- `{policy.name}`: {policy.what}" for policy in POLICIES.values())
    yield "\n## The faults\n"
    yield "| fault | is | its sign | a good policy |\n|---|---|---|---|"
    for entry in CATALOGUE.values():
        rows = "; ".join(str(row) for row in entry.faults)
        yield f"| `{entry.name}` | {rows} | {entry.signature} | {entry.good} |"


def lines(found: Landed, runs: int) -> Iterator[str]:
    policies = list(next(iter(found.values())))
    yield f"| landed of {runs} | {' | '.join(policies)} |"
    yield f"|---{'|--:' * len(policies)}|"
    for fault, marks in found.items():
        counts = [marks[policy].count("1") for policy in policies]
        cells = [f"**{count}**" if count == max(counts) > 0 else str(count) for count in counts]
        yield f"| {fault.replace('none', 'no fault')} | {' | '.join(cells)} |"
    total = runs * len(found)
    shares = [sum(marks[policy].count("1") for marks in found.values()) / total for policy in policies]
    yield f"| all | {' | '.join(map(percent, shares))} |"


if __name__ == "__main__":
    sys.exit(main())
