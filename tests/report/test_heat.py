import xml.etree.ElementTree as ET

from perilune.report.heat import colour, heat


def test_the_picture_is_whole_and_names_all():
    drawn = heat(
        "a & b", {"none": {"latch": 1.0, "voting": 0.5}, "tie <1>": {"voting": 0.0}}, ["latch", "voting"], ""
    )
    root = ET.fromstring(drawn)
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["latch", "voting", "none", "100\u00a0%", "50\u00a0%", "tie <1>", "0\u00a0%"]
    marks = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text") if one.get("class") == "mark"]
    assert marks == ["100\u00a0%"]  # nothing is best where nothing lands
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) == 3


def test_colours_go_from_red_over_amber_to_green():
    found = [tuple(map(int, colour(share)[5:].split(",")[:3])) for share in (0.0, 0.5, 1.0)]
    assert found == [(190, 50, 45), (205, 160, 35), (31, 140, 80)]
    assert colour(0.4999999) == colour(0.5)
