"""Write what follows from the registry of orders and questions: their page, their table, OpenAPI.

python tools/write_company.py            write docs/company-orders.md, docs/schema/openapi.json and the table
                                         between its marks in docs/company.md
python tools/write_company.py --check    tell which of them are not what would be written, and fail
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from write_docs import hold

from perilune.cli.main import AREAS
from perilune.commerce.registry import VERBS, VIEWS
from perilune.commerce.verbs import Verb, View
from perilune.server.openapi import document

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Written by tools/write_company.py; change the code, not this page. -->\n"
TABLE = re.compile(r"(<!-- orders -->\n).*?(<!-- end -->)", re.DOTALL)
#: Definitions that people know by another name than their schema.
KNOWN = {"Money": "amount"}
TYPES = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no"}


def pages() -> dict[str, str]:
    held = (DOCS / "company.md").read_text(encoding="utf-8")
    return {
        "company-orders.md": orders_page(),
        "company.md": TABLE.sub(lambda found: found[1] + table() + found[2], held),
        "schema/openapi.json": json.dumps(document(), indent=1, ensure_ascii=False) + "\n",
    }


def table() -> str:
    """Return one line an area: what it is for, and the names of its orders and questions."""
    lines = ["| area | for | orders | questions |", "|---|---|---|---|"]
    for area, told in AREAS.items():
        orders, questions = _names(VERBS.values(), area), _names(VIEWS.values(), area)
        lines.append(f"| `{area}` | {told} | {orders} | {questions} |")
    return "\n".join(lines) + "\n"


def _names(some: Any, area: str) -> str:
    return " · ".join(one.name for one in some if one.area == area)


def orders_page() -> str:
    parts = [
        MADE,
        "# Every order and question of the books\n",
        "`perilune AREA NAME` on the command line, `POST /v1/AREA/NAME` for an order and "
        "`GET /v1/AREA/NAME` for a question over HTTP; what a key must hold stands behind each. "
        "Fields are those of the service, in SI units. The command line takes the same by options, with "
        'units (`--mass "4 kg"` for `mass_kg`), or from a file (`--from FILE`). What to read first is '
        "[company.md](company.md).\n",
        f"{len(VERBS)} orders, {len(VIEWS)} questions. *By its party* means that a customer's key may give "
        "the order in its own name. *Audited* means that every read over HTTP is written down.\n",
    ]
    for area, told in AREAS.items():
        parts += [f"## {area}\n", f"{told}\n"]
        parts += [_order(verb) for verb in VERBS.values() if verb.area == area]
        parts += [_question(view) for view in VIEWS.values() if view.area == area]
    return "\n".join(parts)


def _order(verb: Verb[Any]) -> str:
    notes = [f"`{verb.scope}`", *(["by its party"] if verb.owner else [])]
    return _entry(f"{verb.area} {verb.name}", verb.summary, ["order", *notes], verb.asked)


def _question(view: View[Any, Any]) -> str:
    notes = [f"`{view.scope}`", *(["audited"] if view.licensed else [])]
    return _entry(f"{view.area} {view.name}", view.summary, ["question", *notes], view.asked)


def _entry(name: str, summary: str, notes: list[str], asked: Any) -> str:
    schema = asked.model_json_schema()
    lines = [f"### {name}\n", f"{summary} ({', '.join(notes)})\n"]
    fields = list(_fields(schema, schema.get("$defs", {}), ""))
    return "\n".join([*lines, *fields, *([""] if fields else [])])


def _fields(schema: Mapping[str, Any], inner: Mapping[str, Any], indent: str) -> Iterator[str]:
    needed = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        kind, below = _kind(field, inner)
        notes = [kind, *(["needed"] if name in needed else _default(field))]
        told = field.get("description", "")
        yield f"{indent}- `{name}` ({', '.join(notes)}){': ' + told if told else ''}"
        for one in below:
            yield from _fields(inner[one], inner, indent + "  ")


def _default(field: Mapping[str, Any]) -> list[str]:
    held = field.get("default")
    if held is None or held in ("", [], {}):
        return []
    return [f"default {'yes' if held is True else 'no' if held is False else held}"]


def _kind(field: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return what a field takes, in words, and the definitions whose fields stand below it."""
    if "$ref" in field:
        return _named(field["$ref"].rpartition("/")[2], inner)
    if "anyOf" in field:
        found = [_kind(choice, inner) for choice in field["anyOf"] if choice.get("type") != "null"]
        if any(kind == "amount" for kind, _ in found):  # written as text too
            return "amount", []
        return " or ".join(dict.fromkeys(kind for kind, _ in found)), [
            one for _, below in found for one in below
        ]
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"]), []
    if "const" in field:
        return f"`{field['const']}`", []
    if field.get("type") == "array":
        return _listed(field, inner)
    if field.get("type") == "object":
        return _mapped(field, inner)
    return _plain(field), []


def _named(name: str, inner: Mapping[str, Any]) -> tuple[str, list[str]]:
    if name in KNOWN:
        return KNOWN[name], []
    if "properties" in inner[name]:
        return "table", [name]
    return _kind(inner[name], inner)


def _listed(field: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[str, list[str]]:
    if "prefixItems" in field:
        return f"{len(field['prefixItems'])} numbers", []
    kind, below = _kind(field.get("items", {}), inner)
    return f"list, each {kind}", below


def _mapped(field: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[str, list[str]]:
    patterns = list(field.get("patternProperties", {}).values())
    value = field.get("additionalProperties") or (patterns[0] if patterns else {})
    kind, below = _kind(value if isinstance(value, dict) else {}, inner)
    return f"table by name, each {kind}", below


def _plain(field: Mapping[str, Any]) -> str:
    if field.get("format") == "date":
        return "day"
    if "[0-9a-f]{64}" in field.get("pattern", ""):
        return "SHA-256"
    return TYPES.get(field.get("type", ""), "anything")


def main() -> int:
    return hold("write_company", __doc__ or "", pages())


if __name__ == "__main__":
    sys.exit(main())
