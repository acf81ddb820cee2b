"""The commands of the books, made from their definitions: `perilune AREA VERB …`, one option a field."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from perilune.errors import InputError, NameNotFoundError

_EPILOGS: Final = {
    "payload": 'perilune payload add electrolyser --name "Water electrolyser" --party takasago --mass "4 kg"',
    "book": "perilune book reserve --mission m2 --payload electrolyser",
}
#: Ends the name of a parameter that stands without its name.
_PLACED: Final = "_placed"


def area(name: str, summary: str) -> click.Group:
    """Return the group of an area with its orders and questions."""
    from perilune.cli.area_extras import EXTRAS
    from perilune.commerce.registry import VERBS, VIEWS

    group = click.Group(name, help=summary, epilog=_epilog(name))
    for verb in VERBS.values():
        if verb.area == name:
            group.add_command(_order_command(verb))
    for view in VIEWS.values():
        if view.area == name:
            group.add_command(_question_command(view))
    for command in EXTRAS.get(name, ()):
        group.add_command(command)
    return group


def _epilog(name: str) -> str | None:
    return f"\b\nExample:\n  {_EPILOGS[name]}" if name in _EPILOGS else None


def at_store(call: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the books are and how to answer."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer as JSON."),
        click.option("--tenant", default="", metavar="NAME", help="Whose books, where it holds several."),
        click.option(
            "--store", "store_", default="perilune.store", show_default=True, envvar="PERILUNE_STORE",
            help="Folder of the store, or postgresql://USER@HOST/DATABASE.",
        ),
    ):  # fmt: skip
        call = option(call)
    return call


def _order_command(verb: Any) -> click.Command:
    @at_store
    @click.option("--reason", default="", help="Why; kept with the event.")
    @click.option("--actor", default="", help="Who gives the order. [default: your user name]")
    @click.option("--acting-for", "party_", default="", metavar="PARTY", help="The party the actor acts for.")
    @click.option("--request", default="", metavar="ID", help="Makes the order safe to send twice.")
    @click.option(
        "--at", default="", metavar="TIME", help="For rehearsals and history: when it was given (UTC)."
    )
    @click.option(
        "--from", "file", default="", metavar="FILE", help="Read it from TOML or JSON ('-': stdin)."
    )
    def run(**given: Any) -> None:
        _give(verb, given)

    return click.Command(
        verb.name,
        params=[*_fields(verb.asked), *_declared(run)],
        callback=run,
        help=_help(verb.summary, verb.asked),
    )


def _question_command(view: Any) -> click.Command:
    @at_store
    @click.option("--seen-by", "party_", default="", metavar="PARTY", help="Only what this party may see.")
    @click.option("--from", "file", default="", hidden=True)
    def run(**given: Any) -> None:
        _ask(view, given)

    return click.Command(
        view.name,
        params=[*_fields(view.asked), *_declared(run)],
        callback=run,
        help=_help(view.summary, view.asked),
    )


def _declared(call: Any) -> list[click.Parameter]:
    return list(reversed(getattr(call, "__click_params__", [])))


def _help(summary: str, asked: Any) -> str:
    said = (asked.__doc__ or "").strip().split("\n")[0]
    return f"{summary}\n\n{said}" if said and said != summary else summary


def _fields(asked: Any) -> list[click.Parameter]:
    """Return one parameter a field; the `id` may stand without its name, or else the mission."""
    from perilune.mission.asked import written_name

    found: list[click.Parameter] = []
    placed = _placed(asked)
    for field, info in asked.model_fields.items():
        name = written_name(field)[0]
        if field == placed:
            found.append(click.Argument([f"{field}{_PLACED}"], metavar=f"[{field.upper()}]", required=False))
            if field == "id" and info.is_required():
                continue
        flag = f"--{name.replace('_', '-')}"
        told = info.description or ""
        told += " [needed]" if info.is_required() else ""
        kind, several = _kind(info.annotation)
        if kind is bool:
            found.append(click.Option([f"{flag}/--no{flag[1:]}", field], default=None, help=told))
        elif kind is not None:
            found.append(
                click.Option(
                    [flag, field], default=None, multiple=several, metavar=_metavar(field), help=told
                )
            )
        else:
            found.append(
                click.Option([flag, field], default=None, metavar="JSON", help=f"{told} (best by --from)")
            )
    return found


def _placed(asked: Any) -> str:
    """Return the field that may stand without its name; "" if none."""
    fields = asked.model_fields
    if "id" in fields:
        return "id"
    return "mission" if "mission" in fields else ""


def _metavar(field: str) -> str:
    from perilune.mission.asked import written_name

    dimension = written_name(field)[1]
    return f"'… {_EXAMPLE.get(dimension, dimension)}'" if dimension else "TEXT"


_EXAMPLE: Final = {
    "mass": "kg",
    "power": "W",
    "data rate": "kbit/s",
    "length": "m",
    "volume": "l",
    "time": "h",
    "angle": "deg",
    "speed": "m/s",
}


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Return what a field takes (a type, or None for something with parts) and whether several of them."""
    import types
    import typing

    from pydantic import BaseModel

    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin in (typing.Union, types.UnionType):
        left = [argument for argument in arguments if argument is not type(None)]
        return _kind(left[0])
    if origin in (list, tuple):
        kind, _ = _kind(arguments[0])
        return kind, True
    if origin in (dict, Mapping) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return None, False
    return annotation if isinstance(annotation, type) else str, False


