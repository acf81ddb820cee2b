"""The rigid hub beside another program's, where that is installed: `benchmarks/hub.py` flies both."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.hub import Basilisk, Ours


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_hub_ends_where_basilisks_does() -> None:
    """900 s about the Moon at 20 ms, turning at 4 deg/s: both integrate alike, gravity is held here."""
    pytest.importorskip("Basilisk", reason="Basilisk is not installed: pip install bsk")
    _, theirs = Basilisk().fly_once()
    ours = Ours(full=False).fly()
    np.testing.assert_allclose(ours[:3], theirs[:3], atol=1e-3)
    np.testing.assert_allclose(ours[3:6], theirs[3:6], atol=1e-6)
    np.testing.assert_allclose(ours[10:], theirs[10:], atol=1e-12)
    assert abs(ours[6:10] @ theirs[6:10]) == pytest.approx(1.0, abs=1e-12)
