"""Parties: who there is, and what is no party."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import Clerk, clerk
from pydantic import ValidationError

from perilune.commerce import registry
from perilune.commerce.parties.lookup import entity, party
from perilune.commerce.verbs import visible
from perilune.errors import InputError, NameNotFoundError, RefusedError


def test_parties_are_listed_by_kind_and_shown() -> None:
    one = clerk()
    assert [row.id for row in one.rows("party list", kind="entity")] == ["jp", "eu", "us"]
    assert len(one.rows("party list")) == 6
    (row,) = one.rows("party show", id="eu")
    assert (row.name, row.country, row.kind, row.currency) == ("Entity eu", "LU", "entity", "EUR")


def test_a_customer_sees_the_house_and_itself_and_no_other_customer() -> None:
    one = clerk()
    view = registry.view("party list")
    assert [row.id for row in visible(view, one.books, view.asked(), "acme")] == [
        "jp",
        "eu",
        "us",
        "acme",
        "lsa",
    ]
    shown = registry.view("party show")
    hidden, unknown = (
        visible(shown, one.books, shown.asked.model_validate({"id": id_}), "acme")
        for id_ in ("nasa", "nobody")
    )
    assert hidden == unknown == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "nasa"}, "There is a party 'nasa' already. Choose another id."),
        (
            {"kind": "entity"},
            'An own legal entity keeps its books in a currency. Give one: --currency "JPY".',
        ),
        ({"currency": "USD"}, "Only an own legal entity has a currency of its books. Leave it out."),
        ({"kind": "entity", "currency": "EUX"}, "No currency 'EUX'. Did you mean 'EUR'?"),
    ],
)
def test_a_party_that_cannot_be_is_refused(change: dict[str, Any], sentence: str) -> None:
    one, asked = clerk(), {"id": "x", "name": "X", "country": "JP", "kind": "customer"}
    before = one.books.seq
    with pytest.raises(InputError) as refusal:
        one.do("party add", **{**asked, **change})
    assert str(refusal.value) == sentence
    assert one.books.seq == before


@pytest.mark.parametrize("change", [{"country": "XX"}, {"country": "jp"}, {"kind": "friend"},
                                    {"name": "x" * 201},
                                    {"id": "-x"}, {"name": "a\nb"}])  # fmt: skip
def test_what_has_not_the_shape_of_a_party_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Clerk().do("party add", **{"id": "x", "name": "X", "country": "JP", "kind": "customer", **change})


def test_an_unknown_party_is_named_with_what_there_is() -> None:
    books = clerk().books
    with pytest.raises(NameNotFoundError, match=r"No party 'nsaa'. Did you mean 'nasa'\?"):
        party(books, "nsaa")
    with pytest.raises(NameNotFoundError, match=r"No legal entity 'zz'\. There are: jp, eu, us"):
        entity(books, "zz")
    with pytest.raises(RefusedError) as refusal:
        entity(books, "nasa")
    assert (
        str(refusal.value)
        == "'nasa' is of the kind 'agency', not an own legal entity. There are: jp, eu, us."
    )
