"""Elevation tiles: each form a person may have, cut to a window, and what is wrong told in one sentence."""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from grounds import ATLAS, SHARED
from hypothesis import given
from hypothesis import strategies as st

from perilune.errors import DataError, InputError
from perilune.world.tiles import Tile, Window, read_folder, read_tile

#: 4 pixels a degree, 10..12 N 20..23 E, in half metres.
PPD = 4
SHAPE = (8, 12)
NORTH, WEST = 12.0, 20.0
HEIGHTS = np.arange(96).reshape(SHAPE) * 10.0 - 500.0


def window(south: float, north: float, west: float, east: float) -> Window:
    return Window(*(math.radians(angle) for angle in (south, north, west, east)))


def label(**changes: object) -> str:
    """Return a label with the keywords of the official LDEM and GLD100 ones."""
    words = {
        "SAMPLE_TYPE": "LSB_INTEGER",
        "SAMPLE_BITS": 16,
        "UNIT": "METER",
        "SCALING_FACTOR": 0.5,
        "OFFSET": "1737400.",
        "LINES": SHAPE[0],
        "LINE_SAMPLES": SHAPE[1],
        "POINTER": '"TILE.IMG"',
        "MAP_PROJECTION_TYPE": '"SIMPLE CYLINDRICAL"',
        "CENTER_LATITUDE": "0 <deg>",
        "A_AXIS_RADIUS": "1737.4 <km>",
        "LINE_PROJECTION_OFFSET": NORTH * PPD - 0.5,
        "EXTRA": "",
    } | changes
    return "\r\n".join(
        [
            'PDS_VERSION_ID            = "PDS3"',
            "/*** A remark with an = sign = here ***/",
            "RECORD_TYPE = FIXED_LENGTH",
            "RECORD_BYTES = 24",
            f"^IMAGE = {words['POINTER']}",
            "OBJECT = IMAGE",
            *(
                f"  {word} = {words[word]}"
                for word in ("LINES", "LINE_SAMPLES", "SAMPLE_TYPE", "SAMPLE_BITS", "UNIT")
            ),
            *(f"  {word} = {words[word]}" for word in ("SCALING_FACTOR", "OFFSET")),
            str(words["EXTRA"]),
            "END_OBJECT = IMAGE",
            "OBJECT = IMAGE_MAP_PROJECTION",
            *(f"  {word} = {words[word]}" for word in ("MAP_PROJECTION_TYPE", "A_AXIS_RADIUS")),
            f"  MAP_RESOLUTION = {PPD} <pix/deg>",
            f"  CENTER_LATITUDE = {words['CENTER_LATITUDE']}",
            "  CENTER_LONGITUDE = 180 <deg>",
            f"  MAXIMUM_LATITUDE = {NORTH} <deg>",
            f"  LINE_PROJECTION_OFFSET = {words['LINE_PROJECTION_OFFSET']} <pix>",
            f"  SAMPLE_PROJECTION_OFFSET = {(180.0 - WEST) * PPD - 0.5} <pix>",
            "END_OBJECT = IMAGE_MAP_PROJECTION",
            "END",
            "",
        ]
    )


def write_pds(folder: Path, values: np.ndarray | None = None, **changes: object) -> Path:
    values = (HEIGHTS / 0.5).astype("<i2") if values is None else values
    (folder / "tile.img").write_bytes(values.tobytes())
    path = folder / "tile.lbl"
    path.write_text(label(**changes), encoding="latin-1", newline="")
    return path


def write_npz(path: Path, heights: np.ndarray = HEIGHTS) -> Path:
    np.savez(path, height_m=heights, lat_top=NORTH, lon_left=WEST, ppd=PPD)
    return path


