"""The mission file explained, read off its schema: tables, keys, what they hold, what they default to."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic.fields import FieldInfo

from perilune.epoch import Epoch
from perilune.landing.faults.kinds import KINDS as FAULT_KINDS
from perilune.landing.faults.kinds import SI as _SI
from perilune.landing.loop.inputs import VEHICLE
from perilune.landing.software.policies import POLICIES
from perilune.mission.load import keys_of, table_of
from perilune.mission.schema import EarthMission, OrbitMission
from perilune.mission.sensor_schema import KINDS, keys_of_kind
from perilune.mission.table import Table
from perilune.operations.flight_log import EVENTS, PHASES
from perilune.vehicles.figures import BODY_FIGURES, PROPULSION_FIGURES

_EXAMPLES: Final = {
    "_rad_s": '"5 deg/s"',
    "_m_s": '"5 m/s"',
    "_m2": '"6 m^2"',
    "_kg": '"30 kg"',
    "_rad": '"60.5 deg"',
    "_m": '"100 km"',
    "_s": '"30 min"',
}


_UNITS: Final = {"_m_s": " m/s", "_m2": " m^2", "_kg": " kg", "_m": " m", "_s": " s"}


class Whole(EarthMission, OrbitMission):
    """Every table that a mission file can have."""


def mission_file_page() -> str:
    """Return the reference of the mission file as Markdown."""
    parts = [
        "# The mission file\n",
        'TOML. Quantities carry their unit (`"100 km"`), dates their time scale, one of UTC, TAI, TT and TDB '
        '(`"2025-01-15T06:11:39 UTC"`). `perilune check FILE` tells all faults at once.\n',
        "A mission starts with [launch], [insertion] and [lunar_orbit], or with [orbit] alone.\n",
        *_tables(Whole, ""),
        *_policies(),
        *_sensors(),
        *_faults(),
        *_inputs(),
        *_evidence(),
        *_figures(),
    ]
    return "\n".join(parts)


def _tables(model: type[Table], prefix: str) -> Iterator[str]:
    for key, info in keys_of(model).items():
        inner = table_of(info.annotation)
        if inner is None:
            continue
        many = "tuple" in str(info.annotation)
        path = f"{prefix}{key}"
        words = inspect.cleandoc(inner.__doc__ or "").split(":", 1)[-1].strip()
        optional = "" if info.is_required() else " Optional."
        yield f"## {'[[' if many else '['}{path}{']]' if many else ']'}\n"
        yield f"{words[0].upper()}{words[1:]}{optional}\n"
        yield "| key | holds | default |\n|---|---|---|"
        for name, field in keys_of(inner).items():
            yield f"| `{name}` | {_holds(inner, name, field)} | {_default(inner, field)} |"
        yield ""
        yield from _tables(inner, f"{path}.")


def _holds(model: type[Table], name: str, info: FieldInfo) -> str:
    if (inner := table_of(info.annotation)) is not None:
        return f"table of {', '.join(f'`{key}`' for key in keys_of(inner))}"
    attribute = _attribute(model, info)
    kind = str(info.annotation)
    if Epoch.__name__ in kind or "Published" in kind:
        example = '"2025-01-15T06:11:39 UTC"'
        day = ' or a day, `"2025-01-12 JST"`' if "Published" in kind else ""
        return f"two dates, `[{example}, …]`" if "tuple" in kind else f"a date, `{example}`{day}"
    unit = next(
        (text for suffix, text in _EXAMPLES.items() if attribute.endswith(suffix) and attribute != name), ""
    )
    if unit:
        return f"least and most, `[{unit}, …]`" if "tuple" in kind else f"`{unit}`"
    return _plain(info, name)


def _attribute(model: type[Table], info: FieldInfo) -> str:
    return next(field for field, entry in model.model_fields.items() if entry is info)


def _plain(info: FieldInfo, name: str) -> str:
    if name in ("at_least", "at_most"):
        return "figures of the event with their bound"
    kind = str(info.annotation)
    choices = ", ".join(f"`{choice}`" for choice in _choices(info.annotation) if choice)
    if choices:
        some = "some of" if "tuple" in kind else "a whole number or" if "int" in kind else "one of"
        return f"{some} {choices}"
    if name.endswith(("share", "fraction")):
        return "share, such as `0.9`"
    for mark, words in (("bool", "true or false"), ("float", "number, such as `1.3`")):
        if mark in kind:
            return words
    if info.annotation is int:
        return "whole number"
    return "list of texts" if "tuple" in kind else "text"


def _choices(annotation: Any) -> Iterator[str]:
    for inner in get_args(annotation):
        if isinstance(inner, str):
            yield inner
        else:
            yield from _choices(inner)


def _default(model: type[Table], info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, Table):
        return "defaults of its keys"
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if not isinstance(value, float):
        return str(value).lower()
    attribute = _attribute(model, info)
    if math.isinf(value):
        return "none"
    if attribute.endswith("_rad_s"):
        return f"{math.degrees(value):g} deg/s"
    if attribute.endswith("_rad"):
        return f"{math.degrees(value):g} deg"
    return f"{value:g}" + next((unit for suffix, unit in _UNITS.items() if attribute.endswith(suffix)), "")


def _policies() -> Iterator[str]:
    yield "## Altimeter policies\n"
    yield from (f"- `{policy.name}`: {policy.what}" for policy in POLICIES.values())
    yield ""


def _sensors() -> Iterator[str]:
    yield "## [[sensor]]\n"
    yield (
        "What the lander measures with; without any, the usual ones of its vehicle. Each has a `kind`, a "
        "`name` (the kind's, where it is the only one) and the figures of its kind, in brackets with their "
        "defaults.\n"
    )
    for kind in KINDS:
        figures = ", ".join(
            f"`{key}` ({_figure(getattr(KINDS[kind], field), dimension)})"
            for key, (field, dimension) in keys_of_kind(kind).items()
        )
        yield f"- `{kind}`: {figures}"
    yield ""


def _figure(value: object, dimension: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(_figure(part, dimension) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    if dimension == "angle" and isinstance(value, float):
        return f"{math.degrees(value):.4g} deg"
    return f"{value:.6g} {_SI.get(dimension, '')}".strip()


def _faults() -> Iterator[str]:
    yield "## [[fault]]\n"
    yield (
        "What breaks: a `unit`, a `kind`, a `size` where the kind has one, when it begins (`after` a time "
        "since ignition, `below` a height, in a `phase`; from the start without), its `duration` (for good "
        "without); spikes hit a `share` of the samples.\n"
    )
    yield "| kind | size | units | what it does |\n|---|---|---|---|"
    for name, kind in FAULT_KINDS.items():
        yield f"| `{name}` | {kind.dimension or '-'} | {', '.join(kind.units)} | {kind.what} |"
    yield (
        "\nA unit is a sensor by its name or kind, `altimeter` (the first), `altimeters`, `imus`, `main`, "
        "`assist`, `rcs` (all of them, or `assist-2`), `tank`, `map`, `software`, `ground`.\n"
    )


def _inputs() -> Iterator[str]:
    yield "## [dispersion]\n"
    yield (
        "What differs from run to run, by name: one sigma, or least and most where the spread is uniform, or "
        '`{ mean = "…", size = "…" }`. A sensor\'s inputs go by its name, as `laser.bias`.\n'
    )
    yield "| input | spread | default | what it is |\n|---|---|---|---|"
    for one in VEHICLE:
        yield f"| `{one.name}` | {one.kind} | {f'{one.size:g} {one.unit}'.removesuffix(' 1')} | {one.what} |"
    yield ""


def _evidence() -> Iterator[str]:
    yield "## Evidence\n"
    yield "What a `needs` entry can ask for, and the figures that `at_least` and `at_most` can bound.\n"
    yield "| event | figures |\n|---|---|"
    for event, figures in EVENTS.items():
        yield f"| `{event}` | {', '.join(f'`{name}`' for name in figures) or '-'} |"
    yield f"\nManoeuvres have a phase: {', '.join(f'`{phase}`' for phase in PHASES)}.\n"


def _figures() -> Iterator[str]:
    yield "## [vehicle]\n"
    yield "Figures of one's own on top of the catalogue's, marked as assumed. Optional.\n"
    for title, figures in (("Body", BODY_FIGURES), ("Propulsion", PROPULSION_FIGURES)):
        yield f"{title}: " + ", ".join(f"`{name}` ({kind})" for name, (kind, _) in figures.items()) + ".\n"
