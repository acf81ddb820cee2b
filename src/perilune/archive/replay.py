"""Histories: orders as they were given at their time, read from files and carried out again.

A history is a TOML file: `id`, `title`, `actor`, the files it stands `with` (read with it, each once), and
`[[order]]` tables: `at` (UTC), `verb`, `asked`, `source` (the document it follows from), `party`, and for
evidence the kept `file`, whose SHA-256 must be the digest that is asked. The orders of all files are given by
their times, all or none; each has a request id, so a history that is replayed twice is done once.
"""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from perilune.archive.company import Answer, Company, Order, faults_in
from perilune.commerce import registry
from perilune.commerce.event import Moment
from perilune.commerce.fields import Id, Name
from perilune.errors import InputError, MissionFileError

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)


def _instant(text: str) -> str:
    """Return a time in the spelling of the log: UTC with microseconds."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError('is no time in UTC; write "2025-01-15T06:11:39Z"')
    whole, _, rest = text.removesuffix("Z").partition(".")
    return f"{whole}.{rest.ljust(6, '0')}Z"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[str, StringConstraints(max_length=30), AfterValidator(_instant)]
    verb: Name
    asked: dict[str, Any]
    source: Name
    actor: Name | None = None
    party: Id | None = None
    file: Name | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    title: Name
    actor: Name
    with_: tuple[Name, ...] = Field((), alias="with")
    order: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An order of a history, where it stands, and the kept file that its evidence names (None without)."""

    order: Order
    place: str
    file: Path | None = None


def read_history(path: Path) -> tuple[Step, ...]:
    """Return the orders of a history and of those it stands with, by their times.

    Raises `MissionFileError` with every fault of a file, `InputError` where one cannot be read.
    """
    steps = [step for one in _with(path, {}) for step in one]
    return tuple(sorted(steps, key=lambda step: step.order.at))


def replay(company: Company, path: Path, keep: Callable[[Path], str] | None = None) -> tuple[Answer, ...]:
    """Carry out a history on the books, all of it in one durable commit, or none.

    `keep` is called with every file that evidence names and returns its SHA-256 (`store.files.keep_file`).
    Raises `InputError` with the place of the first order that is refused.
    """
    steps = read_history(path)
    _rehearse(company, steps)
    if keep is not None:
        for step in steps:
            if step.file is not None:
                keep(step.file)
    answers = company.execute_all([step.order for step in steps])
    done: list[Answer] = []
    for step, answer in zip(steps, answers, strict=True):
        if isinstance(answer, InputError):
            raise _refused(step, answer)
        done.append(answer)
    return tuple(done)


def _rehearse(company: Company, steps: tuple[Step, ...]) -> None:
    """Carry out the orders on a copy of the books, so that a refused one leaves nothing behind."""
    books = copy.deepcopy(company.books())
    for step in steps:
        order = step.order
        if order.request in books.requests:
            continue
        try:
            moment = Moment(max(order.at, books.at), order.actor, order.reason, order.party)
            registry.rehearse(books, order.verb, order.asked, moment)
        except (InputError, ValidationError) as cause:
            raise _refused(step, cause) from None


def _refused(step: Step, cause: Exception) -> InputError:
    told = faults_in(cause) if isinstance(cause, ValidationError) else str(cause)
    return InputError(f"{step.place}, {step.order.verb}: {told}")


def _with(path: Path, read: dict[Path, bool]) -> Iterator[list[Step]]:
    path = path.resolve()
    if path in read:
        return
    read[path] = True
    found = _parsed(path)
    for name in found.with_:
        yield from _with(path.parent / name, read)
    yield [_step(path, found, number, entry) for number, entry in enumerate(found.order, 1)]


def _parsed(path: Path) -> _File:
    try:
        content: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as cause:
        raise InputError(f"{path.name}: {cause}. Give a history in TOML.") from None
    try:
        return _File.model_validate(content)
    except ValidationError as cause:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in cause.errors()]
        raise MissionFileError(path.name, faults) from None


def _step(path: Path, found: _File, number: int, entry: _Entry) -> Step:
    place = f"{path.name}, order {number}"
    file = None if entry.file is None else path.parent / entry.file
    if file is not None:
        _tied(place, file, entry.asked)
    order = Order(
        entry.verb, entry.asked, entry.actor or found.actor, reason=entry.source, party=entry.party or "",
        request=f"history/{found.id}/{number}", at=entry.at,
    )  # fmt: skip
    return Step(order, place, file)


def _tied(place: str, file: Path, asked: Mapping[str, Any]) -> None:
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as cause:
        raise InputError(f"{place}: {file.name} cannot be read: {cause.strerror}.") from None
    if asked.get("digest") != digest:
        raise InputError(f"{place}: {file.name} is not the file of that digest; its SHA-256 is {digest}.")
