"""Write the pages that are made from the code: schemas, command line, vehicles, mission and campaign files.

python tools/write_docs.py            write them
python tools/write_docs.py --check    tell which of them are not what would be written, and fail
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from campaign_page import campaign_document_page
from mission_page import mission_file_page

from perilune.campaign.schema import schema as campaign_schema
from perilune.cli.area_extras import EXTRAS
from perilune.cli.main import AREAS, cli
from perilune.mission.delivery import schema
from perilune.vehicles.catalogue import names, vehicle
from perilune.vehicles.spacecraft import Vehicle

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Written by tools/write_docs.py; change the code, not this page. -->\n"


def pages() -> dict[str, str]:
    return {
        "schema/delivery.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        "schema/campaign.schema.json": json.dumps(campaign_schema(), indent=2, ensure_ascii=False) + "\n",
        "campaign-document.md": MADE + "\n" + campaign_document_page(),
        "command-line.md": command_line(),
        "vehicles.md": vehicles(),
        "mission-file.md": MADE + "\n" + mission_file_page(),
    }


def command_line() -> str:
    top = click.Context(cli, info_name="perilune", terminal_width=100, **cli.context_settings)
    told = "Orders and questions of the company's books stand with their fields in [company-orders.md]"
    head = [MADE, "# Command line\n", f"{told}(company-orders.md).\n"]
    return "\n".join([*head, *_command(cli, top, "#")])


def _command(command: click.Command, context: click.Context, mark: str) -> Iterator[str]:
    """Yield the help of a command and of those below it, each under its own heading."""
    if context.parent is not None:
        yield f"{mark} {context.command_path}\n"
    yield f"```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            if context.info_name in AREAS and inner not in EXTRAS.get(context.info_name, ()):
                continue  # orders and questions have a page of their own: company-orders.md
            below = click.Context(inner, info_name=name, parent=context)
            yield from _command(inner, below, mark + "#")


def vehicles() -> str:
    parts = [
        MADE,
        "# Vehicles\n",
        "Each figure has a source and a confidence: *published*, *inferred* from what is published, or "
        "*assumed*. What is not listed is not known, and is left unknown.\n",
    ]
    return "\n".join(parts + [_vehicle(vehicle(name)) for name in names()])


def _vehicle(entry: Vehicle) -> str:
    lines = [f"## {entry.name}\n", f"{entry.kind.capitalize()}. {entry.summary}\n"]
    if entry.figures:
        lines += ["| figure | value | confidence | source |", "|---|---|---|---|"]
        for key, figure in entry.figures.items():
            lines.append(
                f"| {key.replace('_', ' ')} | {figure.written} | {figure.confidence} | {figure.source} |"
            )
        lines.append("")
    lines += [f"- {text} ({source})" for text, source in entry.facts]
    unknown = ", ".join(name.replace("_", " ") for name in entry.unknown())
    if unknown:
        lines += ["", f"Not known: {unknown}."]
    return "\n".join(lines) + "\n"


def hold(tool: str, told: str, pages: Mapping[str, str]) -> int:
    """Write pages below docs/, or with `--check` say which are not what the tool writes."""
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--check", action="store_true")
    parser.add_argument(
        "--full", action="store_true", help="accepted for symmetry; there is no fuller source"
    )
    check = parser.parse_args().check
    stale = 0
    for name, text in pages.items():
        path = DOCS / name
        held = path.read_text(encoding="utf-8") if path.exists() else None
        if held == text:
            continue
        if check:
            print(f"docs/{name} is not what tools/{tool}.py writes; run it.", file=sys.stderr)
            stale += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")
    return 1 if stale else 0


def main() -> int:
    return hold("write_docs", __doc__ or "", pages())


if __name__ == "__main__":
    sys.exit(main())
