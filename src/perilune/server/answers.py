"""What the service answers: rows and refusals as bytes of JSON."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence
from typing import Any, cast

from pydantic import TypeAdapter
from starlette.responses import Response

from perilune.commerce.event import canonical
from perilune.errors import NameNotFoundError, PeriluneError, RefusedError

JSON = "application/json"


class Problem(Exception):  # noqa: N818
    """A request that is not carried out: its status, a short name of the rule, and a sentence."""

    def __init__(self, status: int, rule: str, message: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.rule, self.message, self.headers = status, rule, message, headers or {}
        super().__init__(message)

    def response(self) -> Response:
        """Return it as it is sent."""
        body = canonical({"rule": self.rule, "message": self.message}).encode()
        return Response(body, self.status, self.headers, JSON)


def refused(fault: PeriluneError, party: str) -> Problem:
    """Return a refusal as it is sent; one that is bound to a party is not told what others have."""
    if isinstance(fault, NameNotFoundError):
        told = f"No {fault.kind} {fault.name!r}." if party else str(fault)
        return Problem(404, "unknown", told)
    if isinstance(fault, RefusedError):
        return Problem(409, fault.rule, str(fault))
    return Problem(422, "input", str(fault))


@functools.cache
def adapter(row: Hashable) -> TypeAdapter[Any]:
    """Return what writes rows of a type as JSON."""
    return TypeAdapter(list[row])  # type: ignore[valid-type]


def page(row: type[Any], rows: Sequence[Any], start: int, limit: int, seq: int) -> bytes:
    """Return a page of rows: those from `start` on, at most `limit`, and where the next page starts."""
    held = adapter(cast("Hashable", row)).dump_json(list(rows[start : start + limit]))
    after = start + limit if start + limit < len(rows) else None
    told = canonical({"seq": seq, "total": len(rows), "next": after})
    return b'{"rows":' + held + b"," + told[1:].encode()
