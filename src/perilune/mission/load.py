"""From a mission file to a `Mission`: read whole, with every fault told at once."""

from __future__ import annotations

import difflib
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from perilune.errors import InputError, MissionFileError
from perilune.mission.checks import check_together
from perilune.mission.schema import EarthMission, OrbitMission
from perilune.mission.table import Table

_Kind = TypeVar("_Kind", bound=Table)
#: What leads from the ground to the orbit that [orbit] starts in.
_WAY_TO_ORBIT: Final = ("launch", "transfer", "insertion", "lunar_orbit")


def load(path: str | Path) -> EarthMission | OrbitMission:
    """Return the mission of a file; all faults of it stand in one `MissionFileError`."""
    return loads(read_text(Path(path)), source=str(path))


def read_text(path: Path) -> str:
    """Return a file's text; one that is not there is told with its nearest neighbour."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = difflib.get_close_matches(path.name, [p.name for p in _neighbours(path)], n=1)
        cure = f"Did you mean {path.with_name(near[0])}?" if near else "Check the path."
        raise MissionFileError(str(path), [f"there is no such file. {cure}"]) from None
    except UnicodeDecodeError as fault:
        cure = "Save it as TOML text in UTF-8."
        raise MissionFileError(
            str(path), [f"cannot be read as text: byte {fault.start} is not UTF-8. {cure}"]
        ) from None
    except ValueError:
        raise MissionFileError(repr(str(path)), ["is no path. Check the name."]) from None
    except OSError as fault:
        why = fault.strerror or str(fault)
        cure = "Name the mission file itself." if path.is_dir() else "Check the path and your rights."
        raise MissionFileError(str(path), [f"cannot be read: {why}. {cure}"]) from None


def _neighbours(path: Path) -> Iterator[Path]:
    return path.parent.glob("*.toml") if path.parent.is_dir() else iter(())


def loads(text: str, source: str = "mission") -> EarthMission | OrbitMission:
    """Return the mission of a TOML text; one with an [orbit] starts there, any other with its launch."""
    return from_tables(parse_toml(text, source), source)


def from_tables(raw: Mapping[str, Any], source: str = "mission") -> EarthMission | OrbitMission:
    """Return the mission of a file's tables as TOML gives them."""
    raw = _placed(raw, source)
    if "orbit" not in raw:
        return _read(EarthMission, raw, source)
    both = [key for key in _WAY_TO_ORBIT if key in raw]
    rest = {key: value for key, value in raw.items() if key not in both}
    said = [f"{key}: a mission that starts in [orbit] has none. Take out one of the two." for key in both]
    return _read(OrbitMission, rest, source, said)


