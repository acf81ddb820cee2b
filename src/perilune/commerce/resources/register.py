"""A register that anyone may verify: a Merkle tree over its leaves, after RFC 6962, section 2.1.

A leaf's hash is SHA-256 of 0x00 and the leaf, a node's SHA-256 of 0x01 and its two children; the tree over n
leaves splits at the largest power of two below n. Whoever holds a head (size and root) can check that a leaf
is in it, and that a later head only added leaves, without the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from perilune.errors import InputError


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaves given by their hashes; of none, SHA-256 of nothing."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    # Joining neighbours and carrying an odd last one up gives the same tree as splitting at powers of two.
    while len(level) > 1:
        joined = [node_hash(level[k], level[k + 1]) for k in range(0, len(level) - 1, 2)]
        level = joined + level[len(level) - len(level) % 2 :]
    return level[0]


def _below(count: int) -> int:
    """Return the largest power of two smaller than a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of a leaf, from its neighbour up (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(hashes):
        raise InputError(f"There is no leaf {index} in a tree of {len(hashes)}.")
    if len(hashes) == 1:
        return ()
    half = _below(len(hashes))
    if index < half:
        return (*inclusion(hashes[:half], index), root(hashes[half:]))
    return (*inclusion(hashes[half:], index - half), root(hashes[:half]))


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Say whether the audit path shows that a leaf stands at an index of the tree of that size and root."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == head


def consistency(hashes: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """Return the proof that the tree over the first leaves is the beginning of this one (RFC 6962, 2.1.2)."""
    if not 0 < first <= len(hashes):
        raise InputError(
            f"A tree of {len(hashes)} leaves has no beginning of {first}: give 1 to {len(hashes)}."
        )
    return () if first == len(hashes) else _subproof(hashes, first, whole=True)


def _subproof(hashes: Sequence[bytes], first: int, *, whole: bool) -> tuple[bytes, ...]:
    if first == len(hashes):
        return () if whole else (root(hashes),)
    half = _below(len(hashes))
    if first <= half:
        return (*_subproof(hashes[:half], first, whole=whole), root(hashes[half:]))
    return (*_subproof(hashes[half:], first - half, whole=False), root(hashes[:half]))


def consistent(first: int, first_root: bytes, size: int, head: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows that the head of `size` leaves only added to that of the `first` ones."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not proof and first_root == head
    place, last, left = first - 1, size - 1, list(proof)
    while place % 2:
        place, last = place >> 1, last >> 1
    if place == 0:
        left.insert(0, first_root)
    if not left:
        return False
    old = new = left[0]
    for sibling in left[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == head
