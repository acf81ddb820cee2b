"""The service: a route for every order and question, keys with scopes, limits, audit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, final

from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from perilune import __version__
from perilune.archive.company import Order, faults_in, now
from perilune.archive.log import StoreLog
from perilune.commerce.access.roles import allows
from perilune.commerce.access.state import Key
from perilune.commerce.event import Draft, canonical
from perilune.commerce.fields import Asked
from perilune.commerce.registry import VERBS, VIEWS
from perilune.commerce.verbs import EVERYONE, Verb, View, visible
from perilune.errors import InputError, PeriluneError, StoreError
from perilune.server import keys
from perilune.server.answers import JSON, Problem, page, refused
from perilune.server.desk import Desk
from perilune.server.limits import Limits
from perilune.server.openapi import document

_LONGEST_BODY: Final = 1 << 20  # bytes
_KEEP_ALIVE: Final = {"Cache-Control": "no-store"}

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is run with: how often a key may ask (requests a second, and at once)."""

    rate_hz: float = 2000.0
    burst: int = 4000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the tenant's desk and the key."""

    desk: Desk
    key: Key


@final
class Service:
    """The desks of all tenants of a store, behind their keys."""

    def __init__(self, open_log: Callable[[], StoreLog], settings: Settings) -> None:
        self._open_log, self._limits = open_log, Limits(settings.rate_hz, settings.burst)
        self._known = open_log()
        self._desks: dict[str, Desk] = {}

    def caller(self, request: Request, scope: str) -> Caller:
        """Return who asks, or raise the `Problem` why they may not."""
        presented = keys.read(request.headers.get("authorization", ""))
        desk = self._desk(presented.tenant) if presented is not None else None
        key = keys.valid(desk.books(), presented, now()[:10]) if desk is not None and presented else None
        if desk is None or key is None or presented is None:
            raise Problem(
                401, "key", "Present a valid key as `Authorization: Bearer TENANT:KEY:SECRET`.", _ASK
            )
        wait_s = self._limits.wait_s(f"{presented.tenant}:{key.id}", time.monotonic())
        if wait_s > 0.0:
            later = {"Retry-After": str(int(wait_s) + 1)}
            raise Problem(429, "rate", f"This key asks too often. Try again in {wait_s:.1f} s.", later)
        if not allows(key.scopes, scope):
            raise Problem(403, "scope", f"This key does not hold the scope {scope!r}.")
        return Caller(desk, key)

    def _desk(self, tenant: str) -> Desk | None:
        if tenant not in self._desks:
            if tenant not in {known for known, _, _ in self._known.chains()}:
                return None
            self._desks[tenant] = Desk(self._open_log, tenant)
        return self._desks[tenant]

    def close(self) -> None:
        """Finish what is in hand, and let go of the store."""
        for desk in self._desks.values():
            desk.close()
        self._known.close()


_ASK: Final = {"WWW-Authenticate": "Bearer"}


