import importlib.util
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module")
def landed():
    sys.path.insert(0, str(TOOLS))
    try:
        spec = importlib.util.spec_from_file_location("landed", TOOLS / "landed.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(TOOLS))
    return module


def test_a_picture_carries_its_story(landed):
    from replays import replay

    drawn = landed.picture(replay())
    assert landed.told(drawn) == landed.words(replay())
    assert landed.same(landed.told(drawn), landed.words(replay()))
    assert not landed.same(landed.told(drawn), landed.words(replay("reacquire")))
    assert ".dots" in drawn
    assert "@media (prefers" in drawn


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("at 414 s", "at 418 s", True),
        ("at 414 s", "at 480 s", False),
        ("1.2 m/s down", "1.3 m/s down", True),
        ("1.2 m/s down", "1.5 m/s down", False),
        ("2\u202f050 m", "2\u202f060 m", True),
        ("it landed at 1 m/s", "it crashed at 1 m/s", False),
    ],
)
def test_stories_are_compared_by_words_and_to_two_per_cent(landed, ours, theirs, alike):
    assert landed.same(ours, theirs) is alike


def test_the_pictures_are_there(landed):
    for name, file, policy in landed.SHOWN:
        text = (landed.IMAGES / f"{name}.svg").read_text(encoding="utf-8")
        assert landed.told(text).startswith(f"Policy {policy}, seed 0, run 0. ")
        assert (landed.ROOT / "missions" / file).exists()


def test_faults_are_drawn_from_what_was_kept(landed):
    landed_marks = {
        "none": {"latch": "1111", "voting": "1110"},
        "altimeter_stuck": {"latch": "0000", "voting": "1011"},
    }
    kept = {"runs": 4, landed.TABLE: landed_marks}
    drawn = landed.faults(kept)
    assert drawn.count("<rect") == 4
    assert "altimeter stuck" in drawn
    assert '<text class="mark" x="286" y="50.5" text-anchor="middle">100\u00a0%' in drawn
    assert "75\u00a0%" in drawn
