"""Machines as tables: in a state an order is possible or not, needs its guards, and leads to one next state.

A guard's name says which rule it keeps, then what: "evidence.fits", "authority.buyer", "time.after-award",
"money.settled", "state.no-open-claim". Whether it holds is found elsewhere and handed in as a fact: "" where
it does, else one sentence with the cure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from perilune.errors import RefusedError

Case = TypeVar("Case")

#: Before the dot in a guard's name, and the `rule` of the refusal.
RULES: Final = ("authority", "balance", "evidence", "state", "time", "title")


@dataclass(frozen=True, slots=True)
class Row:
    """In `state` the `order` is possible if all `guards` hold, and leads to `next`."""

    state: str
    order: str
    guards: tuple[str, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A table, one row for each state and order, from the state `start`; a fault in it raises `ValueError`.

    >>> door = Machine("door", "shut", (Row("shut", "open", ("authority.keeper",), "open"),))
    >>> step(door, "shut", "open", {"authority.keeper": ""})
    'open'
    >>> step(door, "open", "open", {})
    Traceback (most recent call last):
        ...
    perilune.errors.RefusedError: The door is 'open': it cannot 'open'. That is final.
    """

    name: str
    start: str
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        places = [(row.state, row.order) for row in self.rows]
        double = {place for place in places if places.count(place) > 1}
        if double:
            raise ValueError(f"{self.name}: more than one row for {sorted(double)}")
        strange = {guard for row in self.rows for guard in row.guards if guard.split(".")[0] not in RULES}
        if strange:
            raise ValueError(f"{self.name}: guards {sorted(strange)} do not begin with one of {RULES}")
        lost = {row.state for row in self.rows} - self.reachable
        if lost:
            raise ValueError(f"{self.name}: states {sorted(lost)} cannot be reached")

    @property
    def states(self) -> frozenset[str]:
        """Return every state that is named."""
        return frozenset({self.start} | {row.state for row in self.rows} | {row.next for row in self.rows})

    @property
    def orders(self) -> frozenset[str]:
        """Return every order that is named."""
        return frozenset(row.order for row in self.rows)

    @property
    def final(self) -> frozenset[str]:
        """Return the states that nothing leads out of."""
        return self.states - {row.state for row in self.rows if row.next != row.state}

    @property
    def reachable(self) -> frozenset[str]:
        """Return the states that orders can lead to from the start."""
        found = {self.start}
        while more := {row.next for row in self.rows if row.state in found} - found:
            found |= more
        return frozenset(found)

    def row(self, state: str, order: str, subject: str = "") -> Row:
        """Return the row of an order; one that is not possible in the state is refused, rule "state"."""
        for row in self.rows:
            if (row.state, row.order) == (state, order):
                return row
        possible = sorted({row.order for row in self.rows if row.state == state})
        cure = f"Possible now: {', '.join(possible)}." if possible else "That is final."
        raise RefusedError("state", f"{self._told(subject)} is {state!r}: it cannot {order!r}. {cure}")

    def _told(self, subject: str) -> str:
        return f"The {self.name}{' ' if subject else ''}{subject}"


def step(machine: Machine, state: str, order: str, facts: Mapping[str, str], subject: str = "") -> str:
    """Return the state an order leads to.

    `facts` holds for each guard of the row "" or the sentence why it does not hold; a guard without a fact is
    our bug (`KeyError`). Raises `RefusedError` with the rule "state", or that of the first guard that fails.
    """
    row = machine.row(state, order, subject)
    for guard in row.guards:
        if facts[guard]:
            raise RefusedError(guard.split(".")[0], facts[guard])
    return row.next


def advance(
    machine: Machine,
    state: str,
    order: str,
    guards: Mapping[str, Callable[[Case], str]],
    case: Case,
    subject: str = "",
) -> str:
    """Return the state an order leads to, asking of the case only what the row's guards ask.

    `guards` maps each guard's name to the function that returns "" where it holds, else the sentence why not.
    """
    row = machine.row(state, order, subject)
    facts: dict[str, str] = {}
    for guard in row.guards:
        facts[guard] = guards[guard](case)
        if facts[guard]:
            break
    return step(machine, state, order, {**dict.fromkeys(row.guards, ""), **facts}, subject)
