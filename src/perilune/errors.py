"""The one tree of errors a person can meet.

::

    PeriluneError
    ├── InputError            a person's mistake: what was asked, what is possible, what to do
    │   ├── UnitError         a quantity without a unit, or with one of another dimension
    │   ├── EpochError        a date that cannot be read, or lies outside the data's span
    │   ├── FrameError        two frames mixed, or a frame asked for that does not exist
    │   ├── NameNotFoundError a name that is in no catalogue, with the nearest ones
    │   ├── MissionFileError  a file with faults: all of them at once
    │   └── RefusedError      a rule of the books forbids it: no capacity, no authority, not in this state
    ├── DataError             an embedded or downloaded data file is missing or damaged
    └── StoreError            the store cannot be read or written: full, read-only, locked, damaged, forged

Failure of physics (no transfer found, propellant gone, a crash) is not an error: it is an outcome in the
result. Anything that is not a `PeriluneError` is our bug.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class PeriluneError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(PeriluneError, ValueError):
    """A person's mistake, told as a sentence with the cure."""


class UnitError(InputError):
    """A quantity without a unit, or with a unit of another dimension."""


class EpochError(InputError):
    """A date that cannot be read or lies outside the span of the data."""


class FrameError(InputError):
    """Frames that do not fit together."""


class NameNotFoundError(InputError):
    """A name that no catalogue holds.

    Attributes: `kind` (what was looked for), `name` (what was asked), `possible` (what there is).
    """

    def __init__(self, kind: str, name: str, possible: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.possible = tuple(possible)
        folded = {entry.casefold(): entry for entry in self.possible}
        near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
        cure = (
            f"Did you mean {folded[near[0]]!r}?"
            if near
            else f"There are: {', '.join(self.possible) or 'none'}."
        )
        super().__init__(f"No {kind} {name!r}. {cure}")


class MissionFileError(InputError):
    """A file with one or more faults; `faults` holds each as one sentence."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = "\n".join(f"  - {_shortened(fault)}" for fault in self.faults)
        super().__init__(f"{source}: {count}\n{lines}")


_LONGEST_FAULT = 600


def _shortened(fault: str) -> str:
    """Return a fault without the middle of an endless value; where it is and the cure stand at its ends."""
    half = _LONGEST_FAULT // 2
    return fault if len(fault) <= _LONGEST_FAULT else f"{fault[:half]} … {fault[-half:]}"


class RefusedError(InputError):
    """A rule of the books forbids what was asked; nothing was recorded.

    `rule` is a short name of the rule, the same for every such refusal: "capacity", "authority", "state",
    "evidence", "time", "title", "balance", "request".
    """

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


class StoreError(PeriluneError):
    """The store cannot be read or written as asked; what was acknowledged before is kept."""


class DataError(PeriluneError):
    """An embedded or downloaded data file is missing or damaged."""