def _given(kind: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked: the file's content with the options put over it."""
    from perilune.mission.asked import in_si

    asked = _file(given.pop("file", ""))
    named: dict[str, Any] = {}
    for field, info in kind.model_fields.items():
        value, placed = given.get(field), given.get(f"{field}{_PLACED}")
        if value is not None and placed is not None and value != placed:
            raise InputError(f"{field}: is given twice, {placed!r} and {value!r}. Give one.")
        value = placed if value is None else value
        if value is None or value == ():
            continue
        named[field] = _parsed(field, value, info)
    return {**in_si(kind, asked), **_quantities(named)}


def _parsed(field: str, value: Any, info: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str) and _kind(info.annotation)[0] is None:
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as cause:
            raise InputError(f"--{field}: {cause}. Write JSON, or use --from FILE.") from None
    return value


def _quantities(named: Mapping[str, Any]) -> dict[str, Any]:
    from perilune.mission.asked import written_name
    from perilune.units import quantity

    found: dict[str, Any] = {}
    for field, value in named.items():
        dimension = written_name(field)[1]
        if dimension and isinstance(value, list):
            found[field] = [quantity(one, dimension) for one in value]
        else:
            found[field] = quantity(value, dimension) if dimension and isinstance(value, str) else value
    return found


def _file(name: str) -> dict[str, Any]:
    if not name:
        return {}
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not text in UTF-8. Give a TOML or JSON file.") from None
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as cause:
        raise InputError(f"{name}: {cause}.") from None
    return found if isinstance(found, dict) else {}


def opened(where: str, tenant: str) -> tuple[Any, Any]:
    """Return the store and the company whose books are asked for."""
    from perilune.archive.store import open_store

    store = open_store(where)
    known = list(store.tenants)
    if tenant and tenant not in known:
        raise NameNotFoundError("tenant", tenant, known)
    if not tenant and len(known) != 1:
        raise InputError(
            f"{where} holds the books of {', '.join(known) or 'nobody'}. Choose with --tenant NAME."
        )
    return store, store.company(tenant or known[0])


def _give(verb: Any, given: dict[str, Any]) -> None:
    from perilune.archive.company import Order

    asked = _given(verb.asked, given)
    _, company = opened(given["store_"], given["tenant"])
    order = Order(
        f"{verb.area} {verb.name}",
        asked,
        giver(given["actor"]),
        given["reason"],
        given["party_"],
        given["request"],
        instant(given["at"]),
    )
    with _shown_how(verb):
        answer = company.execute(order)
    if given["as_json"]:
        told = {"answer": dict(answer.answer), "first_seq": answer.first_seq, "last_seq": answer.last_seq}
        click.echo(json.dumps(told | {"repeated": answer.repeated}, indent=2, ensure_ascii=False))
        return
    click.echo(_said(answer))


@contextlib.contextmanager
def _shown_how(command: Any) -> Iterator[None]:
    """Say where the fields are told, if one that is needed was not given."""
    try:
        yield
    except InputError as refusal:
        if "Field required" not in str(refusal):
            raise
        raise InputError(f"{refusal} See: perilune {command.area} {command.name} --help") from None


def instant(written: str) -> str:
    """Return a time as the log spells it, from a day or a time in UTC; "" stays "" (the clock tells).

    >>> instant("2024-06-03"), instant("2024-06-03T09:00Z")
    ('2024-06-03T00:00:00.000000Z', '2024-06-03T09:00:00.000000Z')
    """
    import datetime

    if not written:
        return ""
    try:
        found = datetime.datetime.fromisoformat(written.replace("Z", "+00:00"))
        told = found.replace(tzinfo=found.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise InputError(f'--at {written!r} is no time. Write "2024-06-03" or "2024-06-03T09:00Z".') from None
    return told.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def giver(actor: str) -> str:
    """Return who gives an order: as said, or the name the system has for the user."""
    try:
        return actor or getpass.getuser()
    except (KeyError, OSError):
        raise InputError(
            "The system has no name for you. Say who gives the order with --actor NAME."
        ) from None


def _said(answer: Any) -> str:
    from perilune.cli.rows import cell

    told = ", ".join(f"{key.replace('_', ' ')} {cell(value)}" for key, value in answer.answer.items())
    if answer.repeated:
        return f"Done before: {told}"
    count = answer.last_seq - answer.first_seq + 1
    events = "nothing new" if count == 0 else f"event {answer.last_seq}" if count == 1 else (
        f"events {answer.first_seq} to {answer.last_seq}"
    )  # fmt: skip
    return f"Recorded {events}: {told}" if told else f"Recorded {events}"


def _ask(view: Any, given: dict[str, Any]) -> None:
    from perilune.cli.rows import plain, table

    asked = _given(view.asked, given)
    _, company = opened(given["store_"], given["tenant"])
    with _shown_how(view):
        rows = plain(view.row, company.rows(f"{view.area} {view.name}", asked, given["party_"]))
    if given["as_json"]:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    click.echo(table(rows) if rows else f"No {view.area} entries.")