def make_app(open_log: Callable[[], StoreLog], settings: Settings | None = None) -> FastAPI:
    """Return the service on a store; `open_log` opens a connection to it."""
    service = Service(open_log, settings or Settings())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        yield
        service.close()

    # No redirects: behind a proxy they would lead to plain HTTP, and a client would send its key there.
    app = FastAPI(
        title="perilune", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    described = document()
    app.openapi = lambda: described  # type: ignore[method-assign]
    app.add_route("/v1/health", _health, methods=["GET"])
    for verb in VERBS.values():
        app.add_route(f"/v1/{verb.area}/{verb.name}", _told(_order(service, verb)), methods=["POST"])
    for view in VIEWS.values():
        app.add_route(f"/v1/{view.area}/{view.name}", _told(_question(service, view)), methods=["GET"])
    app.add_exception_handler(HTTPException, _unrouted)
    app.state.service = service
    return app


async def _health(request: Request) -> Response:  # noqa: ARG001
    return Response(canonical({"version": __version__}), media_type=JSON)


async def _unrouted(request: Request, fault: Exception) -> Response:  # noqa: ARG001
    status = getattr(fault, "status_code", 500)
    headers = dict(getattr(fault, "headers", None) or {})
    told = "There is nothing here." if status == 404 else str(getattr(fault, "detail", fault))
    return Problem(status, "route", told, headers).response()


def _told(handler: Handler) -> Handler:
    """Turn problems into answers: nothing that was refused is a server's fault."""

    async def told(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except StoreError as fault:
            return Problem(503, "store", str(fault), {"Retry-After": "5"}).response()

    return told


def _order(service: Service, verb: Verb[Any]) -> Handler:
    async def order(request: Request) -> Response:
        caller = service.caller(request, verb.scope)
        if caller.key.party and verb.owner is None:
            raise Problem(403, "authority", "A customer's key does not give this order.")
        asked = _read(verb.asked, await _body(request))
        key = caller.key
        _authorise(verb, asked, caller)
        given = Order(
            f"{verb.area} {verb.name}",
            asked.model_dump(mode="json", exclude_unset=True),
            f"key:{key.id}",
            _header(request, "x-reason", 400),
            key.party,
            _named(key, _header(request, "idempotency-key", 128)),
        )
        try:
            answer = await caller.desk.execute(given)
        except PeriluneError as fault:
            if isinstance(fault, StoreError):
                raise
            raise refused(fault, key.party) from None
        told = {"answer": dict(answer.answer), "first_seq": answer.first_seq, "last_seq": answer.last_seq}
        return Response(canonical(told | {"repeated": answer.repeated}), 201, media_type=JSON)

    return order


def _named(key: Key, request: str) -> str:
    """Return a request id that no other key can guess at: two customers may both call theirs "1"."""
    return f"{key.id}/{request}" if request else ""


def _authorise(verb: Verb[Any], asked: Asked, caller: Caller) -> None:
    """Let a key that is bound to a party only give orders in its own name."""
    party = caller.key.party
    if not party or verb.owner is None:
        return
    try:
        owner = verb.owner(caller.desk.books(), asked)
    except InputError as fault:
        raise refused(fault, party) from None
    if owner not in (party, EVERYONE):
        raise Problem(403, "authority", "This is not yours to order.")


def _header(request: Request, name: str, longest: int) -> str:
    text = request.headers.get(name, "")
    if len(text) > longest or not text.isascii() or not text.isprintable():
        raise Problem(400, "header", f"Header {name}: write at most {longest} printable ASCII characters.")
    return text


async def _body(request: Request) -> bytes:
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > _LONGEST_BODY:
            raise Problem(413, "size", f"The body is larger than {_LONGEST_BODY} bytes. Send less at once.")
    return bytes(held)


def _read(kind: type[Asked], body: bytes) -> Asked:
    try:
        return kind.model_validate_json(body)
    except ValidationError as fault:
        unread = any(entry["type"] == "json_invalid" for entry in fault.errors(include_url=False))
        raise Problem(400 if unread else 422, "input", faults_in(fault)) from None
    except PeriluneError as fault:
        raise Problem(422, "input", str(fault)) from None


def _question(service: Service, view: View[Any, Any]) -> Handler:
    name = f"{view.area} {view.name}"

    async def question(request: Request) -> Response:
        caller = service.caller(request, view.scope)
        given = dict(request.query_params.multi_items())
        limit, start = _whole(given, "limit", 100, 1, 1000), _whole(given, "start", 0, 0, 2**53)
        try:
            asked = view.asked.model_validate(given)
        except ValidationError as fault:
            raise Problem(422, "input", faults_in(fault)) from None
        except PeriluneError as fault:
            raise Problem(422, "input", str(fault)) from None
        desk, party = caller.desk, caller.key.party
        books = desk.books()

        def make() -> bytes:
            return page(view.row, visible(view, books, asked, party), start, limit, books.seq)

        try:
            held = desk.ready((name, asked, party, start, limit), make)
        except InputError as fault:
            raise refused(fault, party) from None
        if view.licensed:
            seen = {"view": name, "filters": given, "start": start, "limit": limit, "seq": books.seq}
            await desk.note(Draft("audit.read", seen), f"key:{caller.key.id}", party)
        return Response(held, headers=_KEEP_ALIVE, media_type=JSON)

    return question


def _whole(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.pop(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 17 and least <= int(text) <= most):
        raise Problem(422, "input", f"{name}: write a whole number from {least} to {most}.")
    return int(text)
