"""Write what the documents show of a flight: Mission 2 is flown, its pictures and figures are written.

python tools/flown.py     write docs/images/*.svg, and the printed flight in README.md
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from perilune.mission.delivery import Delivery
from perilune.mission.fly import fly
from perilune.mission.load import load
from perilune.mission.plan import plan
from perilune.report import charts
from perilune.report.svg import Chart, standalone
from perilune.report.text import summary

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
#: The rules of the report's style sheet that drawings need, by how their selectors begin.
RULES = r":root|@media \(prefers|\.(chart|line|dot|disc|band|muted|c\d)\b"


def main() -> None:
    delivery = fly(plan(load(ROOT / "missions" / "m2.toml")), replan=True)
    IMAGES.mkdir(exist_ok=True)
    for name, chart in pictures(delivery).items():
        (IMAGES / f"{name}.svg").write_text(standalone(chart, style()), encoding="utf-8")
        print(f"docs/images/{name}.svg")
    readme = ROOT / "README.md"
    readme.write_text(with_flight(readme.read_text(encoding="utf-8"), delivery), encoding="utf-8")
    print("README.md")


def pictures(delivery: Delivery) -> dict[str, Chart]:
    assert delivery.descent is not None
    found = {
        "m2-transfer-inertial": charts.transfer_inertial(delivery),
        "m2-transfer-rotating": charts.transfer_rotating(delivery),
        "m2-descent": charts.descent_profile(delivery.descent),
    }
    return {name: chart for name, chart in found.items() if chart is not None}


def style(rules_wanted: str = RULES) -> str:
    """Return the part of the report's style sheet that a drawing uses."""
    text = resources.files("perilune.report").joinpath("report.css").read_text(encoding="utf-8")
    rules = (
        rule.strip()
        for rule in re.findall(r"\s*@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}|[^{}]+\{[^}]*\}", text)
    )
    return "\n".join(rule for rule in rules if re.match(rules_wanted, rule))


def with_flight(readme: str, delivery: Delivery) -> str:
    """Return the README with the printed flight between its two marks."""
    lines = "\n".join(line.rstrip() for line in summary(delivery).splitlines())
    return re.sub(
        r"(<!-- flown -->\n```\n).*?(```\n<!-- end -->)",
        lambda found: found[1] + lines + "\n" + found[2],
        readme,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    main()