def _placed(raw: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    """Return the tables with the folder of tiles counted from the file's own folder."""
    terrain = raw.get("terrain")
    folder = terrain.get("tiles") if isinstance(terrain, Mapping) else None
    if not isinstance(folder, str) or not folder:
        return raw
    return {**raw, "terrain": {**raw["terrain"], "tiles": str(Path(source).parent / folder)}}


def _read(model: type[_Kind], raw: Mapping[str, Any], source: str, said: Sequence[str] = ()) -> _Kind:
    faults = [*said, *faults_of(model, raw)]
    faults += check_together(readable(model, raw))
    if faults:
        raise MissionFileError(source, faults)
    return model.model_validate(raw)


def faults_of(root: type[Table], raw: Mapping[str, Any]) -> list[str]:
    """Return all faults of a file's tables against its model, each as a sentence."""
    return _tell_all(root, _errors(root, raw))


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return a TOML text as tables; broken TOML is told with its line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise MissionFileError(source, [f"broken TOML: {fault}."]) from None
    except RecursionError:
        raise MissionFileError(source, ["broken TOML: tables or lists lie too deep in each other."]) from None
    except ValueError as fault:
        # A date or a number that TOML's grammar allows and nothing can hold.
        raise MissionFileError(source, [f"broken TOML: {fault}."]) from None


def _errors(model: type[Table], raw: Mapping[str, Any]) -> list[Any]:
    try:
        model.model_validate(raw)
    except ValidationError as error:
        order = {key: number for number, key in enumerate(keys_of(model))}
        found = _one_a_place(error.errors(include_url=False))
        return sorted(found, key=lambda one: order.get(one["loc"][0], len(order)))
    return []


def _one_a_place(errors: list[Any]) -> list[Any]:
    """Keep one error a place: of a choice between types, pydantic reports each branch that failed."""
    kept: dict[tuple[Any, ...], Any] = {}
    for error in errors:
        place = tuple(part for part in error["loc"] if not _is_branch(part))
        kept.setdefault(place, error | {"loc": place})
    # A fault inside a table makes the table itself faulty: the inner one says more.
    inner = {place[:depth] for place in kept for depth in range(len(place))}
    return [error for place, error in kept.items() if place not in inner]


def _tell_all(root: type[Table], errors: list[Any]) -> list[str]:
    """Return the faults as sentences; a key that is merely misspelled is not told as missing too."""
    meant = {
        (*error["loc"][:-1], _near(root, error["loc"]))
        for error in errors
        if error["type"] == "extra_forbidden"
    }
    return [_tell(root, error) for error in errors if error["type"] != "missing" or error["loc"] not in meant]


def _is_branch(part: int | str) -> bool:
    return isinstance(part, str) and any(mark in part for mark in ("[", "("))


def _tell(root: type[Table], error: Mapping[str, Any]) -> str:
    """Return one fault as a sentence: where, what was given, what is possible."""
    where = _path(error["loc"])
    kind, given = error["type"], error.get("input")
    if kind == "missing":
        return f"{where}: missing. {_wanted(root, error['loc'])}"
    if kind == "extra_forbidden":
        *table, key = error["loc"]
        return f"{_path(tuple(table)) or 'the file'}: unknown key {key!r}. {_nearest(root, error['loc'])}"
    if kind == "value_error":
        return f"{where}: {error['ctx']['error']}"
    if kind == "literal_error":
        return f"{where}: given {given!r}, possible are {error['ctx']['expected']}."
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{where}: expected a table, given {given!r}."
    return f"{where}: {_WORDS.get(kind, error['msg']).format(**error.get('ctx', {}))}, given {given!r}."


_WORDS: Final = {
    "string_type": "expected text",
    "string_too_short": "expected text that is not empty",
    "tuple_type": "expected a list",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "too_short": "expected at least {min_length}",
}


def _path(loc: tuple[int | str, ...]) -> str:
    """Return a place as a key path: `milestone[2].name`, counted from 1."""
    path = ""
    for part in loc:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def keys_of(model: type[Table]) -> dict[str, FieldInfo]:
    """Return a table's fields by their key in the file."""
    found = {info.alias or name: info for name, info in model.model_fields.items()}
    first = {key: found[key] for key in model.ORDER if key in found}
    return first | found


def _model_at(root: type[Table], loc: tuple[int | str, ...]) -> type[Table] | None:
    """Return the table class that stands at a place of the file."""
    model: type[Table] | None = root
    for part in loc:
        if isinstance(part, int):
            continue
        info = keys_of(model).get(part) if model else None
        model = table_of(info.annotation) if info else None
    return model


def table_of(annotation: Any) -> type[Table] | None:
    """Return the table class inside an annotation such as `tuple[Payload, ...]` or `FlybyWish | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    for inner in get_args(annotation):
        if (found := table_of(inner)) is not None:
            return found
    return None


def _nearest(root: type[Table], loc: tuple[int | str, ...]) -> str:
    model = _model_at(root, loc[:-1])
    near = _near(root, loc)
    return (
        f"Did you mean {near!r}?" if near else f"Possible are: {', '.join(keys_of(model) if model else ())}."
    )


def _near(root: type[Table], loc: tuple[int | str, ...]) -> str | None:
    model = _model_at(root, loc[:-1])
    near = difflib.get_close_matches(str(loc[-1]), list(keys_of(model)) if model else [], n=1)
    return near[0] if near else None


def _wanted(root: type[Table], loc: tuple[int | str, ...]) -> str:
    model = _model_at(root, loc)
    if model is None:
        return f"Add {loc[-1]} = …."
    needed = [key for key, info in keys_of(model).items() if info.is_required()]
    return f"Add the table with {', '.join(needed)}."


def readable(model: type[Table], raw: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return every value that can be read, by key path, whatever else is wrong in the file.

    So a check of two values needs only those two to be right, and no fault hides another.
    """
    found: dict[str, Any] = {}
    for key, info in keys_of(model).items():
        path = f"{prefix}{key}"
        if key not in raw:
            found[path] = None if info.is_required() else info.get_default(call_default_factory=True)
            if isinstance(found[path], Table):
                found |= readable(type(found[path]), {}, f"{path}.")
            continue
        inner = table_of(info.annotation)
        if inner is not None and isinstance(raw[key], Mapping):
            found |= readable(inner, raw[key], f"{path}.")
        found[path] = _try(info, raw[key])
    return found


def _try(info: FieldInfo, value: object) -> Any:
    if _is_list(info.annotation) and isinstance(value, list):
        inner = table_of(info.annotation)
        return [_try_type(inner, entry) for entry in value] if inner else _try_info(info, value)
    return _try_info(info, value)


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return any(_is_list(inner) for inner in get_args(annotation))
    return origin is tuple


def _try_info(info: FieldInfo, value: object) -> Any:
    annotation: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return _try_type(annotation, value)


def _try_type(annotation: Any, value: object) -> Any:
    try:
        return TypeAdapter(annotation).validate_python(value)
    except (ValidationError, InputError):
        return None
