"""The lunar field: the known low harmonics, and degrees that can not be had."""

from __future__ import annotations

import math

import pytest

from perilune.errors import InputError
from perilune.world.gravity import LUNAR_DEGREE_MAX, grgm1200a


def test_known_harmonics() -> None:
    field = grgm1200a(3)
    # J2M and C22M of DE440's header, which come from another GRAIL field (and carry their own tide).
    assert field.c[3] * -math.sqrt(5.0) == pytest.approx(2.03214360135e-4, rel=1e-4)
    assert field.c[5] * math.sqrt(5.0 / 12.0) == pytest.approx(2.2380845245752079e-5, rel=1e-3)
    assert (field.c[0], field.c[1], field.s[1]) == (1.0, 0.0, 0.0)
    assert (field.gm_m3_s2, field.radius_m, field.degree, field.c.size) == (4902.80011526323e9, 1738e3, 3, 10)


def test_a_cut_field_is_the_start_of_the_whole() -> None:
    whole, cut = grgm1200a(), grgm1200a(50)
    assert whole.degree == LUNAR_DEGREE_MAX
    assert (whole.c[: cut.c.size] == cut.c).all()
    assert grgm1200a(50) is cut


@pytest.mark.parametrize("degree", [-1, 201])
def test_a_degree_that_is_not_there(degree: int) -> None:
    with pytest.raises(
        InputError, match=f"No lunar field of degree {degree}. Ask for a degree from 0 to 200"
    ):
        grgm1200a(degree)
