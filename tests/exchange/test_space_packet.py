import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import Epoch
from perilune.errors import InputError
from perilune.exchange.packet_reader import Database, split
from perilune.exchange.space_packet import Field, PacketKind, packets, stream, tai
from perilune.exchange.xtce import xtce

BASE = Epoch.utc("2025-06-05T19:15:00")
NAV = PacketKind(
    "nav",
    0x123,
    "estimate",
    (
        Field("x_m", "float64", "m", "position"),
        Field("height_m", "float32", "m"),
        Field("phase", "uint8", "", "phase", ("coast", "braking", "landed")),
        Field("count", "uint16"),
        Field("ticks", "uint32"),
    ),
)
OTHER = PacketKind("engine", 0x124, "engine", (Field("throttle", "float32"),))


def text(*kinds):
    return xtce(kinds, name="lander", version="1", date="2026-01-01")


def test_the_header_is_that_of_the_standard():
    made = packets(NAV, BASE, [0.0, 0.5], {"x_m": [1.0, 2.0], "height_m": [3.0, 4.0], "phase": [1, 2],
                                           "count": [5, 6], "ticks": [7, 2**32 - 1]})  # fmt: skip
    first, second = split(stream([made]))
    packet_id, sequence, length = struct.unpack(">HHH", first[:6])
    assert packet_id == 0b000_0_1_00100100011  # version, telemetry, secondary header, APID
    assert sequence == 0b11 << 14
    assert struct.unpack(">H", second[2:4])[0] == (0b11 << 14) + 1
    assert length == len(first) - 7
    assert first[6] == 0x1F
    # 2025-06-05T19:15:00 UTC is 19:15:37 TAI; by days since 1958.
    days = (np.datetime64("2025-06-05") - np.datetime64("1958-01-01")).astype(int)
    assert struct.unpack(">I", first[7:11])[0] == days * 86400 + 19 * 3600 + 15 * 60 + 37
    assert second[11:14] == b"\x80\x00\x00"
    assert first[14:] == struct.pack(">dfBHI", 1.0, 3.0, 1, 5, 7)


def test_counts_start_again_after_16384():
    made = packets(OTHER, BASE, np.arange(16386.0), {"throttle": np.zeros(16386)})
    assert made.octets["sequence"][16383] & 0x3FFF == 16383
    assert made.octets["sequence"][16384] & 0x3FFF == 0


@given(
    st.lists(
        st.tuples(st.floats(0.0, 5000.0), st.floats(-1e9, 1e9), st.integers(0, 2)), min_size=1, max_size=9
    )
)
def test_a_reader_with_the_description_alone_gets_the_numbers_back(rows):
    time_s, x, phase = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    values = {"x_m": x, "height_m": x, "phase": phase, "count": phase, "ticks": phase}
    order = np.argsort(time_s, kind="stable")
    data = stream(
        [packets(NAV, BASE, time_s, values), packets(OTHER, BASE, time_s[:1], {"throttle": [0.25]})]
    )
    found = Database(text(NAV, OTHER)).read(data)
    assert np.array_equal(found["nav"]["nav_x_m"], x[order])
    assert np.array_equal(found["nav"]["nav_height_m"], x[order].astype(np.float32))
    assert [NAV.fields[2].names.index(word) for word in found["nav"]["nav_phase"]] == phase[order].tolist()
    assert found["engine"]["engine_throttle"].tolist() == [0.25]
    start = tai(BASE, np.zeros(1))[0][0]
    assert np.allclose(found["nav"]["Time"] - start, time_s[order], atol=1e-6)


def test_packets_of_all_kinds_are_sent_in_order_of_time():
    other = packets(OTHER, BASE, [0.25, 0.75], {"throttle": [0.0, 1.0]})
    same = packets(PacketKind("late", 1, "", ()), BASE, [0.0, 0.5, 1.0], {})
    times = [
        struct.unpack(">I", octets[7:11])[0] + octets[11] / 256.0 for octets in split(stream([same, other]))
    ]
    assert np.diff(times).tolist() == [0.25] * 4


def test_what_a_field_can_not_hold_is_told():
    one = {"x_m": [0.0], "height_m": [0.0], "phase": [3], "count": [0], "ticks": [0]}
    with pytest.raises(InputError, match="packet nav: phase holds 0 to 2, given 0 to 3"):
        packets(NAV, BASE, [0.0], one)
    with pytest.raises(InputError, match="count holds 0 to 65535, given 0 to 65536"):
        packets(NAV, BASE, [0.0], one | {"phase": [0], "count": [65536]})
    with pytest.raises(InputError, match="APID 2047 is not from 0 to 2046"):
        PacketKind("idle", 2047, "", ())
    with pytest.raises(InputError, match="no field is of kind 'int3'; there are uint8, uint16"):
        PacketKind("nav", 1, "", (Field("x", "int3"),))


def test_a_torn_stream_and_a_foreign_packet_are_told():
    data = stream([packets(OTHER, BASE, [0.0], {"throttle": [1.0]})])
    with pytest.raises(InputError, match="ends inside a packet that begins at octet 0"):
        list(split(data[:-1]))
    with pytest.raises(InputError, match="ends inside a header, after 3 octets"):
        list(split(data[:3]))
    with pytest.raises(InputError, match="holds 32 bits more than CcsdsHeader"):
        Database(text(NAV)).packet(data)
    with pytest.raises(InputError, match="too short for nav"):
        Database(text(NAV)).packet(stream([packets(PacketKind("nav", 0x123, "", ()), BASE, [0.0], {})]))


def test_text_that_is_no_database_is_told():
    with pytest.raises(InputError, match="can not be read"):
        Database("<open>")
    with pytest.raises(InputError, match=r"is no XTCE 1\.2 database"):
        Database("<SpaceSystem/>")


def test_the_database_keeps_to_the_schema(tmp_path):
    """The XTCE 1.2 schema of OMG (20180204), which space_packet_parser carries."""
    validation = pytest.importorskip(
        "space_packet_parser.xtce.validation", reason="space_packet_parser is not installed"
    )
    path = tmp_path / "packets.xml"
    path.write_text(text(NAV, OTHER), encoding="utf-8")
    found = validation.validate_xtce(path, level="all")
    assert found.valid, found.errors


def test_another_reader_gets_the_same_numbers(tmp_path):
    parser = pytest.importorskip("space_packet_parser", reason="space_packet_parser is not installed")
    path = tmp_path / "packets.xml"
    path.write_text(text(NAV, OTHER), encoding="utf-8")
    values = {
        "x_m": [1.5, -2.25],
        "height_m": [0.1, 1e6],
        "phase": [0, 2],
        "count": [1, 65535],
        "ticks": [9, 8],
    }
    data = stream([packets(NAV, BASE, [0.0, 0.1], values), packets(OTHER, BASE, [0.05], {"throttle": [0.5]})])
    ours = Database(text(NAV, OTHER))
    definition = parser.load_xtce(path)
    theirs = [definition.parse_bytes(octets, root_container_name="CcsdsHeader") for octets in split(data)]
    for octets, packet in zip(split(data), theirs, strict=True):
        _, values = ours.packet(octets)
        for name, value in values.items():
            if name != "Time":
                assert packet[name] == value
        assert float(packet["Time"].raw_value) * 2.0**-24 == values["Time"]
