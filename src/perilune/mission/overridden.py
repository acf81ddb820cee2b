"""A mission file with some of its values replaced, before anything is checked: what a sweep flies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from perilune.errors import InputError, NameNotFoundError

#: Keys that name an entry of a list of tables.
_NAMES: Final = ("name", "unit", "kind")


def overridden(raw: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's tables with values replaced or added by their dotted keys; the original stays as it is.

    An entry of a list of tables goes by its `name`, `unit` or `kind`. A table that the file leaves out is
    made, since most have defaults; whether the key exists is for the check of the whole file.

    >>> overridden({"sensor": [{"name": "laser"}]}, {"sensor.laser.range": "3 km", "orbit.mass": "1 t"})
    {'sensor': [{'name': 'laser', 'range': '3 km'}], 'orbit': {'mass': '1 t'}}
    """
    changed = copy.deepcopy(dict(raw))
    for path, value in values.items():
        *tables, key = path.split(".")
        place: Any = changed
        for k, name in enumerate(tables):
            place = _entered(place, name, ".".join(tables[: k + 1]))
        if not isinstance(place, dict) or isinstance(place.get(key), dict | list):
            raise InputError(f"{path}: is no single value of a mission file. Name one, say orbit.mass.")
        place[key] = value
    return changed


def _entered(place: Any, name: str, path: str) -> Any:
    """Return the table or the entry of that name in a table or a list of tables."""
    if isinstance(place, dict):
        return place.setdefault(name, {})
    if isinstance(place, list):
        for entry in place:
            if isinstance(entry, dict) and name in (entry.get(key) for key in _NAMES):
                return entry
        known = [str(entry[key]) for entry in place for key in _NAMES if key in entry]
        raise NameNotFoundError("entry", path, [f"{path.rpartition('.')[0]}.{one}" for one in known])
    raise InputError(f"{path}: is a single value of the mission file, not a table.")
