"""`perilune propagate ARC`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

_EPILOG = """\b
Examples:
  perilune propagate arc.toml
  perilune propagate arc.toml --json --stm
  perilune propagate arc.toml --oem arc.oem
"""


@click.command("propagate", epilog=_EPILOG)
@click.argument("arc", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print the final state as JSON, in SI.")
@click.option("--oem", "oem_path", type=click.Path(dir_okay=False), help="Write the arc as a CCSDS OEM.")
@click.option("--stm", is_flag=True, help="Carry the state transition matrix along.")
def command(arc: str, as_json: bool, oem_path: str | None, stm: bool) -> None:
    """Propagate the single arc of a file."""
    from perilune import _jit

    if not _jit.kernels_are_compiled():
        click.echo("Compiling the kernels; this happens once.", err=True)
    from perilune.mission import arc as arcs

    read = arcs.load_arc(arc)
    flown = arcs.fly_arc(read, stm=stm)
    if oem_path is not None:
        _write(Path(oem_path), arcs.to_oem(flown, Path(arc).stem, flown.base.iso("UTC", 0)))
    if as_json:
        click.echo(arcs.to_json(arcs.answer(read, flown)))
    else:
        click.echo(arcs.describe(read, flown))


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    from perilune.errors import InputError

    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as fault:
        cure = "Choose another place."
        raise InputError(f"Can not write {path}: {fault.strerror}. {cure}") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
