"""Lots and titles: split exactly, sold once, blocked while disputed; the register follows every change."""

from __future__ import annotations

import json

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from regolith import Desk, ready, until

from perilune.commerce.resources import register
from perilune.errors import InputError, RefusedError


@pytest.fixture
def desk() -> Desk:
    return until(ready(), "transferred")


def test_parts_weigh_what_the_whole_weighed(desk: Desk) -> None:
    with pytest.raises(RefusedError, match="The parts weigh 110 g; lot 'L-000001' weighs 120 g"):
        desk.order("resource split", "nasa", id="L-000001", masses_kg=[0.05, 0.06])
    assert desk.order("resource split", "nasa", id="L-000001", masses_kg=[0.05, 0.07])["parts"] == [
        "L-000001.1",
        "L-000001.2",
    ]
    with pytest.raises(RefusedError, match=r"was split into L-000001\.1, L-000001\.2"):
        desk.order("resource sell", "nasa", id="L-000001", buyer="museum", price="1.00 USD")


def test_no_title_passes_twice(desk: Desk) -> None:
    desk.order("resource sell", "nasa", id="L-000001", buyer="museum", price="1.00 USD")
    with pytest.raises(RefusedError, match="belongs to 'museum', who alone disposes of it"):
        desk.order("resource sell", "nasa", id="L-000001", buyer="lu", price="1.00 USD")
    with pytest.raises(RefusedError, match="cannot 'transfer'"):
        desk.order("resource transfer", id="R1")


def test_the_seller_cannot_sell_past_the_contract() -> None:
    desk = until(ready(), "verified")
    with pytest.raises(RefusedError, match="is sold under 'R1': hand it over there first"):
        desk.order("resource sell", id="L-000001", buyer="museum", price="1.00 USD")


def test_a_dispute_blocks_until_it_is_lifted(desk: Desk) -> None:
    desk.order("resource claim", "museum", id="L-000001", why="Collected on our site.")
    with pytest.raises(RefusedError, match="is disputed by 'museum': no title passes"):
        desk.order("resource sell", "nasa", id="L-000001", buyer="museum", price="1.00 USD")
    with pytest.raises(RefusedError, match="Only lu or museum can end that dispute"):
        desk.order("resource lift", "nasa", id="L-000001", why="x")
    desk.order("resource lift", "lu", id="L-000001", why="No claim was shown.")
    desk.order("resource sell", "nasa", id="L-000001", buyer="museum", price="1.00 USD")


def test_a_proof_of_every_leaf_holds_without_the_books(desk: Desk) -> None:
    desk.order("resource split", "nasa", id="L-000001", masses_kg=[0.05, 0.07])
    (head,) = desk.rows("resource head")
    for leaf in desk.rows("resource register"):
        (proof,) = desk.rows("resource proof", index=leaf.index)
        path = [bytes.fromhex(step) for step in proof.path]
        assert register.included(proof.leaf.encode(), leaf.index, head.size, path, bytes.fromhex(head.root))
    (growth,) = desk.rows("resource growth", first=2)
    steps = [bytes.fromhex(step) for step in growth.proof]
    roots = bytes.fromhex(growth.first_root), bytes.fromhex(growth.root)
    assert register.consistent(2, roots[0], head.size, roots[1], steps)


class Titles(RuleBasedStateMachine):
    """Anyone tries anything with any lot; the material stays what it was and each lot has one owner."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = until(ready(), "transferred")

    def attempt(self, name: str, party: str, **asked: object) -> None:
        before = self.desk.books.seq
        try:
            self.desk.order(f"resource {name}", party, **asked)
        except InputError:
            assert self.desk.books.seq == before

    lots = st.sampled_from(["L-000001", "L-000001.1", "L-000001.2", "L-000001.1.1", "L-000002"])
    parties = st.sampled_from(["nasa", "museum", "lu", "ispace-eu", ""])

    @rule(lot=lots, party=parties, buyer=st.sampled_from(["nasa", "museum", "ispace-eu", "nobody"]))
    def sell(self, lot: str, party: str, buyer: str) -> None:
        self.attempt("sell", party, id=lot, buyer=buyer, price="3.00 USD")

    @rule(lot=lots, party=parties, part_mg=st.integers(1, 119_999))
    def split(self, lot: str, party: str, part_mg: int) -> None:
        known = self.desk.books.resources.lots.get(lot)
        rest_mg = (known.mass_mg if known else 120_000) - part_mg
        if rest_mg > 0:
            self.attempt("split", party, id=lot, masses_kg=[part_mg / 1e6, rest_mg / 1e6])

    @rule(lot=lots, party=parties)
    def claim(self, lot: str, party: str) -> None:
        self.attempt("claim", party, id=lot, why="mine")

    @precondition(lambda self: any(lot.disputed_by for lot in self.desk.books.resources.lots.values()))
    @rule(lot=lots, party=parties)
    def lift(self, lot: str, party: str) -> None:
        self.attempt("lift", party, id=lot, why="settled")

    @invariant()
    def material_is_neither_made_nor_lost(self) -> None:
        lots = self.desk.books.resources.lots
        whole = [lot for lot in lots.values() if not lot.parts]
        assert sum(lot.mass_mg for lot in whole) == 120_000
        for lot in lots.values():
            if lot.parts:
                assert sum(lots[part].mass_mg for part in lot.parts) == lot.mass_mg

    @invariant()
    def the_register_tells_every_owner(self) -> None:
        resources = self.desk.books.resources
        told: dict[str, str] = {}
        for index, leaf in enumerate(resources.leaves):
            said = json.loads(leaf)
            assert said["index"] == index
            told[said["lot"]] = said["owner"]
        assert told == {lot.id: lot.owner for lot in resources.lots.values()}


TestTitles = Titles.TestCase
TestTitles.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
