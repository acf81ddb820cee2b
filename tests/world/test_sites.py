"""Landing sites: each with a source, on the Moon."""

from __future__ import annotations

import math

import pytest

from perilune.errors import NameNotFoundError
from perilune.world import sites


def test_sites_have_sources_and_stand_on_the_moon() -> None:
    for entry in sites.sites().values():
        assert abs(entry.latitude_rad) <= math.pi / 2
        assert abs(entry.longitude_rad) <= math.pi
        assert entry.source
        assert entry.confidence in {"high", "medium", "low"}
        assert entry.kind in {"landing", "impact", "target"}
    with pytest.raises(NameNotFoundError, match=r"No landing site 'Apollo 18'\. Did you mean 'Apollo 1\d'\?"):
        sites.site("Apollo 18")
