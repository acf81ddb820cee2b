from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import KINDS, made, place

from perilune.archive.store import Store


@pytest.fixture(params=KINDS)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made: embedded, and on a server."""
    return place(request.param, tmp_path)


@pytest.fixture
def store(where: str, tmp_path: Path) -> Iterator[Store]:
    with made(where, tmp_path) as opened:
        yield opened
