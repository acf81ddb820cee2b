"""`perilune store VERB`."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import click

from perilune.cli.areas import at_store, opened

_EPILOG = """\b
Examples:
  perilune store create --tenant ispace
  perilune store replay missions/histories/m2.toml
  perilune store verify
  perilune store backup backups/2026-11-20
  perilune store export books-2026-11.tar
"""


@click.group("store", epilog=_EPILOG)
def command() -> None:
    """Create, verify, export, import and back up the store of the books.

    A store is a folder (SQLite and files) or a PostgreSQL database; each event is sealed to those before it.
    """


def _told(as_json: bool, document: Any, text: str) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False) if as_json else text)


@command.command("create")
@click.option("--files", type=click.Path(path_type=Path), help="Folder for the files of a PostgreSQL store.")
@at_store
def create(files: Path | None, **given: Any) -> None:
    """Make a store with its first tenant [default: house]."""
    from perilune.archive.store import HOUSE, create_store

    with create_store(given["store_"], given["tenant"] or HOUSE, files) as store:
        document = {"store": store.where, "tenants": list(store.tenants)}
    _told(
        given["as_json"], document, f"Made {document['store']} with the books of {given['tenant'] or HOUSE}."
    )


@command.command("tenant")
@click.argument("name")
@at_store
def tenant(name: str, **given: Any) -> None:
    """Add the books of another tenant."""
    from perilune.archive.store import open_store

    with open_store(given["store_"]) as store:
        store.add_tenant(name)
        held = list(store.tenants)
    _told(given["as_json"], {"tenants": held}, f"Books of: {', '.join(held)}")


@command.command("verify")
@at_store
def verify(**given: Any) -> int:
    """Check every seal, every order of events, every kept file and the snapshots."""
    from perilune.archive.store import open_store
    from perilune.archive.verify import verify as check

    with open_store(given["store_"]) as store:
        found = check(store.log, store.files, books=True, processes=os.cpu_count() or 1)
    lines = [
        f"{one.tenant}/{one.chain}: {one.fault or f'{one.entries} entries and {one.files} files hold'}, "
        f"head {one.hash[:16]}"
        for one in found
    ]
    _told(
        given["as_json"],
        [dataclasses.asdict(one) for one in found],
        "\n".join(lines) or "Nothing is recorded yet.",
    )
    return int(any(one.fault for one in found))


@command.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@at_store
def backup(target: Path, **given: Any) -> None:
    """Copy the store as it stands at one moment; others may go on writing.

    The copy of a folder is a store to open at once; that of a server is an export, for `store import`.
    """
    from perilune.archive.backup import back_up
    from perilune.archive.store import open_store

    with open_store(given["store_"]) as store:
        _moved(given["as_json"], "Wrote", back_up(store, target))


@command.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@at_store
def export(target: Path, **given: Any) -> None:
    """Write everything to a folder, or to one file TARGET.tar; others may go on writing."""
    from perilune.archive.store import open_store
    from perilune.archive.transfer import export_store

    with open_store(given["store_"]) as store:
        _moved(given["as_json"], "Wrote", export_store(store, target))


@command.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@at_store
def take_in(source: Path, **given: Any) -> None:
    """Bring in what was exported, after checking all of it."""
    from perilune.archive.store import open_store
    from perilune.archive.transfer import import_store

    with open_store(given["store_"]) as store:
        _moved(given["as_json"], "Took in", import_store(store, source))


def _moved(as_json: bool, word: str, found: Any) -> None:
    text = f"{word} {found.where}: {found.entries} entries in {found.chains} chains, {found.files} files."
    _told(as_json, dataclasses.asdict(found), text)


@command.command("migrate")
@at_store
def migrate(**given: Any) -> None:
    """Carry a store of an older version to the tables of today."""
    from perilune.archive.store import migrate_store

    steps = migrate_store(given["store_"])
    _told(given["as_json"], {"steps": steps}, f"{steps} steps taken." if steps else "It is up to date.")


@command.command("replay")
@click.argument("history", type=click.Path(path_type=Path))
@at_store
def replay(history: Path, **given: Any) -> None:
    """Carry out the orders of a history file, each at the time and by whom the file says."""
    from perilune.archive.replay import replay as carry_out

    store, company = opened(given["store_"], given["tenant"])
    with store:
        answers = carry_out(company, history, store.files.keep_file)
    document = {"orders": len(answers), "last_seq": max((one.last_seq for one in answers), default=0)}
    _told(
        given["as_json"], document, f"{document['orders']} orders carried out, {document['last_seq']} events."
    )


@command.command("keep")
@click.argument("file", type=click.Path(path_type=Path))
@at_store
def keep(file: Path, **given: Any) -> None:
    """Keep a file beside the books, under the SHA-256 of its content."""
    from perilune.archive.store import open_store

    with open_store(given["store_"]) as store:
        digest = store.files.keep_file(file)
    _told(given["as_json"], {"digest": digest}, digest)
