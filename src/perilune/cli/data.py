"""`perilune data list|get|verify`."""

from __future__ import annotations

import json
from typing import Any

import click

_EPILOG = """\b
Examples:
  perilune data list
  perilune data get de440.bsp
  perilune data get ldem_64.img
  perilune data verify --json
"""


@click.group("data", epilog=_EPILOG)
def command() -> None:
    """List, download and verify data: the embedded excerpts and the full official files.

    Nothing here is needed to fly: the excerpts are part of the package. Full files are kept in
    PERILUNE_DATA_DIR, or in ~/.local/share/perilune; PERILUNE_DATA_MIRROR names another place to fetch from.
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_files(as_json: bool) -> None:
    """List every file, its size and where it comes from."""
    from perilune.world import download, embedded

    rows: list[dict[str, Any]] = [
        {"name": card.name, "kind": "embedded", "bytes": card.size_bytes, "title": card.title}
        | {"reference": card.reference, "licence": card.licence, "sha256": card.sha256}
        for card in embedded.cards().values()
    ]
    rows += [
        {"name": file.name, "kind": "full", "bytes": file.size_bytes, "title": file.title}
        | {"url": file.url, "sha256": file.sha256, "here": (download.folder() / file.name).is_file()}
        for file in download.FULL_FILES.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        kind = "full, here" if row.get("here") else row["kind"]
        click.echo(f"{row['name']:<40}{_size(row['bytes']):>9}  {kind:<11}{row['title']}")


@command.command("get")
@click.argument("names", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def get(names: tuple[str, ...], as_json: bool) -> None:
    """Download full files; one that broke off is continued, one that is here intact is left.

    An image comes with its label. Elevation maps have no published SHA-256: they are held to their size, and
    what came first is remembered. Name their folder in a mission's [terrain] to land on them.
    """
    from perilune.world import download

    asked = [download.full_file(name) for name in names]
    files = {file.name: file for file in asked}
    files |= {file.beside: download.full_file(file.beside) for file in asked if file.beside}
    paths = {file.name: str(_fetch(file)) for file in files.values()}
    if as_json:
        click.echo(json.dumps(paths, indent=2))
    else:
        click.echo("\n".join(paths.values()))


def _fetch(file: Any) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    from perilune.world import download

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=file.size_bytes)
        return download.download(
            file, progress=lambda had, total: bar.update(task, completed=had, total=total or file.size_bytes)
        )


@command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(as_json: bool) -> None:
    """Check the SHA-256 of every embedded and every downloaded file; exit code 2 if one is damaged."""
    from perilune.world import download, embedded

    found = {
        card.name: "intact" if embedded.is_intact(card) else "damaged" for card in embedded.cards().values()
    }
    found |= {file.name: download.status(file) for file in download.FULL_FILES.values()}
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for name, state in found.items():
            click.echo(f"{name:<40}{state}")
    damaged = [name for name, state in found.items() if state == "damaged"]
    if damaged:
        from perilune.errors import DataError

        cure = "Install perilune again, or fetch a full file again with `perilune data get`."
        raise DataError(f"Damaged: {', '.join(damaged)}. {cure}")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count else "small"
