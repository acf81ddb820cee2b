"""`perilune land MISSION`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perilune.campaign.run import Campaign, Progress
    from perilune.cli.land_call import Call

_WIDE = 160
_EPILOG = """\b
Examples:
  perilune land missions/m3.toml --runs 1000
  perilune land missions/m1-as-flown.toml --policy latch,reacquire --runs 100
  perilune land missions/m3.toml --policy all --faults all --runs 100 --out table
  perilune land missions/m3.toml --runs 10000 --cluster tcp://10.0.0.5:8786 --out m3
  perilune land missions/m2-as-flown.toml --sweep "sensor.laser.range=500 m:3000 m:6"
  perilune land missions/m3.toml --seed 1 --run 417 --out run-417
"""


@click.command("land", epilog=_EPILOG)
@click.argument("mission", type=click.Path())
@click.option("--runs", type=int, default=None, help="Runs of each policy and fault.  [default: 100]")
@click.option("--policy", help="Altimeter policies, with commas, or all.  [default: the mission's]")
@click.option("--faults", help="Faults of the catalogue, each by itself, or all; or a file of [[fault]].")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of all random streams.")
@click.option("--run", type=int, default=None, help="Fly this one run again and show it.")
@click.option("--workers", type=int, default=None, help="Threads or processes.  [default: the processors]")
@click.option("--processes", is_flag=True, help="Processes instead of threads.")
@click.option("--cluster", metavar="URL", help="Fly on a Dask cluster, say tcp://10.0.0.5:8786.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for rows, summary and report.")
@click.option(
    "--sweep", "sweeps", multiple=True, metavar="NAME=FROM:TO:N", help="Sweep a value; twice makes a map."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON instead of the tables.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(out: Path | None, as_json: bool, quiet: bool, **asked: Any) -> None:
    """Land many times with the navigation the vehicle has, and say what a landing is worth.

    Every run is a pure function of mission, policy, faults, seed and number. What is flown is kept as it
    comes: the same command goes on where an earlier one was stopped.
    """
    from perilune.cli.land_call import read_call

    call = read_call(out=out, **asked)
    if call.left_out and not quiet:
        click.echo(f"Not aboard, so left out: {', '.join(call.left_out)}", err=True)
    _compile_first(call, quiet)
    if call.run is not None:
        from perilune.cli.land_again import fly_again

        click.echo(fly_again(call, as_json=as_json), nl=False)
        return
    _fly(call, as_json=as_json, quiet=quiet)


def _fly(call: Call, *, as_json: bool, quiet: bool) -> None:
    from functools import partial

    from perilune.campaign.document import document, summaries
    from perilune.campaign.run import Interrupted
    from perilune.cli.land_call import command_for, opened
    from perilune.report.campaign_case import campaign_page

    with opened(call) as store:
        try:
            with _progress(quiet) as progress:
                campaign = _flown(call, store, progress)
        except Interrupted as stop:
            click.echo(f"\nInterrupted after {stop.done} of {stop.asked} runs. {_kept(store)}", err=True)
            raise click.exceptions.Exit(130) from None
        again = partial(command_for, call)
        arms = summaries(campaign, again)
        told = document(campaign, arms, mission=call.mission, way=call.way_name, workers=call.way.workers)
        text = json.dumps(told, indent=2) + "\n"
        if store is not None and call.out is not None:
            store.write("summary.json", text)
            page = campaign_page(
                campaign, mission=call.mission, command=again, told=arms, published=call.published
            )
            store.write("report.html", page)
        elif store is not None:
            store.remove()
    if as_json:
        click.echo(text, nl=False)
        return
    from rich.console import Console

    from perilune.report.odds import odds

    console = Console(highlight=False)
    # Where nobody looks at a terminal, lines may be long: a wrapped table is hard to read again.
    wide = Console(highlight=False, width=None if console.is_terminal else _WIDE)
    wide.print(odds(told), soft_wrap=not console.is_terminal)
    if call.out is not None:
        click.echo(f"Report: {call.out / 'report.html'}")


def _flown(call: Call, store: Any, progress: Progress) -> Campaign:
    from perilune.campaign.run import fly_campaign

    return fly_campaign(
        call.arms, seed=call.seed, runs=call.runs, way=call.way, store=store, progress=progress
    )


def _kept(store: object) -> str:
    return "They are kept; the same command goes on from there." if store is not None else "They are lost."


def _compile_first(call: Call, quiet: bool) -> None:
    """Compile before the clock runs, and before workers would all compile the same."""
    from perilune._jit import kernels_are_compiled

    if not kernels_are_compiled("landing/loop/_kernels.py"):
        if not quiet:
            click.echo("First landing of this version: compiling, once ...", err=True)
        call.arms[0].case.fly(call.seed, 0)


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Give a progress callback: a bar with the time left, or a line every tenth of the way."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True, quiet=quiet, highlight=False)
    if quiet or not console.is_terminal:
        told = _Lines(console)
        yield told
        return
    columns = (
        TextColumn("landing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failures]} not landed"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("landing", total=None, failures=0)

        def draw(done: int, asked: int, failures: int) -> None:
            bar.update(task, total=asked, completed=done, failures=failures)

        yield draw


class _Lines:
    """Progress where there is no terminal: a line for every tenth of the runs, with the time left."""

    def __init__(self, console: Any) -> None:
        import time

        self._console, self._clock = console, time.perf_counter
        self._begun, self._first, self._tenth = self._clock(), -1, 0

    def __call__(self, done: int, asked: int, failures: int) -> None:
        if self._first < 0:
            self._first = done
            if done:
                self._console.print(f"{done} of {asked} runs are kept from before")
            return
        tenth = 10 * done // asked
        if tenth > self._tenth:
            self._tenth = tenth
            left_s = (self._clock() - self._begun) / max(done - self._first, 1) * (asked - done)
            self._console.print(f"{done} of {asked} runs, {failures} not landed, {left_s:.0f} s left")
