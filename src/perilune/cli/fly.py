"""`perilune fly MISSION`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from perilune.mission.delivery import Delivery

Progress = Callable[[str, float | None], None]

_EPILOG = """\b
Examples:
  perilune fly missions/m2.toml
  perilune fly missions/m2.toml --out flights/m2
  perilune fly missions/m2.toml --replan --seed 7
  perilune fly missions/m2.toml --json > delivery.json
"""


@click.command("fly", epilog=_EPILOG)
@click.argument("mission", type=click.Path())
@click.option("--out", type=click.Path(path_type=Path), help="Folder for report, JSON, OEM and CSV.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all random streams."
)
@click.option("--replan", is_flag=True, help="Search the transfer again, even if it is cached.")
@click.option("--json", "as_json", is_flag=True, help="Print the delivery as JSON instead of the tables.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
def command(mission: str, out: Path | None, seed: int, replan: bool, as_json: bool, quiet: bool) -> None:
    """Fly a mission file from launch to touchdown.

    The transfer is searched (and cached), every burn is flown, and milestones are judged by what was flown.
    """
    from perilune.errors import InputError
    from perilune.mission.load import load
    from perilune.report.folder import check_target, write
    from perilune.report.text import summary

    read = load(mission)
    if out is not None:
        check_target(out)
    if not quiet:
        _tell_first_time()
    from perilune.mission.fly import fly
    from perilune.mission.plan import plan

    with _progress(quiet) as progress:
        delivery: Delivery = fly(plan(read), seed=seed, replan=replan, progress=progress)
    if out is not None:
        try:
            write(delivery, out)
        except OSError as fault:
            cure = "Make room or name another folder and fly again: the transfer found is kept."
            raise InputError(
                f"--out {out}: {fault.strerror or fault}. Nothing was left there. {cure}"
            ) from None
    click.echo(delivery.to_json() if as_json else summary(delivery), nl=not as_json)
    if out is not None and not as_json:
        click.echo(f"\nReport: {out / 'report.html'}")
    if delivery.missed:
        raise click.exceptions.Exit(1)


def _tell_first_time() -> None:
    from perilune._jit import kernels_are_compiled

    if not kernels_are_compiled():
        click.echo("First flight of this version: compiling, once ...", err=True)


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Give a progress callback: a bar a stage on stderr, plain lines where that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import (
        Progress as Bars,
    )

    console = Console(stderr=True, quiet=quiet)
    tasks: dict[str, TaskID] = {}

    def line(stage: str, fraction: float | None) -> None:  # noqa: ARG001
        if stage not in tasks:
            tasks[stage] = TaskID(len(tasks))
            console.print(f"{stage} ...", highlight=False)

    if not console.is_terminal or quiet:
        yield line
        return
    columns = (
        SpinnerColumn(finished_text="+"),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console) as bars:

        def draw(stage: str, fraction: float | None) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, total=1.0, completed=1.0)
                tasks[stage] = bars.add_task(stage, total=None)
            if fraction is not None:
                bars.update(tasks[stage], total=1.0, completed=fraction)

        yield draw
        for task in tasks.values():
            bars.update(task, total=1.0, completed=1.0)