def write_tiff(
    path: Path,
    heights: np.ndarray = HEIGHTS,
    *,
    deflate: bool = False,
    metres: bool = False,
    big: bool = False,
    extra: dict[int, tuple[int, tuple[object, ...] | bytes]] | None = None,
) -> Path:
    """Write a GeoTIFF of float32 in strips of two rows, by the tags of TIFF 6.0 and GeoTIFF 1.1."""
    pixels = heights.astype("<f4")
    strips = [pixels[k : k + 2].tobytes() for k in range(0, len(pixels), 2)]
    strips = [zlib.compress(strip) for strip in strips] if deflate else strips
    unit = math.radians(1.0) * 1737400.0 if metres else 1.0
    keys = [1, 1, 0, 2, 1024, 0, 1, 2, 1025, 0, 1, 1]
    if metres:
        keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3075, 0, 1, 17]
    tags: dict[int, tuple[int, tuple[object, ...] | bytes]] = {
        256: (3, (heights.shape[1],)),
        257: (3, (heights.shape[0],)),
        258: (3, (32,)),
        259: (3, (8 if deflate else 1,)),
        273: (4, (0,) * len(strips)),
        277: (3, (1,)),
        278: (3, (2,)),
        279: (4, tuple(len(strip) for strip in strips)),
        339: (3, (3,)),
        33550: (12, (unit / PPD, unit / PPD, 0.0)),
        33922: (12, (0.0, 0.0, 0.0, WEST * unit, NORTH * unit, 0.0)),
        34735: (3, tuple(keys)),
    } | (extra or {})
    width, word = (8, "Q") if big else (4, "I")
    place = (16 + 8 + 20 * len(tags) + 8) if big else (8 + 2 + 12 * len(tags) + 4)
    starts = []
    for strip in strips:
        starts.append(place)
        place += len(strip)
    tags[273] = (4, tuple(starts))
    directory, later = b"", b""
    for tag, (kind, value) in sorted(tags.items()):
        letter = {2: "s", 3: "H", 4: "I", 12: "d"}[kind]
        raw = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{letter}", *value)
        count = len(value)
        stored = raw.ljust(width, b"\0") if len(raw) <= width else struct.pack(f"<{word}", place + len(later))
        later += raw if len(raw) > width else b""
        directory += struct.pack(f"<HH{word}", tag, kind, count) + stored
    head = struct.pack("<HHHQQ", 43, 8, 0, 16, len(tags)) if big else struct.pack("<HIH", 42, 8, len(tags))
    content = b"II" + head + directory + b"\0" * width
    path.write_bytes(content + b"".join(strips) + later)
    return path


def assert_is_the_map(tile: Tile) -> None:
    assert tile.heights_m.dtype == np.float32
    assert tile.heights_m == pytest.approx(HEIGHTS.astype(np.float32), abs=0.01)
    assert math.degrees(tile.latitude_first_rad) == pytest.approx(NORTH - 0.5 / PPD)
    assert math.degrees(tile.longitude_first_rad) == pytest.approx(WEST + 0.5 / PPD)
    assert math.degrees(tile.latitude_step_rad) == pytest.approx(-1 / PPD)
    assert math.degrees(tile.longitude_step_rad) == pytest.approx(1 / PPD)


def test_our_own_form(tmp_path: Path) -> None:
    assert_is_the_map(read_tile(write_npz(tmp_path / "tile.npz")))
    steps = np.diff(HEIGHTS, axis=1, prepend=0.0).astype(np.int16)
    np.savez(tmp_path / "steps.npz", dz=steps, lat_top=NORTH, lon_left=WEST, ppd=PPD)
    assert_is_the_map(read_tile(tmp_path / "steps.npz"))


def test_a_lola_image_of_half_metres(tmp_path: Path) -> None:
    assert_is_the_map(read_tile(write_pds(tmp_path)))
    assert_is_the_map(read_tile(tmp_path / "tile.img"))


def test_an_sldem_image_of_kilometres(tmp_path: Path) -> None:
    path = write_pds(
        tmp_path,
        (HEIGHTS / 1e3).astype("<f4"),
        SAMPLE_TYPE="PC_REAL",
        SAMPLE_BITS=32,
        UNIT="KILOMETER",
        SCALING_FACTOR=1,
        OFFSET=1737.4,
    )
    assert_is_the_map(read_tile(path))


