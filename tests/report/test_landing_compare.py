import re

from pages import parsed
from replays import replay

from perilune.report.landing_compare import compared_errors, compared_heights, render_compared
from perilune.report.landing_story import story

BOTH = [replay("latch"), replay("reacquire")]


def test_the_page_tells_each_policys_story():
    page = render_compared(BOTH)
    assert parsed(page).links == []
    text = " ".join(parsed(page).text)
    for one in BOTH:
        assert story(one) in text
    assert not re.search(r"\b(nan|inf|None)\b", page)


def test_figures_stand_in_columns_and_what_did_not_happen_is_a_dash():
    page = render_compared(BOTH)
    fall = re.search(r"<td>free fall</td>(.*?)</tr>", page)[1]
    assert re.findall(r">([^<>]+)</td>", fall) == ["72.00\u00a0s", "\u2013"]


def test_each_policy_has_one_key():
    lines = compared_heights(BOTH).lines
    assert [line.label for line in lines] == ["latch", "", "reacquire", ""]
    assert len(compared_errors(BOTH).lines) == 2
