"""`perilune vehicles [NAME]`."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perilune.vehicles.spacecraft import Vehicle

_EPILOG = """\b
Examples:
  perilune vehicles
  perilune vehicles RESILIENCE
  perilune vehicles "APEX 1.0" --json
"""


@click.command("vehicles", epilog=_EPILOG)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, figures in SI.")
def command(name: str | None, as_json: bool) -> None:
    """Show the catalogue, or one vehicle with each figure's source and confidence."""
    from perilune.vehicles.catalogue import names, vehicle

    chosen = [vehicle(name)] if name else [vehicle(known) for known in names()]
    if as_json:
        documents = [_document(entry) for entry in chosen]
        click.echo(json.dumps(documents[0] if name else documents, indent=2, ensure_ascii=False))
    elif name:
        _show(chosen[0])
    else:
        _list(chosen)


def _list(vehicles: list[Vehicle]) -> None:
    columns = ("wet_mass", "dry_mass", "payload_mass")
    click.echo(f"{'name':<21}{'kind':<18}{'wet':>18}{'dry':>10}{'payload':>20}")
    for entry in vehicles:
        wet, dry, payload = (_written(entry, column) for column in columns)
        click.echo(f"{entry.name:<21}{entry.kind:<18}{wet:>18}{dry:>10}{payload:>20}")


def _written(vehicle: Vehicle, figure: str) -> str:
    return vehicle.figures[figure].written if figure in vehicle.figures else "unknown"


def _show(vehicle: Vehicle) -> None:
    click.echo(f"{vehicle.name} ({vehicle.kind})\n{vehicle.summary}\n")
    for key, figure in vehicle.figures.items():
        click.echo(f"  {key.replace('_', ' '):<21}{figure.written:<20}{figure.confidence:<11}{figure.source}")
    if unknown := ", ".join(key.replace("_", " ") for key in vehicle.unknown()):
        click.echo(f"\n  Not known: {unknown}.")
    for text, source in vehicle.facts:
        click.echo(f"\n  {text} [{source}]")


def _document(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "name": vehicle.name,
        "kind": vehicle.kind,
        "summary": vehicle.summary,
        "figures": {key: dataclasses.asdict(figure) for key, figure in vehicle.figures.items()},
        "unknown": list(vehicle.unknown()),
        "facts": [{"text": text, "source": source} for text, source in vehicle.facts],
    }
