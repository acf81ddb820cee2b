"""Statistics against published tables and against scipy.stats, which is written by others."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.campaign import statistics as ours


@pytest.mark.parametrize(
    ("successes", "runs", "low", "high"),
    [
        # E. S. Pearson and H. O. Hartley, Biometrika Tables for Statisticians, vol. 1, table 41 (95 %).
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (3, 30, 0.0211, 0.2653),
    ],
)
def test_clopper_pearson_is_the_published_table(successes, runs, low, high):
    assert ours.clopper_pearson(successes, runs) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("probability", "failures", "runs"),
    [
        (0.99, 0, 230),
        (0.99, 1, 388),
        (0.9973, 0, 852),
        (0.9973, 1, 1440),
        (0.99865, 0, 1705),
        (0.99865, 1, 2880),
    ],
)
def test_the_runs_that_show_a_probability(probability, failures, runs):
    """The well-known numbers of runs for 90 % confidence, one-sided; one run fewer does not show it."""
    assert ours.clopper_pearson(runs - failures, runs, 0.8)[0] >= probability
    assert ours.clopper_pearson(runs - 1 - failures, runs - 1, 0.8)[0] < probability


@given(st.integers(1, 3000), st.data(), st.floats(0.5, 0.999))
def test_clopper_pearson_is_scipys(runs, data, confidence):
    successes = data.draw(st.integers(0, runs))
    exact = stats.binomtest(successes, runs).proportion_ci(confidence, method="exact")
    assert ours.clopper_pearson(successes, runs, confidence) == pytest.approx(
        (exact.low, exact.high), abs=1e-12
    )


def test_clopper_pearson_refuses_what_is_no_count():
    with pytest.raises(ValueError, match="5 successes of 4 runs"):
        ours.clopper_pearson(5, 4)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_is_the_binomial_test_of_the_pairs_that_differ(first, second):
    expected = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert ours.mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("freedom", "count", "low", "high"),
    # Chi-square quantiles at 2.5 and 97.5 % over the count: 100 degrees 74.222 and 129.561, 50 degrees
    # 32.357 and 71.420 (Abramowitz and Stegun, table 26.8).
    [(1, 100, 0.74222, 1.29561), (1, 50, 0.64714, 1.42840), (2, 50, 1.48443, 2.59122)],
)
def test_bounds_of_a_chi_square_mean_are_the_published_quantiles(freedom, count, low, high):
    assert ours.chi_square_mean_bounds(freedom, count) == pytest.approx((low, high), abs=2e-5)


@given(st.lists(st.integers(0, 12), min_size=8, max_size=60), st.integers(1, 2**31))
def test_rank_tests_are_scipys(values, seed):
    rng = np.random.default_rng(seed)
    x, group = np.array(values, dtype=float), rng.random(len(values)) < 0.4
    if not group.any() or group.all() or np.ptp(x) == 0:
        return
    theirs = stats.mannwhitneyu(x[group], x[~group], method="asymptotic")
    found = ours.rank_biserial(x, group)
    assert found.effect_ratio == pytest.approx(
        2 * theirs.statistic / (group.sum() * (~group).sum()) - 1, abs=1e-12
    )
    assert found.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
    y = x + rng.normal(size=len(x))
    rho = stats.spearmanr(x, y)
    assert ours.spearman(x, y) == pytest.approx((rho.statistic, rho.pvalue), abs=1e-9)


def test_rank_tests_of_what_does_not_vary_say_nothing():
    flat, group = np.zeros(20), np.arange(20) < 5
    assert ours.rank_biserial(flat, group) == (0.0, 1.0)
    assert ours.rank_biserial(np.arange(20.0), np.zeros(20, dtype=bool)) == (0.0, 1.0)
    assert ours.spearman(flat, np.arange(20.0)) == (0.0, 1.0)
    assert ours.spearman(np.arange(5.0), np.arange(5.0)) == (1.0, 0.0)


def test_holm_keeps_the_family_wise_level():
    """Holm 1979: adjusted values of (0.01, 0.02, 0.03, 0.04) are all 0.04 or more, never decreasing."""
    assert ours.holm([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert ours.holm([0.5, 0.9]) == [1.0, 1.0]
    assert ours.holm([]) == []


def test_the_ellipse_holds_the_next_point_as_often_as_it_says():
    rng = np.random.default_rng(4)
    turn = math.radians(30.0)
    c, s = math.cos(turn), math.sin(turn)
    inside = []
    for _ in range(4000):
        along, across = 30.0 * rng.normal(size=13), 10.0 * rng.normal(size=13)
        first, second = 5.0 + c * along - s * across, -3.0 + s * along + c * across
        ellipse = ours.prediction_ellipse(first[:12], second[:12], 0.95)
        inside.append(ellipse.holds(first[12:], second[12:])[0])
    assert ours.clopper_pearson(sum(inside), len(inside), 0.999)[0] < 0.95
    assert ours.clopper_pearson(sum(inside), len(inside), 0.999)[1] > 0.95


def test_the_ellipse_of_many_points_is_the_normal_laws():
    rng = np.random.default_rng(5)
    along, across = 30.0 * rng.normal(size=200_000), 10.0 * rng.normal(size=200_000)
    c, s = math.cos(0.4), math.sin(0.4)
    ellipse = ours.prediction_ellipse(c * along - s * across, s * along + c * across, 0.99)
    size = math.sqrt(9.21034)  # the 99 % point of chi-square with two degrees of freedom
    assert ellipse.semi_major_m == pytest.approx(30.0 * size, rel=0.01)
    assert ellipse.semi_minor_m == pytest.approx(10.0 * size, rel=0.01)
    assert ellipse.angle_rad == pytest.approx(0.4, abs=0.01)
    assert ours.prediction_ellipse(along[:2], across[:2]) is None


def test_an_ellipse_of_points_on_a_line_has_no_width():
    x = np.arange(10.0)
    ellipse = ours.prediction_ellipse(x, 2 * x)
    assert ellipse.semi_minor_m == pytest.approx(0.0, abs=1e-6)
    assert ellipse.angle_rad == pytest.approx(math.atan(2.0))
