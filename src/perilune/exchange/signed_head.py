"""Heads of a register that carry a signature: who trusts the key can hold the register to what it said.

Ed25519 (RFC 8032) by the extra `sign` (`cryptography`), without which all of this raises `InputError`. What
is signed is the canonical JSON of size, root and time, after the words "perilune register head 1".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from perilune.commerce.event import canonical
from perilune.errors import InputError

_WORDS: Final = b"perilune register head 1\n"
_FIELDS: Final = ("size", "root", "at")


def _signed_bytes(head: Mapping[str, Any]) -> bytes:
    told = {name: head[name] for name in _FIELDS}
    return _WORDS + canonical(told).encode()


def new_key() -> tuple[bytes, bytes]:
    """Return a new key pair as PEM: private (PKCS 8, not encrypted) and public."""
    serialization, ed25519 = _library()
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


def signed(head: Mapping[str, Any], private: bytes) -> dict[str, Any]:
    """Return a head (size, root, at) with its signature. Raises `InputError` if the key is none."""
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_private_key(private, None)
    except (ValueError, TypeError):
        raise InputError(
            "This is no private key in PEM. Make one with: perilune resource new-key NAME"
        ) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise InputError("This is no Ed25519 key. Make one with: perilune resource new-key NAME")
    told = {name: head[name] for name in _FIELDS}
    return {**told, "signature": key.sign(_signed_bytes(told)).hex()}


def holds(head: Mapping[str, Any], public: bytes) -> bool:
    """Say whether a signed head carries the signature of a key. Raises `InputError` if the key is none."""
    serialization, ed25519 = _library()
    from cryptography.exceptions import InvalidSignature

    try:
        key = serialization.load_pem_public_key(public)
    except ValueError:
        raise InputError("This is no public key in PEM.") from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise InputError("This is no Ed25519 key.")
    try:
        key.verify(bytes.fromhex(str(head.get("signature", ""))), _signed_bytes(head))
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise InputError(
            "Signatures need `cryptography`. Install it: pip install 'perilune[sign]'."
        ) from None
    return serialization, ed25519
