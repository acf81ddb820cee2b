"""The command `perilune`: one verb a file, imported only when it is called."""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from typing import Any, Final

import click

from perilune import __version__
from perilune.errors import NameNotFoundError, PeriluneError

VERBS: Final = {
    "fly": "Fly a mission file: search, burns, lunar orbit, landing, report.",
    "land": "Land many times with real navigation, sensors and faults.",
    "route": "Check the way down before the flight: terrain, altimeter.",
    "check": "Check a mission file without flying it; all faults at once.",
    "vehicles": "Show the catalogue of vehicles, each figure with its source.",
    "propagate": "Propagate a single arc from a file.",
    "data": "List, download and verify the full data files.",
    "store": "Create, verify, export and back up the store of the books.",
    "serve": "Serve the books over HTTP.",
}
#: Areas of the company's books; their commands are made from the definitions of orders and questions.
AREAS: Final = {
    "party": "Customers, agencies, authorities and the company's own legal entities.",
    "plan": "Missions and their dated plans.",
    "payload": "The catalogue of payloads.",
    "manifest": "What a flight carries: capacities, budgets, assignment.",
    "book": "Reservations, options, waiting list.",
    "quote": "Prices and quotes.",
    "contract": "Contracts with milestones.",
    "evidence": "Evidence from flown missions and documents.",
    "milestone": "A mission's milestones, Success 1 to 10.",
    "resource": "Lunar resources: contracts, lots, title, register.",
    "ledger": "Double-entry books, invoices, statements.",
    "key": "Keys of the service.",
}
DONE, MISSED, WRONG_INPUT, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 130

_EPILOG = """\b
Examples:
  perilune check missions/m2.toml
  perilune fly missions/m2.toml --out flights/m2
  perilune land missions/m1-as-flown.toml --policy latch,reacquire
  perilune vehicles RESILIENCE
  perilune propagate arc.toml --json

\b
Exit codes:
  0  done
  1  flown, but a required milestone was missed
  2  the file or the call is wrong
  3  a bug of perilune
"""


class Verbs(click.Group):
    """The verbs, listed without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the verbs in the order of the help page."""
        return [*VERBS, *AREAS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:  # noqa: ARG002
        """Return a verb's command, importing its module now."""
        if cmd_name in AREAS:
            area: click.Command = importlib.import_module("perilune.cli.areas").area(
                cmd_name, AREAS[cmd_name]
            )
            return area
        if cmd_name not in VERBS:
            raise NameNotFoundError("command", cmd_name, [*VERBS, *AREAS])
        command: click.Command = importlib.import_module(f"perilune.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of verbs from `VERBS` alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))
        with formatter.section("The company's books"):
            formatter.write_dl(list(AREAS.items()))


@click.group(
    cls=Verbs,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="perilune")
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
def cli(debug: bool) -> None:
    """Lunar transport missions as code: plan, fly, land and report."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    # Imports make some hundred thousand objects that stay: to look for garbage among them less often saves
    # a fifth of a second of a landing's start (2.1 to 1.8 s).
    gc.set_threshold(20_000, 20, 100)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; every error becomes a short message on stderr."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result: Any = cli.main(args=given, prog_name="perilune", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as fault:
        fault.show()
        return WRONG_INPUT
    except PeriluneError as fault:
        click.echo(f"Error: {fault}", err=True)
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nInterrupted; nothing half-written is left.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone: nobody is left to tell.
        sys.stderr.close()
        return DONE
    except OSError as fault:
        # A full disk, a missing right: the system says why, and it is no bug of ours.
        click.echo(f"Error: {fault.filename or 'the system'}: {fault.strerror or fault}", err=True)
        return WRONG_INPUT
    except Exception as bug:
        return _bug(bug, shown="--debug" in given)


def _bug(bug: Exception, shown: bool) -> int:
    """Tell of a bug of ours: short, with what helps to find it; the traceback only where it was asked for."""
    if shown:
        traceback.print_exception(bug)
    click.echo(f"This is a bug in perilune {__version__}: {type(bug).__name__}: {bug}", err=True)
    hint = "" if shown else " Run again as `perilune --debug …` for the traceback,"
    click.echo(f"{hint} and please report it with the mission file.".lstrip(), err=True)
    return OUR_BUG


if __name__ == "__main__":
    main()
