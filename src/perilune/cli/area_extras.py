"""Commands of an area that do more than give an order or ask a question: files and secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from perilune.cli.area_flights import fly_manifest, record_flight, settle_contract
from perilune.cli.areas import at_store, giver, opened
from perilune.cli.register_keys import new_key, sign_head
from perilune.errors import InputError


@click.command("issue")
@click.argument("id")
@click.option("--name", required=True, help="Who or what uses it.")
@click.option(
    "--role", required=True, help="admin, auditor, sales, operations, finance, resources, customer."
)
@click.option("--party", default=None, help="Bind a customer's key to this party's own data.")
@click.option("--expires-on", default=None, metavar="DAY", help="The last day on which it is valid.")
@click.option("--actor", default="", help="Who gives the order. [default: your user name]")
@at_store
def issue_key(**given: Any) -> None:
    """Issue a key of the service; its secret is shown once and kept nowhere."""
    from perilune.archive.company import Order
    from perilune.server import keys

    store, company = opened(given["store_"], given["tenant"])
    tenant = given["tenant"] or store.tenants[0]
    secret = keys.new_secret()
    asked = {
        name: given[name] for name in ("id", "name", "role", "party", "expires_on") if given[name] is not None
    }
    order = Order("key issue", {**asked, "digest": keys.digest_of(secret)}, giver(given["actor"]))
    company.execute(order)
    key = keys.written(tenant, given["id"], secret)
    if given["as_json"]:
        click.echo(json.dumps({"id": given["id"], "key": key}))
        return
    click.echo(f"{key}\nKeep it now: it is shown this once. Present it as `Authorization: Bearer {key}`.")


@click.command("page")
@click.argument("id")
@click.option("--html", type=click.Path(path_type=Path), required=True, help="Where to write the page.")
@at_store
def quote_page(id: str, html: Path, **given: Any) -> None:
    """Write a quote as a page its customer can read, print and keep."""
    from perilune.report.quote_page import render_quote

    _, company = opened(given["store_"], given["tenant"])
    html.write_text(render_quote(company.books(), id), encoding="utf-8")
    click.echo(json.dumps({"page": str(html)}) if given["as_json"] else f"Page: {html}")


@click.command("check-proof")
@click.argument("proof", type=click.Path(path_type=Path))
@click.option(
    "--head", "head", type=click.Path(path_type=Path), help="A head you kept: `resource head --json`."
)
@click.option(
    "--public", type=click.Path(path_type=Path), help="The key that must have signed the head: NAME.pub."
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def verify_proof(proof: Path, head: Path | None, public: Path | None, as_json: bool) -> None:
    """Check a proof of the register without any store.

    PROOF is what `resource proof --json` or `resource growth --json` printed. With a head of your own the
    proof must lead to that head; without one, to the root it names itself.
    """
    told, kept = _one(proof), _one(head) if head else {}
    if public is not None:
        _signed_by(kept, head, public)
    good = _grown(told, kept) if "first" in told else _included(told, kept)
    if as_json:
        click.echo(json.dumps({"holds": good}))
    elif good:
        click.echo("It holds.")
    if not good:
        raise InputError(
            f"{proof}: the proof does not lead to the head. The register was changed, or the file was."
        )


def _signed_by(kept: dict[str, Any], head: Path | None, public: Path) -> None:
    from perilune.exchange.signed_head import holds

    if head is None:
        raise InputError("--public asks whether a head is signed: give the head too, with --head.")
    if not holds(kept, public.read_bytes()):
        raise InputError(f"{head}: the head does not carry the signature of {public}. Do not trust it.")


def _one(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        row: dict[str, Any] = found[0] if isinstance(found, list) else found
        return dict(row)
    except (ValueError, IndexError, TypeError, UnicodeDecodeError, RecursionError):
        raise InputError(f"{path}: is not what `perilune resource … --json` prints.") from None


def _included(told: dict[str, Any], kept: dict[str, Any]) -> bool:
    from perilune.commerce.resources.register import included

    try:
        size, root = int(kept.get("size", told["size"])), bytes.fromhex(kept.get("root", told["root"]))
        path = [bytes.fromhex(step) for step in told["path"]]
        return size == told["size"] and included(
            str(told["leaf"]).encode(), int(told["index"]), size, path, root
        )
    except (KeyError, ValueError, TypeError, OverflowError) as cause:
        raise InputError(f"The proof lacks something or is damaged: {cause}.") from None


def _grown(told: dict[str, Any], kept: dict[str, Any]) -> bool:
    from perilune.commerce.resources.register import consistent

    try:
        first_root = bytes.fromhex(kept.get("root", told["first_root"]))
        first = int(kept.get("size", told["first"]))
        proof = [bytes.fromhex(step) for step in told["proof"]]
        grown = consistent(first, first_root, int(told["size"]), bytes.fromhex(told["root"]), proof)
        return grown and first == told["first"]
    except (KeyError, ValueError, TypeError, OverflowError) as cause:
        raise InputError(f"The proof lacks something or is damaged: {cause}.") from None


#: Area -> commands beside those made from orders and questions; one of the same name takes its place.
EXTRAS: Final = {
    "key": (issue_key,),
    "quote": (quote_page,),
    "resource": (verify_proof, new_key, sign_head),
    "manifest": (fly_manifest,),
    "evidence": (record_flight,),
    "contract": (settle_contract,),
}
