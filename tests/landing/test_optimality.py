"""What guided descents cost over the least: the figures of the validation page."""

from __future__ import annotations

import pytest

from validation.optimum import figures


@pytest.mark.parametrize("name", figures.LANDERS)
def test_braking_and_approach_cost_at_most_5_percent_over_the_least(name: str) -> None:
    found = figures.cost(name)
    assert 1.0 < found.share < 1.05
    # Ours, frozen: 2.5 to 2.6 %, and 4.2 % with the terminal descent.
    assert found.share == pytest.approx(1.0255, abs=0.002)
    assert found.whole / found.least == pytest.approx(1.042, abs=0.002)
    assert 25.0 < found.terminal < 35.0
