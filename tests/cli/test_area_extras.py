"""Commands of an area beside its orders: none hides an order, and proofs are checked without a store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perilune.cli.area_extras import EXTRAS
from perilune.cli.main import run
from perilune.commerce.registry import VERBS, VIEWS
from perilune.commerce.resources.register import consistency, inclusion, leaf_hash, root

LEAVES = [f'{{"index":{k},"lot":"L-{k:06d}"}}' for k in range(7)]
HASHES = [leaf_hash(leaf.encode()) for leaf in LEAVES]


def test_only_the_issue_of_a_key_takes_the_place_of_an_order() -> None:
    beside = {f"{area} {command.name}" for area, commands in EXTRAS.items() for command in commands}
    assert beside & {*VERBS, *VIEWS} == {"key issue"}


def written(path: Path, content: object) -> str:
    path.write_text(json.dumps([content]), encoding="utf-8")
    return str(path)


def head(size: int) -> dict[str, object]:
    return {"size": size, "root": root(HASHES[:size]).hex(), "at": ""}


def proof(index: int, size: int = 7) -> dict[str, object]:
    path = [step.hex() for step in inclusion(HASHES[:size], index)]
    return {"index": index, "leaf": LEAVES[index], "path": path} | head(size)


def growth(first: int, size: int = 7) -> dict[str, object]:
    steps = [step.hex() for step in consistency(HASHES[:size], first)]
    return {"first": first, "first_root": head(first)["root"], "proof": steps} | head(size)


@pytest.mark.parametrize("index", range(7))
def test_a_proof_leads_to_the_head_that_was_kept(
    index: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = written(tmp_path / "head.json", head(7))
    assert run(["resource", "check-proof", written(tmp_path / "p.json", proof(index)), "--head", kept]) == 0
    assert capsys.readouterr().out == "It holds.\n"


@pytest.mark.parametrize("first", range(1, 8))
def test_growth_leads_from_the_head_that_was_kept(
    first: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = written(tmp_path / "head.json", head(first))
    assert run(["resource", "check-proof", written(tmp_path / "g.json", growth(first)), "--head", kept]) == 0
    assert capsys.readouterr().out == "It holds.\n"


@pytest.mark.parametrize(
    "changed",
    [
        proof(3) | {"leaf": LEAVES[4]},
        proof(3) | {"index": 4},
        proof(3) | {"path": proof(4)["path"]},
        proof(3, 6),
        growth(4) | {"root": head(5)["root"]},
    ],
)
def test_what_does_not_lead_to_the_kept_head_is_refused(
    changed: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = written(tmp_path / "head.json", head(7 if "leaf" in changed else 4))
    file = written(tmp_path / "p.json", changed)
    assert run(["resource", "check-proof", file, "--head", kept]) == 2
    assert capsys.readouterr().err == (
        f"Error: {file}: the proof does not lead to the head. The register was changed, or the file was.\n"
    )


@pytest.mark.parametrize("content", ["[]", "no JSON", '[{"index": 0}]', '[{"first": 1}]', "3"])
def test_what_is_no_proof_is_said_so(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.json").write_text(content, encoding="utf-8")
    assert run(["resource", "check-proof", str(tmp_path / "p.json")]) == 2
    said = capsys.readouterr().err
    assert "is not what `perilune resource … --json` prints" in said or "lacks something" in said


def test_a_backup_is_a_store_to_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERILUNE_STORE", str(tmp_path / "books"))
    assert run(["store", "create"]) == 0
    assert run(["party", "add", "acme", "--name", "Acme", "--country", "US", "--kind", "customer"]) == 0
    (tmp_path / "photo").write_bytes(b"regolith")
    assert run(["store", "keep", str(tmp_path / "photo")]) == 0
    copy = str(tmp_path / "copy")
    capsys.readouterr()
    assert run(["store", "backup", copy]) == 0
    assert capsys.readouterr().out == f"Wrote {copy}: 1 entries in 1 chains, 1 files.\n"
    assert run(["party", "list", "--store", copy]) == 0
    assert "Acme" in capsys.readouterr().out
    assert run(["store", "verify", "--store", copy]) == 0
    assert run(["store", "backup", copy]) == 2
    assert "exists already. Choose another name." in capsys.readouterr().err


def test_a_proof_of_endless_size_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.json").write_text('{"path":[],"size":1e999,"leaf":"x","index":0,"root":"00"}')
    assert run(["resource", "check-proof", str(tmp_path / "p.json")]) == 2
    assert "is damaged" in capsys.readouterr().err
