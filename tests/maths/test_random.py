"""Random streams: their law, and that nothing but seed, run and name decides a value."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from perilune.maths import _kernels_random as kernels
from perilune.maths.random import stream_key, streams

COUNT = 2_000_000
WORDS = st.integers(min_value=0, max_value=2**64 - 1)


@pytest.fixture(scope="module")
def normals() -> np.ndarray:
    out = np.empty(COUNT)
    kernels.fill_normal(streams(11, 3, ["moments"]), 0, out)
    return out


def test_mix_is_the_finaliser_of_splitmix64() -> None:
    # First words of SplitMix64 from state 0, as its authors' C program prints them.
    odd = 0x9E3779B97F4A7C15
    words = [int(kernels.mix(np.uint64(odd * n % 2**64))) for n in (1, 2, 3)]
    assert words == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_normal_has_the_moments_of_the_law(normals: np.ndarray) -> None:
    for power, expected, variance in ((1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)):
        assert abs((normals**power).mean() - expected) < 4.0 * math.sqrt(variance / COUNT), power


def test_normal_has_the_distribution_of_the_law(normals: np.ndarray) -> None:
    assert stats.kstest(normals, "norm").pvalue > 1e-3


@pytest.mark.parametrize("edge", [2.0, 3.0, 3.654, 4.0, 4.5])
def test_normal_has_the_tails_of_the_law(normals: np.ndarray, edge: float) -> None:
    for count in ((normals > edge).sum(), (normals < -edge).sum()):
        expected = stats.norm.sf(edge) * COUNT
        assert abs(count - expected) < 4.5 * math.sqrt(expected) + 1.0


def test_ziggurat_layers_have_equal_areas() -> None:
    edges, heights = kernels._EDGES, kernels._HEIGHTS
    areas = edges[1:-1] * (heights[2:] - heights[1:-1])
    assert areas == pytest.approx(kernels._AREA, rel=1e-9)
    base = edges[1] * heights[1] + math.sqrt(2.0 * math.pi) * stats.norm.sf(edges[1])
    assert base == pytest.approx(kernels._AREA, rel=1e-9)


def test_uniform_fills_its_interval() -> None:
    out = np.empty(COUNT)
    kernels.fill_uniform(streams(5, 0, ["u"]), 0, out)
    assert out.min() >= 0.0
    assert out.max() < 1.0
    assert stats.kstest(out, "uniform").pvalue > 1e-3
    counts = np.histogram(out, bins=1000, range=(0.0, 1.0))[0]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_values_of_one_stream_do_not_know_their_neighbours(normals: np.ndarray) -> None:
    for lag in (1, 2, 3, 64):
        both = np.mean(normals[:-lag] * normals[lag:])
        assert abs(both) < 4.5 / math.sqrt(COUNT), lag
        squares = np.mean((normals[:-lag] ** 2 - 1.0) * (normals[lag:] ** 2 - 1.0)) / 2.0
        assert abs(squares) < 4.5 / math.sqrt(COUNT), lag


def test_streams_of_other_names_runs_and_seeds_are_independent() -> None:
    count = 200_000
    rows = [
        streams(seed, run, [name])
        for seed, run, name in itertools.product((0, 1), (0, 1, 2), ("laser", "imu"))
    ]
    values = np.empty((len(rows), count))
    for row, out in zip(rows, values, strict=True):
        kernels.fill_normal(row, 0, out)
    correlation = np.corrcoef(values) - np.eye(len(rows))
    assert np.abs(correlation).max() < 5.0 / math.sqrt(count)


def test_first_values_over_runs_follow_the_law() -> None:
    out = np.array([kernels.normal(streams(2, run, ["bias"]), 0) for run in range(4000)])
    assert stats.kstest(out, "norm").pvalue > 1e-3


def test_hashed_values_over_runs_follow_the_law() -> None:
    key = np.uint64(stream_key("bias"))
    out = np.array([kernels.hashed_normal(np.uint64(9), np.uint64(run), key) for run in range(20_000)])
    assert stats.kstest(out, "norm").pvalue > 1e-3
    flat = np.array([kernels.hashed_uniform(np.uint64(9), np.uint64(run), key) for run in range(20_000)])
    assert stats.kstest(flat, "uniform").pvalue > 1e-3


def test_hashed_many_is_the_single_values() -> None:
    keys = np.array([stream_key(name) for name in ("a", "b")], dtype=np.uint64)
    out = np.empty(2)
    kernels.hashed_many(np.uint64(1), np.uint64(2), keys, np.array([True, False]), out)
    assert out[0] == kernels.hashed_normal(np.uint64(1), np.uint64(2), keys[0])
    assert out[1] == 2.0 * kernels.hashed_uniform(np.uint64(1), np.uint64(2), keys[1]) - 1.0


@given(WORDS, WORDS, WORDS)
def test_swapped_seed_and_run_give_other_keys(seed: int, run: int, key: int) -> None:
    words = np.array([seed, run, key], dtype=np.uint64)
    one = kernels.combined(words[0], words[1], words[2])
    if seed != run:
        assert one != kernels.combined(words[1], words[0], words[2])
    if run != key:
        assert one != kernels.combined(words[0], words[2], words[1])


@given(st.integers(0, 2**63), st.integers(0, 10**6), st.permutations(["imu", "laser", "radar", "map"]))
def test_a_stream_does_not_depend_on_its_neighbours(seed: int, run: int, names: list[str]) -> None:
    rows = streams(seed, run, names)
    for name, row in zip(names, rows, strict=True):
        assert np.array_equal(row, streams(seed, run, [name])[0])


def test_the_order_of_calls_between_streams_changes_nothing() -> None:
    first, second = streams(1, 1, ["a", "b"]), streams(1, 1, ["a", "b"])
    a1 = [kernels.normal(first, 0) for _ in range(100)]
    b1 = [kernels.normal(first, 1) for _ in range(100)]
    mixed = [(kernels.normal(second, 1), kernels.normal(second, 0)) for _ in range(100)]
    assert [a for _, a in mixed] == a1
    assert [b for b, _ in mixed] == b1


def test_a_sample_draws_the_same_whatever_came_before() -> None:
    rows = streams(1, 1, ["a"])
    kernels.at_sample(rows, 0, 40)
    alone = kernels.normal(rows, 0)
    for _ in range(7):
        kernels.uniform(rows, 0)
    kernels.at_sample(rows, 0, 40)
    assert kernels.normal(rows, 0) == alone


def test_negative_and_huge_seeds_are_taken_as_words() -> None:
    assert np.array_equal(streams(-1, 0, ["a"]), streams(2**64 - 1, 0, ["a"]))
