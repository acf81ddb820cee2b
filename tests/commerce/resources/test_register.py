"""The register's tree against RFC 6962's own example and against brute force."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.commerce.resources import register
from perilune.errors import InputError

#: Leaves and roots of the tree that Certificate Transparency implementations publish as test vectors.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

leaves = st.lists(st.binary(max_size=12), min_size=1, max_size=40)


def slow_root(held: list[bytes]) -> bytes:
    """RFC 6962's definition, word for word."""
    if not held:
        return hashlib.sha256(b"").digest()
    if len(held) == 1:
        return hashlib.sha256(b"\x00" + held[0]).digest()
    half = 1
    while half * 2 < len(held):
        half *= 2
    return hashlib.sha256(b"\x01" + slow_root(held[:half]) + slow_root(held[half:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert register.root([register.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert register.root([]) == hashlib.sha256(b"").digest()


@given(leaves)
def test_the_root_is_the_definitions(held: list[bytes]) -> None:
    assert register.root([register.leaf_hash(leaf) for leaf in held]) == slow_root(held)


@given(leaves, st.data())
def test_every_leaf_has_a_proof_that_no_other_leaf_fits(held: list[bytes], data: st.DataObject) -> None:
    hashes = [register.leaf_hash(leaf) for leaf in held]
    index = data.draw(st.integers(0, len(held) - 1))
    path, head = register.inclusion(hashes, index), register.root(hashes)
    assert register.included(held[index], index, len(held), path, head)
    assert not register.included(held[index] + b"!", index, len(held), path, head)
    assert not register.included(held[index], index, len(held), [*path, head], head)
    for other in range(len(held)):
        if other != index and held[other] != held[index]:
            assert not register.included(held[index], other, len(held), path, head)


@given(leaves, st.data())
def test_a_later_head_is_shown_to_add_only(held: list[bytes], data: st.DataObject) -> None:
    hashes = [register.leaf_hash(leaf) for leaf in held]
    first = data.draw(st.integers(1, len(held)))
    proof = register.consistency(hashes, first)
    old, new = register.root(hashes[:first]), register.root(hashes)
    assert register.consistent(first, old, len(held), new, proof)
    forged = register.root([register.leaf_hash(b"forged"), *hashes[1:]])
    if forged != new:
        assert not register.consistent(first, old, len(held), forged, proof)


def test_a_leaf_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="There is no leaf 3 in a tree of 2"):
        register.inclusion([b"", b""], 3)
    with pytest.raises(InputError, match="no beginning of 0: give 1 to 2"):
        register.consistency([b"", b""], 0)
