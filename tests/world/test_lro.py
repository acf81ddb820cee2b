"""A spacecraft that really flew: `validation/lro/HOW.md` says how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORBIT = ROOT.parent / "shared" / "data" / "LRO_2022001_Moon_ICRF_4h.csv"


@pytest.mark.slow
@pytest.mark.parametrize(("degree", "allowed_m", "frozen_m"), [(100, 0.40, 0.352), (150, 0.30, 0.258)])
def test_two_hours_of_lro(degree: int, allowed_m: float, frozen_m: float) -> None:
    if not ORBIT.is_file():
        pytest.skip("the reconstructed orbit of LRO is not on this machine")
    sys.path.insert(0, str(ROOT))
    from validation.lro import fit

    rms_m, _ = fit.fit(fit.read(ORBIT), degree)
    assert rms_m <= allowed_m
    assert rms_m == pytest.approx(frozen_m, abs=0.001)
