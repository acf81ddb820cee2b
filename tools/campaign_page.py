"""The document of a campaign explained, read off its schema: keys, what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perilune.campaign.schema import schema

Schema = Mapping[str, Any]


def campaign_document_page() -> str:
    """Return the reference of a campaign's document as Markdown."""
    whole = schema()
    shapes, summary = whole["oneOf"], whole["$defs"]["summary"]
    head = set.intersection(*(set(shape["properties"]) for shape in shapes))
    parts = [
        "# The document of a campaign\n",
        "What `perilune land --json` prints and `DIR/summary.json` holds. SI and radians; null where there",
        "is no figure; `*` stands for any name, `[]` for each of a list. Its JSON Schema is",
        "[campaign.schema.json](schema/campaign.schema.json).\n",
        "## Every campaign\n",
        *_rows({key: value for key, value in shapes[0]["properties"].items() if key in head}),
    ]
    for shape in shapes:
        own = {key: value for key, value in shape["properties"].items() if key not in head}
        repeated = set(summary["properties"]) & set(own)
        parts += [f"## {shape['description'].rstrip('.')}\n"]
        if repeated:
            parts += ["The policy's summary stands at the top too, key by key.\n"]
        parts += _rows({key: value for key, value in own.items() if key not in repeated})
    parts += ["## A policy's summary\n", f"{summary['description']}\n", *_rows(summary["properties"])]
    return "\n".join(parts)


def _rows(keys: Mapping[str, Schema]) -> Iterator[str]:
    yield "| key | holds |"
    yield "|---|---|"
    for path, words in _told("", keys):
        yield f"| {path} | {words} |"
    yield ""


def _told(before: str, keys: Mapping[str, Schema]) -> Iterator[tuple[str, str]]:
    """Yield a row a key, and one for all keys together that need no words."""
    plain = [key for key, value in keys.items() if not _words(value)]
    for key, value in keys.items():
        if key not in plain:
            yield f"`{before}{key}`", _words(value)
            mark, inner = _inside(value)
            yield from _told(f"{before}{key}{mark}.", inner)
    if plain:
        yield ", ".join(f"`{before}{key}`" for key in plain), ""


def _inside(value: Schema) -> tuple[str, Mapping[str, Schema]]:
    """Return how the keys of the table inside a value are reached, through lists and maps, and the keys."""
    if "anyOf" in value:
        value = value["anyOf"][0]
    if "properties" in value:
        return "", value["properties"]
    for place, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(value.get(place), dict):
            deeper, keys = _inside(value[place])
            return f"{mark}{deeper}", keys
    return "", {}


def _words(value: Schema) -> str:
    told = str(value.get("description", value.get("anyOf", [{}])[0].get("description", ""))).rstrip(".")
    names = value.get("propertyNames", {}).get("enum") or value.get("enum")
    listed = ", ".join(f"`{name}`" for name in names) if names else ""
    return ": ".join(part for part in (told, listed) if part)
