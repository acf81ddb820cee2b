"""`perilune route MISSION`."""

from __future__ import annotations

import json
from pathlib import Path

import click

_EPILOG = """\b
Examples:
  perilune route missions/m1-as-flown.toml
  perilune route missions/m3.toml --html route.html
  perilune route missions/m2-as-flown.toml --json
"""


@click.command("route", epilog=_EPILOG)
@click.argument("mission", type=click.Path())
@click.option("--html", type=click.Path(path_type=Path), help="Write the check as a page with drawings.")
@click.option("--headings", type=click.IntRange(1, 720), default=36, show_default=True, help="Tracks a site.")
@click.option("--json", "as_json", is_flag=True, help="Print the check as JSON.")
def command(mission: str, html: Path | None, headings: int, as_json: bool) -> None:
    """Check the way to the ground before the flight.

    The steps of the ground under the track against each altimeter policy's gate, other headings and backup
    sites; from which height the altimeter must be heard for a stop; thrust, propellant and divert reach;
    and the check list: go or no-go, item by item.
    """
    from perilune.errors import InputError
    from perilune.mission.load import load
    from perilune.mission.route import route_of
    from perilune.report import route as shown

    found = route_of(load(mission), headings=headings)
    if isinstance(found, str):
        raise InputError(f"{mission}: there is no descent to check. {found}")
    if html is not None:
        html.write_text(shown.render_route(found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(shown.to_document(found), indent=2, ensure_ascii=False))
        return
    click.echo(shown.text(found))
    if html is not None:
        click.echo(f"\nPage: {html}")
