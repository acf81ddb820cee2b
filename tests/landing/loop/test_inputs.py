"""What differs from run to run: each value by its name alone."""

from __future__ import annotations

import numpy as np
import pytest

from perilune.errors import InputError, NameNotFoundError
from perilune.landing.loop.inputs import VEHICLE, Dispersion, draw, resized


def test_a_value_hangs_on_seed_run_and_name_alone():
    whole = dict(zip([one.name for one in VEHICLE], draw(VEHICLE, 3, 17), strict=True))
    some = VEHICLE[7:2:-1]
    assert [whole[one.name] for one in some] == draw(some, 3, 17).tolist()


def test_other_seeds_and_runs_give_other_values():
    first = draw(VEHICLE[:-1], 3, 17)
    assert (first != draw(VEHICLE[:-1], 4, 17)).all()
    assert (first != draw(VEHICLE[:-1], 3, 18)).all()


def test_values_have_the_spread_and_the_mean_that_were_asked_for():
    normal = Dispersion("a", "normal", 2.0, "m", mean=5.0)
    uniform = Dispersion("b", "uniform", 150.0, "m", mean=1850.0)
    values = np.array([draw((normal, uniform), 0, run) for run in range(4000)])
    assert values[:, 0].mean() == pytest.approx(5.0, abs=4 * 2.0 / 4000**0.5)
    assert values[:, 0].std() == pytest.approx(2.0, rel=0.05)
    assert 1700.0 <= values[:, 1].min() < 1701.0
    assert 1999.0 < values[:, 1].max() <= 2000.0


def test_a_size_of_one_s_own_leaves_the_others():
    mine = resized(VEHICLE, {"mass": 0.01}, {"altitude_error": 1850.0})
    by_name = {one.name: one for one in mine}
    assert by_name["mass"].size == 0.01
    assert by_name["altitude_error"].mean == 1850.0
    assert by_name["main_thrust"] == next(one for one in VEHICLE if one.name == "main_thrust")


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(NameNotFoundError, match=r"No dispersion 'main_trust'. Did you mean 'main_thrust'\?"):
        resized(VEHICLE, {"main_trust": 0.1})


@pytest.mark.parametrize("size", [-1.0, float("nan"), float("inf")])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(InputError, match=r"is no size\. Give zero or more"):
        Dispersion("mass", "normal", size, "1")
