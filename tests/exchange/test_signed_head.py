"""Signed heads: only what was signed holds, by the key that signed it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perilune.cli.main import run
from perilune.errors import InputError
from perilune.exchange import signed_head

HEAD = {"size": 3, "root": "ab" * 32, "at": "2026-01-02T03:04:05.000000Z"}


def test_a_head_holds_by_its_key_and_by_no_other() -> None:
    private, public = signed_head.new_key()
    _, other = signed_head.new_key()
    head = signed_head.signed(HEAD, private)
    assert signed_head.holds(head, public)
    assert not signed_head.holds(head, other)


@pytest.mark.parametrize(
    "changed", [{"size": 4}, {"root": "cd" * 32}, {"at": "2026-01-03"}, {"signature": "00"}]
)
def test_what_was_changed_does_not_hold(changed: dict[str, object]) -> None:
    private, public = signed_head.new_key()
    assert not signed_head.holds({**signed_head.signed(HEAD, private), **changed}, public)


def test_what_is_no_key_is_told() -> None:
    private, _ = signed_head.new_key()
    with pytest.raises(InputError, match="no private key in PEM"):
        signed_head.signed(HEAD, b"x")
    with pytest.raises(InputError, match="no public key in PEM"):
        signed_head.holds(signed_head.signed(HEAD, private), b"x")


def test_a_title_is_checked_without_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERILUNE_STORE", str(tmp_path / "books"))
    key, head = tmp_path / "house", tmp_path / "head.json"
    assert run(["store", "create"]) == 0
    assert run(["resource", "new-key", str(key)]) == 0
    assert key.with_suffix(".key").stat().st_mode & 0o077 == 0
    assert run(["resource", "new-key", str(key)]) == 2
    assert "a key is not written over" in capsys.readouterr().err
    assert run(["resource", "sign-head", "--key", f"{key}.key", "--out", str(head)]) == 0
    assert json.loads(head.read_text())["size"] == 0
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps({"index": 0, "size": 1, "root": "00" * 32, "leaf": "x", "path": []}))
    words = ["resource", "check-proof", str(proof), "--public", f"{key}.pub"]
    assert run(words) == 2
    assert "give the head too" in capsys.readouterr().err
    assert run([*words, "--head", str(head)]) == 2
    assert "the proof does not lead to the head" in capsys.readouterr().err
    head.write_text(head.read_text().replace('"size": 0', '"size": 1'))
    assert run([*words, "--head", str(head)]) == 2
    assert "does not carry the signature" in capsys.readouterr().err
