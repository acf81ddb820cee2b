import re

import numpy as np
import pytest
from campaigns import EPOCHS, NAMES, SITE, arm
from pages import parsed

from perilune.report.campaign_charts import consistency_in_time, footprint_relief
from perilune.report.campaign_page import CampaignShown, render_campaign
from perilune.report.campaign_tables import fault_table, percent

POLICIES, FAULTS = ("latch", "reacquire"), ("none", "terrain_step", "altimeter_stuck")


def arms():
    share = {("latch", "terrain_step"): 0.9, ("reacquire", "altimeter_stuck"): 0.3}
    return tuple(
        arm(policy, fault, failing=share.get((policy, fault), 0.02), runs=100)
        for policy in POLICIES
        for fault in FAULTS
    )


@pytest.fixture(scope="module")
def shown():
    flat = footprint_relief(arms()[:1], *SITE, lambda directions: 100.0 * directions[:, 0])
    pair = {"first": "latch", "second": "reacquire", "both": 90, "only_first": 1, "only_second": 7,
            "neither": 2, "p_value": 0.07}  # fmt: skip
    sweep = {"names": ["gate", "rate"], "values": [[1.0, 2.0], [0.1, 0.2]], "runs": 50,
             "success_probability": [[0.5, 0.6], [1.0, None]]}  # fmt: skip
    return CampaignShown(
        "Mission 3", arms(), 5, (pair,), {"latch": sweep}, flat, {"vertical_m_s": 2.0}, ("a note",)
    )


@pytest.fixture(scope="module")
def page(shown):
    return render_campaign(shown)


def test_the_page_is_whole_and_needs_nothing_else(page):
    assert parsed(page).links == []
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r"base64,[^\"]*", "", page))


def test_success_stands_with_its_interval(page):
    text = " ".join(parsed(page).text)
    assert "98.0\u00a0%" in text
    assert "600 landings, seed 5" in text
    told = arms()[0].told
    assert percent(told["interval_95"][0]) in text


def test_policy_and_fault_stand_in_one_table(page):
    heat = page[page.index("Policy and fault") : page.index("Success map")]
    assert heat.count("<tr>") == 1 + len(FAULTS)
    assert re.search(r"altimeter stuck</td><td[^>]*><b>98\.0\u00a0%</b></td><td[^>]*>70\.0\u00a0%", heat)
    policies, faults, found = fault_table(arms())
    assert (tuple(policies), tuple(faults)) == (POLICIES, FAULTS)
    assert len(found) == 6


def test_each_policy_is_told_whole(page):
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    for policy in POLICIES:
        for name in ("Footprint", "Touchdown speed, down", "Tilt", "Propellant left", "Miss distance"):
            assert f"{name} ({policy})" in captions
    text = " ".join(parsed(page).text)
    assert "altimeter isolated" in text
    assert "knowledge up" in text
    assert "perilune land missions/m3.toml --policy latch --seed 5 --run " in text


def test_the_sweep_is_a_map(page):
    heat = page[page.index("Success map") : page.index("Policies on the same seeds")]
    assert re.findall(r"<td class=\"n\"[^>]*>([^<]*)</td>", heat) == [
        "50.0\u00a0%", "60.0\u00a0%", "100\u00a0%", "\u2013",
    ]  # fmt: skip


def test_the_footprint_holds_its_ellipse_and_circle(page):
    legend = page[page.index("Footprint (latch)") :]
    assert re.search(r"CEP \d+ m", legend)
    assert "99 % ellipse" in legend


def test_a_campaign_where_nothing_landed_or_nothing_failed_is_told_too():
    for failing in (0.0, 1.0):
        one = arm("voting", failing=failing, runs=50)
        if failing:
            one.rows[:, NAMES.index("outcome")] = 2.0
        page = render_campaign(CampaignShown("Mission 3", (one,)))
        parsed(page)
        assert ("Miss distance (voting, all runs)" in page) == bool(failing)
        assert not re.search(r"\b(nan|inf|None)\b", page)


def test_the_map_is_wide_enough_for_the_landed_runs():
    one = arm(runs=300)
    relief = footprint_relief([one], *SITE, lambda directions: np.zeros(len(directions)))
    miss = one.column("miss_m")[one.landed]
    assert -relief.x_low_m > np.quantile(miss, 0.99)


def test_a_filter_that_is_right_stays_inside_its_bounds():
    chart = consistency_in_time(arm(runs=400, seed=8))
    inside, epochs = re.search(r"at (\d+) % of (\d+) epochs", chart.x_label).groups()
    assert int(epochs) == 30
    assert int(inside) >= 83  # 25 of 30: less has a probability of 0.3 % at 95 % each
    wrong = arm(runs=400, seed=8)
    wrong.rows[:, [NAMES.index(name) for name in EPOCHS]] *= 2.0
    assert "at 0 % of 30" in consistency_in_time(wrong).x_label
    ended = arm(runs=400, seed=8)
    ended.rows[:, NAMES.index(EPOCHS[-1])] = np.nan
    assert "of 29 epochs" in consistency_in_time(ended).x_label