def test_a_gld100_image_with_its_label_at_its_beginning(tmp_path: Path) -> None:
    text = label(
        POINTER="41",
        SCALING_FACTOR=1,
        MAP_PROJECTION_TYPE="EQUIRECTANGULAR",
        EXTRA="  CORE_NULL = -32768",
    ).encode("latin-1")
    path = tmp_path / "WAC.IMG"
    path.write_bytes(text.ljust(960, b" ") + HEIGHTS.astype("<i2").tobytes())  # 40 records of 24 bytes
    assert len(text) < 960
    assert_is_the_map(read_tile(path))


def test_big_endian_and_a_pointer_with_a_record(tmp_path: Path) -> None:
    values = (HEIGHTS / 0.5).astype(">i2")
    path = write_pds(tmp_path, SAMPLE_TYPE="MSB_INTEGER", POINTER='("TILE.IMG", 2)')
    (tmp_path / "tile.img").write_bytes(b"x" * 24 + values.tobytes())
    assert_is_the_map(read_tile(path))


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("metres", [False, True])
@pytest.mark.parametrize("big", [False, True])
def test_a_geotiff(tmp_path: Path, deflate: bool, metres: bool, big: bool) -> None:
    assert_is_the_map(read_tile(write_tiff(tmp_path / "tile.tif", deflate=deflate, metres=metres, big=big)))


