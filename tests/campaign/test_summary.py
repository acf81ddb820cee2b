"""What rows say, on rows whose law is known."""

import numpy as np
import pytest
from toy_case import ToyCase

from perilune.campaign.case import Arm
from perilune.campaign.compare import compared, success_map
from perilune.campaign.consistency import epochs
from perilune.campaign.run import fly_campaign
from perilune.campaign.summary import summary
from perilune.campaign.ways import Serial


def flown(*arms, runs=400):
    return fly_campaign(arms, seed=2, runs=runs, way=Serial()).arms


@pytest.fixture(scope="module")
def told():
    return summary(flown(Arm(ToyCase(), "latch"))[0], command="perilune land m.toml --seed 2")


def test_success_is_that_of_the_law(told):
    """|normal| < 1.5 happens in 86.64 % of cases."""
    low, high = told["interval_95"]
    assert low < 0.8664 < high
    assert told["outcomes"]["crashed"] == 400 - told["successes"]
    assert told["failure_tree"] == {"crashed": {"altimeter rejected": 400 - told["successes"]}}


def test_success_hangs_on_the_input_it_hangs_on(told):
    first, *others = told["sensitivity"]
    assert (first["input"], first["significant"]) == ("bias", True)
    assert first["spread"] < -0.9  # it is the size of the bias that hurts
    assert abs(first["shift"]) < 0.3
    assert first["fifths"][0] < 0.7 < 0.99 < first["fifths"][2]
    assert not any(entry["significant"] for entry in others)


def test_speed_follows_the_input_that_drives_it(told):
    assert [entry["input"] for entry in told["drivers"]["vertical_m_s"]] == ["scale"]
    assert told["drivers"]["vertical_m_s"][0]["rho"] == pytest.approx(1.0)
    assert [entry["input"] for entry in told["drivers"]["propellant_kg"]] == ["idle"]
    assert told["drivers"]["miss_m"] == []


def test_the_footprint_is_that_of_the_law(told):
    ellipse = told["footprint"]["ellipse_99"]
    assert ellipse["semi_major_m"] == pytest.approx(30 * 3.0349, rel=0.1)
    assert ellipse["semi_minor_m"] == pytest.approx(10 * 3.0349, rel=0.1)
    assert ellipse["downrange_m"] == pytest.approx(5.0, abs=5.0)
    assert ellipse["holds"] > 0.97
    assert told["footprint"]["cep_m"] < told["footprint"]["radius_99_m"]


def test_the_worst_runs_come_with_their_command(told):
    worst = told["worst"]
    assert [run["outcome"] for run in worst] == ["crashed"] * 5
    assert worst[0]["vertical_m_s"] == max(run["vertical_m_s"] for run in worst)
    assert worst[0]["command"] == f"perilune land m.toml --seed 2 --run {worst[0]['run']}"


def test_rows_without_a_landing_have_a_summary_too():
    told = summary(flown(Arm(ToyCase(limit=0.0), "latch"), runs=20)[0])
    assert told["success_probability"] == 0.0
    assert told["percentiles"] == {}
    assert told["footprint"]["cep_m"] is None
    assert told["footprint"]["all_cep_m"] > 0
    assert told["drivers"] == {}
    assert told["worst"][0]["command"] == ""


def test_one_run_has_a_summary():
    told = summary(flown(Arm(ToyCase(limit=9.0), "latch"), runs=1)[0])
    assert told["successes"] == 1
    assert told["sensitivity"] == []
    assert told["interval_95"] == pytest.approx([0.025, 1.0])


def test_policies_are_compared_in_pairs():
    """A policy with a wider limit lands whatever the narrower one lands."""
    pair = compared(flown(Arm(ToyCase(limit=1.0), "a"), Arm(ToyCase(limit=2.0), "b")))[0]
    assert pair["only_first"] == 0
    assert pair["both"] + pair["only_second"] + pair["neither"] == 400
    assert pair["p_value"] == pytest.approx(2.0 * 0.5 ** pair["only_second"])


def test_a_success_map_has_the_sweeps_axes():
    arms = [
        Arm(ToyCase(limit=limit), "a", point=(("limit", limit), ("idle", float(idle))))
        for limit in (0.5, 1.0, 2.0)
        for idle in (0, 1)
    ]
    found = success_map(flown(*arms, runs=50))
    assert found["values"] == [[0.5, 1.0, 2.0], [0.0, 1.0]]
    shares = np.array(found["success_probability"])
    assert shares.shape == (3, 2)
    np.testing.assert_array_equal(shares[:, 0], shares[:, 1])
    assert (np.diff(shares[:, 0]) > 0).all()


def test_average_nees_of_a_consistent_filter_lies_in_its_bounds():
    rng = np.random.default_rng(8)
    series = rng.chisquare(9, size=(100, 400))
    series[80:, 380:] = np.nan  # some runs are over
    series[:20, 100:] = np.nan
    found = epochs(series)
    series[:, :] = 1.5 * rng.chisquare(9, size=series.shape)
    assert found["epochs"] == 400
    assert found["inside"] == pytest.approx(0.95, abs=0.035)
    assert epochs(series)["above"] > 0.99


def test_epochs_that_few_runs_reach_are_left_out():
    series = np.full((10, 3), 9.0)
    series[5:, 2] = np.nan
    assert epochs(series)["epochs"] == 2
    assert epochs(series[:, :2])["mean"] == [1.0, 1.0]


def test_runs_that_ended_otherwise_are_named(told):
    assert len(told["outcome_runs"]["landed"]) == 20
    crashed = told["outcome_runs"]["crashed"]
    assert crashed == sorted(crashed)
    assert set(told["outcome_runs"]) == {"landed", "crashed"}


def test_figures_of_all_runs_tell_the_story(told):
    assert told["percentiles_all"]["vertical_m_s"]["p99"] > 40.0 > told["percentiles"]["vertical_m_s"]["p99"]
    assert "free_fall_s" not in told["percentiles_all"]  # no run has one
