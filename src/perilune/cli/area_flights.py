"""Commands that tie the books to flights: flown again with what is booked, and recorded as evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perilune.cli.areas import at_store, giver, instant, opened

if TYPE_CHECKING:
    from perilune.commerce.books import Books
    from perilune.mission.payload_flight import Aboard, PayloadFlight


@click.command("fly")
@click.argument("mission")
@click.option(
    "--file", type=click.Path(path_type=Path), required=True, help="The mission file that is flown."
)
@click.option("--with", "tried", default="", metavar="PAYLOAD", help="Try a payload that is not booked yet.")
@click.option("--actor", default="", help="Who gives the order. [default: your user name]")
@click.option("--at", default="", metavar="TIME", help="For rehearsals and history: when it was given (UTC).")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
@at_store
def fly_manifest(mission: str, file: Path, tried: str, actor: str, at: str, quiet: bool, **given: Any) -> int:
    """Fly a mission again with what is booked on it; the books keep what came of it.

    With --with, one more payload is tried: if it breaks the landing it is refused with the figure, and
    nothing is recorded.
    """
    from perilune.archive.company import Order
    from perilune.cli.fly import _progress
    from perilune.mission.payload_books import flown_order, payloads_booked
    from perilune.mission.payload_flight import fly_added, fly_with

    store, company = opened(given["store_"], given["tenant"])
    books = company.books()
    aboard = payloads_booked(books, mission)
    with _progress(quiet) as progress:
        flown = (
            fly_added(file, aboard, _one(books, tried), progress=progress)
            if tried
            else fly_with(file, aboard, progress=progress)
        )
    if not tried:
        store.files.keep(flown.delivery.to_json().encode())
        asked = flown_order(books, mission, flown)
        company.execute(Order("manifest flown", asked, giver(actor), at=instant(at)))
    told = f"{flown.delivery.mission} {flown.figure}."
    click.echo(json.dumps(_document(mission, books, flown), indent=2) if given["as_json"] else told)
    return 0 if flown.landed else 1


def _one(books: Books, payload: str) -> Aboard:
    """Return a payload of the catalogue as it is flown."""
    from perilune.commerce.payloads.verbs import listed
    from perilune.mission.payload_flight import Aboard

    found = listed(books, payload)
    return Aboard(found.name, found.mass_kg, found.party, found.deployment == "orbit")


def _document(mission: str, books: Books, flown: PayloadFlight) -> dict[str, Any]:
    from perilune.mission.payload_books import flown_order

    figures = {"dv_m_s": flown.dv_m_s, "dv_left_m_s": flown.dv_left_m_s}
    return {**flown_order(books, mission, flown), **figures}


@click.command("flight")
@click.argument("mission")
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option(
    "--file", type=click.Path(path_type=Path), help="The mission file, for the mass that was carried."
)
@click.option("--actor", default="", help="Who gives the order. [default: your user name]")
@click.option("--at", default="", metavar="TIME", help="For rehearsals and history: when it was given (UTC).")
@at_store
def record_flight(mission: str, delivery: Path, file: Path | None, actor: str, at: str, **given: Any) -> None:
    """Record a flown mission as evidence, and declare the milestones it shows.

    The digest of delivery.json ties what the books hold to the file, which is kept beside them.
    """
    from perilune.archive.company import Order
    from perilune.errors import InputError
    from perilune.mission.evidence import evidence_of

    store, company = opened(given["store_"], given["tenant"])
    asked = {"mission": mission, "kept": True, **evidence_of(delivery, file)}
    asked["id"] = f"flight-{asked['digest'][:12]}"
    store.files.keep_file(delivery)
    orders = [Order("evidence record", asked, giver(actor), at=instant(at))]
    if mission in company.books().milestones.by_mission:
        decided = {"mission": mission, "evidence": asked["id"]}
        orders.append(Order("milestone assess", decided, giver(actor), at=instant(at)))
    answers = company.execute_all(orders)
    for answer in answers:
        if isinstance(answer, InputError):
            raise answer
    reached = [one["id"] for one in asked["milestones"] if one["status"] == "achieved"]
    if given["as_json"]:
        click.echo(json.dumps({"id": asked["id"], "achieved": reached}, indent=2))
        return
    click.echo(f"Recorded {asked['id']}: {asked['what']}; {len(reached)} milestones achieved.")


@click.command("settle")
@click.argument("id")
@click.option("--actor", default="", help="Who gives the orders. [default: your user name]")
@click.option("--at", default="", metavar="TIME", help="For rehearsals and history: when it was given (UTC).")
@at_store
def settle_contract(id: str, actor: str, at: str, **given: Any) -> None:
    """Have what the evidence shows of a contract met, accepted, invoiced, and at the end delivered.

    The house meets each milestone, its customer accepts each, in one commit: use it where you hold both
    signatures. With the last one accepted on evidence the service counts as delivered, and what was billed
    as earned. Deliverables that the contract names are told by `contract deliver`.
    """
    from perilune.archive.company import Order
    from perilune.cli.rows import plain
    from perilune.commerce.contracts.common import contract
    from perilune.commerce.contracts.views import ready, served_by
    from perilune.commerce.registry import view
    from perilune.errors import InputError

    _, company = opened(given["store_"], given["tenant"])
    books = company.books()
    one = contract(books, id)
    met = [part for part in one.milestones if ready(books, one, part)]
    evidence = served_by(books, one)
    if not met and not evidence:
        raise InputError(
            f"Nothing of contract {id!r} is ready: `perilune contract milestones {id}` tells what is needed."
        )
    orders = [
        Order(
            f"contract milestone-{step}",
            {"id": id, "milestone": part.id},
            giver(actor),
            party=party,
            at=instant(at),
        )
        for part in met
        for step, party in (("meet", ""), ("accept", one.party))
    ]
    if evidence:
        orders.append(
            Order("contract deliver", {"id": id, "evidence": evidence}, giver(actor), at=instant(at))
        )
    for answer in company.execute_all(orders):
        if isinstance(answer, InputError):
            raise answer
    shown = view("ledger invoices")
    held = [row for row in company.rows("ledger invoices") if row.contract == id]
    if given["as_json"]:
        click.echo(json.dumps(plain(shown.row, held), indent=2))
        return
    billed = [f"{id}: {part.name}" for part in met]
    for row in held:
        if row.memo in billed:
            click.echo(f"{row.id}: {row.amount} for {row.memo}, due {row.due}")
    click.echo(_earned(company.books(), id))


def _earned(books: Books, id: str) -> str:
    """Return what of a contract is revenue by now, and what it takes where some is not."""
    from perilune.commerce.contracts.common import contract
    from perilune.commerce.money import Money

    one = contract(books, id)
    position = books.ledger.positions.get(id)
    revenue = Money(0, one.price.currency) if position is None else position.recognised
    told = f"Earned as revenue: {revenue} of {one.price}"
    left = [deliverable for deliverable in one.deliverables if not deliverable.delivered_at]
    if one.revenue != "point-in-time" or not left:
        return f"{told}."
    names = ", ".join(repr(deliverable.id) for deliverable in left)
    how = f"perilune contract deliver {id} --evidence ID"
    return f"{told}; the rest as {names} is delivered ({how}) or the contract is closed."