def test_a_geotiff_that_another_library_wrote(tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    tags = pytest.importorskip("PIL.TiffImagePlugin").ImageFileDirectory_v2()
    for tag, kind, value in (
        (33550, 12, (1 / PPD, 1 / PPD, 0.0)),
        (33922, 12, (0.0, 0.0, 0.0, WEST, NORTH, 0.0)),
        (34735, 3, (1, 1, 0, 2, 1024, 0, 1, 2, 1025, 0, 1, 1)),
    ):
        tags[tag] = value
        tags.tagtype[tag] = kind
    image = pillow.fromarray(HEIGHTS.astype(np.float32))
    image.save(tmp_path / "plain.tif", tiffinfo=tags)
    assert_is_the_map(read_tile(tmp_path / "plain.tif"))
    image.save(tmp_path / "packed.tif", tiffinfo=tags, compression="tiff_adobe_deflate")
    assert_is_the_map(read_tile(tmp_path / "packed.tif"))


def test_a_geotiff_with_gdals_scale_and_points(tmp_path: Path) -> None:
    remark = b'<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>\0'
    half = 0.5 / PPD
    tie = (12, (0.0, 0.0, 0.0, WEST + half, NORTH - half, 0.0))
    points = (3, (1, 1, 0, 2, 1024, 0, 1, 2, 1025, 0, 1, 2))
    path = write_tiff(
        tmp_path / "tile.tif", HEIGHTS / 0.5, extra={42112: (2, remark), 33922: tie, 34735: points}
    )
    assert_is_the_map(read_tile(path))


def test_a_window_cuts_what_it_needs(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "tile.npz")
    whole, part = read_tile(path), read_tile(path, window(10.6, 11.1, 21.0, 21.6))
    assert part.heights_m.shape == (4, 4)
    i = round((part.latitude_first_rad - whole.latitude_first_rad) / whole.latitude_step_rad)
    j = round((part.longitude_first_rad - whole.longitude_first_rad) / whole.longitude_step_rad)
    assert np.array_equal(part.heights_m, whole.heights_m[i : i + 4, j : j + 4])
    # All of the window lies between centres of pixels.
    assert math.degrees(part.latitude_first_rad) >= 11.1
    assert math.degrees(part.latitude_first_rad + 3 * part.latitude_step_rad) <= 10.6
    with pytest.raises(InputError, match=r"tile\.npz does not lie in the window asked for\. Leave it out"):
        read_tile(path, window(-5.0, 5.0, 21.0, 22.0))


@given(st.floats(-179.0, 539.0), st.floats(1.0, 90.0))
def test_a_map_closed_around_the_moon_is_cut_across_its_seam(west: float, width: float) -> None:
    from perilune.world.raster import Raster
    from perilune.world.tiles import _cut

    columns = 360
    step = 2 * math.pi / columns
    values = np.tile(np.arange(columns, dtype=np.float32), (8, 1))
    raster = Raster("globe", values, 1.0, 0.0, (), 0.4, 0.5 * step, -0.1, step)
    tile = _cut(raster, Window(-0.2, 0.2, math.radians(west), math.radians(west + width)))
    assert tile is not None
    # Heights are the numbers of the columns: each stands where its number says.
    longitudes = tile.longitude_first_rad + np.arange(tile.heights_m.shape[1]) * step
    assert tile.heights_m[0] == pytest.approx((longitudes / step - 0.5) % columns, abs=1e-6)
    aside = (math.radians(west) - tile.longitude_first_rad + 1e-9) % (2 * math.pi) - 1e-9
    assert aside <= step * 1.001
    assert aside + math.radians(width) <= (tile.heights_m.shape[1] - 1) * step + 1e-9


def test_a_window_around_places(tmp_path: Path) -> None:
    around = Window.around(np.radians([45.0, 47.5]), np.radians([179.0, -179.0]), 30e3)
    assert math.degrees(around.north_rad - around.south_rad) == pytest.approx(2.5 + 2 * 0.9893, abs=1e-3)
    assert 2.0 < math.degrees(around.east_rad - around.west_rad) < 6.0
    pole = Window.around(np.radians([-89.5]), np.radians([10.0]), 30e3)
    assert (pole.west_rad, pole.east_rad) == (-math.pi, math.pi)


def test_a_folder_is_read_whole_finest_first(tmp_path: Path) -> None:
    write_pds(tmp_path)
    np.savez(tmp_path / "fine.npz", height_m=HEIGHTS, lat_top=11.0, lon_left=21.0, ppd=100)
    (tmp_path / "readme.txt").write_text("no tile")
    tiles = read_folder(tmp_path)
    assert [tile.name for tile in tiles] == ["fine.npz", "tile.lbl"]
    assert [tile.name for tile in read_folder(tmp_path, window(11.5, 11.9, 20.0, 21.0))] == ["tile.lbl"]
    assert read_folder(tmp_path, window(-11.5, -11.0, 20.0, 21.0)) == ()


def test_folders_without_tiles_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no elevation tile\. It can hold \*\.npz, \*\.lbl, \*\.img"):
        read_folder(tmp_path)
    with pytest.raises(InputError, match=r"nowhere does not exist\. Name one that holds \*\.npz"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(
        InputError, match=r"a\.jp2 is no elevation tile that can be read\. There are: \*\.npz"
    ):
        read_tile(tmp_path / "a.jp2")
    with pytest.raises(InputError, match=r"gone\.npz does not exist"):
        read_tile(tmp_path / "gone.npz")


GAP = HEIGHTS.copy()
GAP[3, 4] = np.nan


def test_gaps_are_told_with_their_place_where_they_matter(tmp_path: Path) -> None:
    told = (
        r"has 1 pixels without data in the part that is needed, the first at 11\.125 N 21\.125 E\. "
        r"Fill them, take another map, or leave the tile out"
    )
    path = write_npz(tmp_path / "tile.npz", GAP)
    with pytest.raises(DataError, match=told):
        read_tile(path)
    assert read_tile(path, window(10.2, 10.4, 20.3, 22.0)).heights_m.shape[0] == 3
    with pytest.raises(DataError, match=told):
        read_tile(
            write_tiff(tmp_path / "a.tif", np.nan_to_num(GAP, nan=-9999.0), extra={42113: (2, b"-9999\0")})
        )
    holed = np.nan_to_num(GAP / 0.5, nan=-32768).astype("<i2")
    with pytest.raises(DataError, match=told):
        read_tile(write_pds(tmp_path, holed, EXTRA="  CORE_NULL = -32768"))


def test_heights_the_moon_does_not_have_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"heights from 1737400 m .* Check its unit, scale and reference radius"
    ):
        read_tile(write_npz(tmp_path / "a.npz", np.full(SHAPE, 1737400.0)))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"LINES": 9}, r"tile\.lbl can not be read: it has 192 bytes where 216 are needed"),
        ({"SAMPLE_BITS": 8}, r"its samples are LSB_INTEGER of 8 bits; there are: LSB_INTEGER 16"),
        (
            {"MAP_PROJECTION_TYPE": '"POLAR STEREOGRAPHIC"'},
            r"projection is Polar Stereographic.*simple cylindrical",
        ),
        (
            {"A_AXIS_RADIUS": "1738.0 <km>"},
            r"refer to a radius of 1738\.0 km; the Moon's maps refer to 1737\.4",
        ),
        ({"LINE_PROJECTION_OFFSET": 40.0}, r"first row at 10\.00000 degrees by its offset and at 11\.87500"),
        ({"POINTER": '"OTHER.IMG"'}, r"its image OTHER\.IMG does not lie beside its label; put it there"),
        ({"UNIT": "FEET"}, r"its heights are in FEET; metres and kilometres are known"),
    ],
)
def test_labels_that_do_not_fit_are_told(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_tile(write_pds(tmp_path, **changes))


def test_an_image_without_label_and_a_label_that_lacks_words(tmp_path: Path) -> None:
    (tmp_path / "bare.img").write_bytes(b"\0" * 100)
    with pytest.raises(DataError, match=r"begins with no PDS3 label, and none \(\.lbl\) lies beside it"):
        read_tile(tmp_path / "bare.img")
    (tmp_path / "short.lbl").write_text("PDS_VERSION_ID = PDS3\nEND\n")
    with pytest.raises(DataError, match=r"label of the elevation tile short\.lbl lacks SAMPLE_TYPE"):
        read_tile(tmp_path / "short.lbl")


def test_unreadable_arrays_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 damaged")
    with pytest.raises(DataError, match=r"a\.npz can not be read: .*Make it anew"):
        read_tile(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", height_m=HEIGHTS)
    with pytest.raises(DataError, match=r"b\.npz lacks 'ppd\W.*It needs lat_top and lon_left"):
        read_tile(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", height_m=HEIGHTS[0], lat_top=1.0, lon_left=2.0, ppd=3)
    with pytest.raises(DataError, match=r"has the shape \(12,\)\. A tile has at least 2 x 2 pixels"):
        read_tile(tmp_path / "c.npz")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({259: (3, (5,))}, r"compressed by method 5; convert it: gdal_translate"),
        ({317: (3, (2,))}, r"stored as differences \(predictor\); convert it"),
        ({322: (3, (256,))}, r"stored in inner tiles; convert it"),
        ({277: (3, (3,))}, r"it has 3 bands; a map of elevation has one"),
        ({258: (3, (8,))}, r"samples have 8 bits of a kind that is not read"),
        ({34735: (3, (1, 1, 0, 1, 1024, 0, 1, 1))}, r"neither in degrees nor equirectangular; warp it"),
    ],
)
def test_geotiffs_beyond_the_simple_ones_are_refused_with_the_cure(
    tmp_path: Path, extra: dict[int, tuple[int, tuple[object, ...]]], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        read_tile(write_tiff(tmp_path / "a.tif", extra=dict(extra)))


def test_no_tiff_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"hello")
    with pytest.raises(DataError, match=r"a\.tif can not be read: it is no TIFF"):
        read_tile(tmp_path / "a.tif")
    (tmp_path / "b.tif").write_bytes(b"II" + struct.pack("<HI", 44, 8) + b"\0" * 20)
    with pytest.raises(DataError, match=r"b\.tif can not be read: it is no TIFF"):
        read_tile(tmp_path / "b.tif")


def test_the_real_tile(tmp_path: Path) -> None:
    path = SHARED / ATLAS
    if not path.is_file():
        pytest.skip(f"the real tile {ATLAS} is not on this machine")
    tile = read_tile(path, window(45.0, 46.0, 44.0, 44.8))
    column = round((math.radians(44.4) - tile.longitude_first_rad) / tile.longitude_step_rad)
    assert tile.heights_m[:, column].min() == pytest.approx(-3248.0, abs=25.0)
    assert tile.heights_m[:, column].max() == pytest.approx(26.0, abs=25.0)
