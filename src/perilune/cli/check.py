"""`perilune check MISSION`."""

from __future__ import annotations

import json

import click

_EPILOG = """\b
Examples:
  perilune check missions/m2.toml
  perilune check missions/m2.toml --json
"""


@click.command("check", epilog=_EPILOG)
@click.argument("mission", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(mission: str, as_json: bool) -> None:
    """Check a mission file without flying it; all faults are told at once."""
    from perilune.errors import MissionFileError
    from perilune.mission.load import load
    from perilune.mission.schema import EarthMission, OrbitMission

    try:
        read = load(mission)
    except MissionFileError as error:
        if as_json:
            click.echo(json.dumps({"file": mission, "valid": False, "faults": error.faults}, indent=2))
            raise click.exceptions.Exit(2) from None
        raise
    if as_json:
        click.echo(json.dumps({"file": mission, "valid": True, "faults": []}, indent=2))
        return
    carried = f"{len(read.payloads)} payloads of {read.payload_mass_kg:g} kg"
    start = f"orbit {read.orbit.epoch.utc_iso(0)}" if isinstance(read, OrbitMission) else ""
    if isinstance(read, EarthMission):
        start = f"launch {read.launch.epoch.utc_iso(0)}"
    click.echo(
        f"{mission}: no fault found. {read.about.name}, {read.about.vehicle}, {carried}, "
        f"{len(read.milestone_entries)} milestones; {start}, "
        f"landing {read.landing.epoch.utc_iso(0)}."
    )
