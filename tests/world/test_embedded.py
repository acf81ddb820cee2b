"""The files inside the package are what their cards say, and a damaged one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from perilune.errors import DataError
from perilune.world import embedded


def test_every_file_has_a_card_that_fits() -> None:
    files = {path.name for path in embedded.FOLDER.iterdir() if path.suffix in {".npz", ".png"}}
    assert files == set(embedded.cards())
    for card in embedded.cards().values():
        assert embedded.is_intact(card), card.name
        assert card.size_bytes == card.path.stat().st_size
        assert card.licence
        assert card.sources
    assert embedded.digests() == {name: card.sha256 for name, card in embedded.cards().items()}


def test_the_package_stays_small() -> None:
    assert sum(card.size_bytes for card in embedded.cards().values()) < 8e6


def test_arrays_can_not_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        embedded.arrays("gravity_grgm1200a_200.npz")["c"][0] = 2.0


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not a file"])
def test_a_missing_or_damaged_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    name = f"damaged-{content!r}.npz"
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=r"is missing or damaged .*Install perilune again"):
        embedded.arrays(name)


def test_a_whole_file_that_is_not_the_one_of_its_card_is_refused(tmp_path, monkeypatch):
    cards = embedded.cards()
    name, other = "gravity_grgm1200a_200.npz", "terrain_usgs_1024x512.npz"
    (tmp_path / name).write_bytes(cards[other].path.read_bytes())
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    monkeypatch.setattr(embedded, "cards", lambda: cards)
    with pytest.raises(DataError, match="its SHA-256 is not that of its card"):
        embedded.arrays.__wrapped__(name)


@pytest.mark.parametrize("text", ["[[[", "", 'source = "x"', "\xff"])
def test_a_damaged_card_is_named(tmp_path, text):
    card = tmp_path / "x.npz.toml"
    card.write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=r"x\.npz\.toml is missing or damaged .*Install perilune again"):
        embedded._card("x.npz", card)
