import json

import numpy as np

from perilune.epoch import Epoch
from perilune.exchange.open_mct import dictionary, history
from perilune.exchange.space_packet import Field, PacketKind

KIND = PacketKind(
    "nav",
    1,
    "",
    (Field("height_m", "float32", "m", "height"), Field("phase", "uint8", "", "phase", ("a", "b"))),
)


def test_each_field_is_a_point_with_its_unit_or_its_words():
    told = dictionary([KIND], name="Mission 1", key="m1")
    height, phase = told["measurements"]
    assert height["key"] == "nav.height_m"
    assert height["values"][0] == {
        "key": "value", "name": "height", "hints": {"range": 1}, "format": "float", "units": "m",
    }  # fmt: skip
    assert phase["values"][0]["enumerations"] == [{"value": 0, "string": "a"}, {"value": 1, "string": "b"}]
    assert all(point["values"][1]["hints"] == {"domain": 1} for point in told["measurements"])
    assert json.loads(json.dumps(told)) == told


def test_history_is_in_unix_milliseconds_without_gaps_of_no_number():
    base = Epoch.utc("2025-06-05T19:15:00.250")
    told = history(
        KIND, base, np.array([0.0, 0.1, 0.2]), {"height_m": [1.0, np.nan, 3.0], "phase": [0, 0, 1]}
    )
    start = 1749150900250  # date -u -d 2025-06-05T19:15:00 +%s, and 250 ms
    assert told["nav.height_m"] == [[start, 1.0], [start + 200, 3.0]]
    assert len(told["nav.phase"]) == 3
