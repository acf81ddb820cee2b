"""Commands that sign the register's head, so that nobody need trust the database."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from perilune.cli.areas import at_store, opened
from perilune.errors import InputError


@click.command("new-key")
@click.argument("name", type=click.Path(path_type=Path))
def new_key(name: Path) -> None:
    """Make a key pair: NAME.key, which signs and stays yours, and NAME.pub, which everybody may have."""
    from perilune.exchange import signed_head

    private, public = signed_head.new_key()
    with open(_fresh(name.with_suffix(".key")), "wb", opener=_only_mine) as file:
        file.write(private)
    _fresh(name.with_suffix(".pub")).write_bytes(public)
    click.echo(f"Wrote {name.with_suffix('.key')} (keep it) and {name.with_suffix('.pub')} (give it away).")


def _only_mine(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)


def _fresh(path: Path) -> Path:
    if path.exists():
        raise InputError(f"{path} exists already. Choose another name: a key is not written over.")
    return path


@click.command("sign-head")
@click.option("--key", type=click.Path(path_type=Path), required=True, help="The private key: NAME.key.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it [default: print it].")
@at_store
def sign_head(key: Path, out: Path | None, **given: Any) -> None:
    """Sign the register's head as it stands now; give it to whoever is to check titles later."""
    from perilune.exchange import signed_head

    _, company = opened(given["store_"], given["tenant"])
    (head,) = company.rows("resource head")
    told = signed_head.signed({"size": head.size, "root": head.root, "at": head.at}, key.read_bytes())
    written = json.dumps(told, indent=2)
    if out is None:
        click.echo(written)
        return
    out.write_text(written + "\n", encoding="utf-8")
    click.echo(f"Signed a head of {head.size} leaves: {out}")
