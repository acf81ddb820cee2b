"""Write the pictures of landings that the documents show: Mission 1 as flown, and with the policy that lands;
every policy against every fault, from what tools/policy_faults.py kept.

python tools/landed.py            fly, and write docs/images/m1-*.svg and policy-faults.svg
python tools/landed.py --check    fly again, and fail where a picture tells another story than was flown

A picture carries its run's story in words. The check compares words, and numbers to 2 %: the last digits of a
closed loop of 40,000 steps belong to the processor.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from html import escape, unescape
from pathlib import Path
from typing import Any

from flown import style

from perilune.mission.landing_case import landing_case
from perilune.mission.load import load
from perilune.report.heat import heat
from perilune.report.landing_charts import heights
from perilune.report.landing_story import story
from perilune.report.replay import Replay
from perilune.report.replay_case import replay_of
from perilune.report.svg import standalone

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
KEPT = ROOT / "docs" / "policy-faults.json"
#: The rules of the report's style sheet that these drawings need, by how their selectors begin.
RULES = r":root|@media \(prefers|\.(chart|line|dots?|area|rule|bars|muted|good|bad|c\d)\b"
#: The mission whose table is drawn.
TABLE = "missions/m3.toml"
#: Name of the picture, mission file, policy.
SHOWN = (
    ("m1-as-flown", "m1-as-flown.toml", "latch"),
    ("m1-reacquire", "m1-as-flown.toml", "reacquire"),
)
SEED, RUN = 0, 0
_TOLERANCE = 0.02
_NUMBER = re.compile(r"\d+(?:[ \u202f]\d{3})*(?:\.\d+)?")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--full", action="store_true", help="the same; there is no smaller check")
    asked = parser.parse_args()
    stale = []
    for name, file, policy in SHOWN:
        path = IMAGES / f"{name}.svg"
        flown = landed(file, policy)
        if asked.check:
            if not path.exists() or not same(told(path.read_text(encoding="utf-8")), words(flown)):
                stale.append(f"docs/images/{name}.svg tells another story than is flown: {words(flown)}")
        else:
            path.write_text(picture(flown), encoding="utf-8")
            print(f"docs/images/{name}.svg: {words(flown)}")
    if KEPT.exists():
        table = IMAGES / "policy-faults.svg"
        drawn = faults(json.loads(KEPT.read_text(encoding="utf-8")))
        if asked.check:
            if not table.exists() or table.read_text(encoding="utf-8") != drawn:
                stale.append("docs/images/policy-faults.svg is not of docs/policy-faults.json")
        else:
            table.write_text(drawn, encoding="utf-8")
            print("docs/images/policy-faults.svg")
    if stale:
        sys.exit("\n".join([*stale, "Run: python tools/landed.py"]))


def landed(file: str, policy: str) -> Replay:
    case = landing_case(load(ROOT / "missions" / file), policy=policy)
    return replay_of(case.replay(SEED, RUN, every=10), case, seed=SEED)


def faults(kept: dict[str, Any]) -> str:
    """Return the picture of the landings by fault and policy: the file has a 1 or 0 for each run."""
    shares = {
        fault: {policy: marks.count("1") / len(marks) for policy, marks in told.items()}
        for fault, told in kept[TABLE].items()
    }
    policies = list(next(iter(shares.values())))
    title = f"Landings of {kept['runs']} by fault and altimeter policy, Mission 3's sensors"
    return heat(title, shares, policies, style(RULES))


def words(replay: Replay) -> str:
    return f"Policy {replay.facts.policy}, seed {SEED}, run {RUN}. {story(replay)}"


def picture(replay: Replay) -> str:
    drawn = standalone(heights(replay), style(RULES))
    return drawn.replace("</title>", f"</title>\n<desc>{escape(words(replay))}</desc>", 1)


def told(svg: str) -> str:
    """Return the story a picture carries."""
    found = re.search(r"<desc>(.*?)</desc>", svg, re.DOTALL)
    return unescape(found[1]) if found else ""


def same(ours: str, theirs: str) -> bool:
    """Return whether two stories have the same words, and numbers that differ by 2 % or the last digit told.

    >>> same("rejected at 414 s", "rejected at 418 s"), same("landed at 1 m/s", "crashed at 1 m/s")
    (True, False)
    """
    if _NUMBER.sub("#", ours) != _NUMBER.sub("#", theirs):
        return False
    pairs = zip(_NUMBER.findall(ours), _NUMBER.findall(theirs), strict=True)
    return all(abs(_value(a) - _value(b)) <= _TOLERANCE * _value(a) + _last_digit(a) for a, b in pairs)


def _value(text: str) -> float:
    return float(re.sub(r"[ \u202f]", "", text))


def _last_digit(text: str) -> float:
    return 10.0 ** -len(text.partition(".")[2])


if __name__ == "__main__":
    main()
