"""A quote as a page that its customer can read, print and keep; it needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from perilune.commerce.books import Books
from perilune.commerce.payloads.state import PHASES, Payload
from perilune.commerce.pricing.orders import quote
from perilune.commerce.pricing.state import ACCEPTED, OFFERED, Quote, Tariff
from perilune.report.page import cards, document, section, table

_COLOUR = {ACCEPTED: "good", OFFERED: "half"}


def render_quote(books: Books, name: str) -> str:
    """Return the page of a quote's newest version. Raises `NameNotFoundError`."""
    one = quote(books, name)
    payload = books.payloads.by_id[one.payload]
    tariff = next(held for held in books.pricing.tariffs if held.id == one.tariff)
    return document(
        f"Quote {one.id}",
        [
            _head(books, one),
            cards(_cards(books, one, payload)),
            section("What it costs", _lines(one)),
            section("What the payload needs", _needs(payload)),
            section("What is included", _included(tariff, payload)),
            section("How to accept", _accepting(one)),
            section("Versions", _versions(books.pricing.quotes[one.id])),
        ],
    )


def _head(books: Books, one: Quote) -> str:
    customer = books.parties.by_id[one.party]
    return (
        f"<header><h1>Quote {escape(one.id)}, version {one.version}</h1>\n"
        f'<p class="lead"><span class="pill {_COLOUR.get(one.state, "bad")}">{escape(one.state)}</span> '
        f"for {escape(customer.name)} \u00b7 made on {escape(one.made_on)} \u00b7 "
        f"valid until {escape(one.valid_until)}</p></header>"
    )


def _cards(books: Books, one: Quote, payload: Payload) -> list[tuple[str, str, str]]:
    plan = books.plans.by_id[one.mission].as_of(one.made_on)
    flight = plan or books.plans.by_id[one.mission].versions[-1]
    return [
        ("total", escape(str(one.total)), "without taxes and duties"),
        ("payload", escape(payload.name), f"{payload.mass_kg:g} kg"),
        ("mission", escape(flight.name), escape(f"launch {flight.launch}, {flight.vehicle}")),
        (
            "carried to",
            {"rover": "the surface, on a rover"}.get(one.destination, f"lunar {one.destination}"),
            "",
        ),
    ]


def _lines(one: Quote) -> str:
    rows = [
        [escape(line.what), escape(line.quantity), escape(line.unit_price), _money(str(line.amount))]
        for line in one.lines
    ]
    rows.append(["<b>Total</b>", "", "", f"<b>{_money(str(one.total))}</b>"])
    return table(["", "quantity", "price", "amount"], rows) + _sources(one)


def _money(written: str) -> str:
    return f'<span class="n">{escape(written)}</span>'


def _sources(one: Quote) -> str:
    told = dict.fromkeys(line.source for line in one.lines if line.source)
    held = "".join(f"<li>{escape(source)}</li>" for source in told)
    return f'<p class="sub">Where the prices come from:</p><ul class="sub">{held}</ul>'


def _needs(payload: Payload) -> str:
    rows = []
    for phase in PHASES:
        need = payload.need(phase)
        rows.append(
            [
                phase.replace("_", " "),
                f"{need.power_w:g} W",
                f"{need.peak_power_w:g} W",
                f"{need.rate_bit_s / 1e3:g} kbit/s",
            ]
        )
    return table(["phase", "power, average", "power, peak", "data rate"], rows)


def _included(tariff: Tariff, payload: Payload) -> str:
    mass_kg = payload.mass_kg
    return (
        f"<p>With {mass_kg:g} kg come {tariff.included_mw_per_kg * mass_kg / 1e3:g} W of average power, "
        f"{tariff.included_bit_s_per_kg * mass_kg / 1e3:g} kbit/s on the surface and "
        f"{tariff.included_ml_per_kg * mass_kg / 1e3:g} l of room. Tariff {escape(tariff.id)}, "
        f"from {escape(tariff.since)}.</p>"
    )


def _accepting(one: Quote) -> str:
    terms = f"<p>{escape(one.terms)}</p>" if one.terms else ""
    if one.state != OFFERED:
        return f"{terms}<p>This quote is {escape(one.state)}{': ' + escape(one.why) if one.why else ''}.</p>"
    order = f"perilune quote accept {one.id} --version {one.version} --acting-for {one.party}"
    return f"{terms}<p>Until {escape(one.valid_until)}, this version only: <code>{escape(order)}</code></p>"


def _versions(versions: Sequence[Quote]) -> str:
    rows = [
        [str(one.version), one.made_on, one.valid_until, _money(str(one.total)), one.state]
        for one in versions
    ]
    return table(["version", "made on", "valid until", "total", "state"], rows)
