import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perilune.report.marks import Area, Bars, Cloud, Picture, Rule
from perilune.report.png import png
from perilune.report.svg import Chart, Line, draw

X = np.array([0.0, 10.0])


def decoded(data):
    """The pixels of a PNG of ours, undone by the standard's own rules."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + size
    wide, tall, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {0: 1, 2: 3}[colour]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(tall, -1)
    assert set(lines[:, 0]) == {2}
    pixels = np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8)
    return pixels.reshape((tall, wide) if channels == 1 else (tall, wide, 3))


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_grey_pictures_come_back(pixels):
    assert np.array_equal(decoded(png(pixels)), pixels)


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3))))
def test_coloured_pictures_come_back(pixels):
    assert np.array_equal(decoded(png(pixels)), pixels)


def test_another_reader_reads_them(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    (tmp_path / "p.png").write_bytes(png(pixels))
    with image.open(tmp_path / "p.png") as found:
        assert np.array_equal(np.asarray(found), pixels)


def drawn(*shapes, **more):
    return draw(Chart("t", "x", "y", (Line(X, X),), over=shapes, **more))


def test_a_cloud_draws_each_place_once_and_leaves_out_what_is_not_finite():
    x = np.array([1.0, 1.0, 5.0, np.nan])
    path = re.search(r'class="dots c6"[^>]* d="([^"]*)"', drawn(Cloud(x, x, "c6", "dots")))
    assert path[1].count("M") == 2
    assert 'class="dots' not in drawn(Cloud(x[3:], x[3:]))


def test_an_area_is_closed_and_has_its_key():
    svg = drawn(Area(X, X - 1.0, X + 1.0, "c2", "three sigmas"), Area(X, X, X, "c1", "flat"))
    assert re.search(r'class="area c2" d="M[^"]*Z"', svg)
    assert 'class="key c2 shade"' in svg


def test_shapes_widen_the_frame_where_they_should():
    wide = drawn(Area(X, X - 100.0, X + 100.0))
    narrow = drawn(Area(X, X - 100.0, X + 100.0, spans=False))
    assert "100</text>" in wide
    assert "100</text>" not in narrow


def test_a_rule_outside_is_not_drawn():
    assert "late" not in drawn(Rule(50.0, "late"))
    assert "now" in drawn(Rule(5.0, "now"))


def test_bars_stand_on_zero():
    svg = drawn(Bars(np.array([0.0, 5.0, 10.0]), np.array([3.0, 0.0]), "c1"))
    assert svg.count("<rect") == 2  # one of them is the clip's
    assert "0 to 5: 3" in svg


def test_a_picture_holds_its_own_data():
    svg = drawn(Picture(png(np.zeros((2, 2), dtype=np.uint8)), 0.0, 10.0, 0.0, 10.0, "ground"))
    assert 'href="data:image/png;base64,iVBOR' in svg
