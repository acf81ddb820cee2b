"""The cuts themselves: each turns full official files into the bytes of one embedded file."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from daf import Segment, segments
from embedded import npz
from sources import DE440, GRGM1200A, MOON_DEM, MOON_MAP, MOON_PA, obtain

DAY_S = 86400.0  # s
# 2000-01-01 to 2060-01-01, widened to where records of 4, 8, 16 and 32 days all begin and end.
FIRST_S = (2451536.5 - 2451545.0) * DAY_S  # s, 1999-12-24 00:00 TDB since J2000
LAST_S = (2473488.5 - 2451545.0) * DAY_S  # s, 2060-01-30 00:00 TDB since J2000
SPK_BODIES = {
    "sun": (10, 0),
    "venus": (2, 0),
    "emb": (3, 0),
    "mars": (4, 0),
    "jupiter": (5, 0),
    "saturn": (6, 0),
    "moon_emb": (301, 3),
    "earth_emb": (399, 3),
}
LUNAR_DEGREE = 200


def ephemeris() -> bytes:
    """Cut the native records of the bodies kept, in km as they are, bit for bit."""
    found = {(segment.target, segment.centre): segment for segment in segments(obtain(DE440))}
    kept = {name: found[pair] for name, pair in SPK_BODIES.items()}
    _must_be_proportional(kept["moon_emb"], kept.pop("earth_emb"))
    arrays = {"span_s": np.array([FIRST_S, LAST_S])}
    for name, segment in kept.items():
        arrays[name] = segment.between(FIRST_S, LAST_S)
    return npz(arrays)


def _must_be_proportional(moon: Segment, earth: Segment) -> None:
    """Refuse a kernel whose Earth is not the Moon mirrored at the barycentre: the cut relies on it."""
    mass_ratio = 81.3005682214972154  # -, DE440 header EMRAT
    residual_km = earth.between(FIRST_S, LAST_S) + moon.between(FIRST_S, LAST_S) / mass_ratio
    if np.abs(residual_km).max() > 2e-12:
        raise SystemExit(f"the Earth is {np.abs(residual_km).max():.1e} km off the mirrored Moon")


def orientation() -> bytes:
    """Cut the Euler angles of the Moon's principal axes, 3-1-3 from ICRF, in rad."""
    first, *_ = [segment for segment in segments(obtain(MOON_PA)) if segment.start_s <= FIRST_S]
    return npz(
        {
            "span_s": np.array([FIRST_S, LAST_S]),
            "interval_s": np.array(first.interval_s),
            "angles": first.between(FIRST_S, LAST_S),
        }
    )


def gravity() -> bytes:
    """Cut the field to its first degrees: C and S, fully normalised, index n (n + 1) / 2 + m."""
    count = (LUNAR_DEGREE + 1) * (LUNAR_DEGREE + 2) // 2
    c, s = np.zeros(count), np.zeros(count)
    c[0] = 1.0
    with obtain(GRGM1200A).open("rb") as table:
        next(table)
        for line in table:
            degree, order, cosine, sine = line.split(b",")[:4]
            n, m = int(degree), int(order)
            if n > LUNAR_DEGREE:
                break
            c[n * (n + 1) // 2 + m], s[n * (n + 1) // 2 + m] = float(cosine), float(sine)
    # GM and radius of the product's label; the header line of the table carries another, wrong GM.
    return npz({"gm_m3_s2": np.array(4902.80011526323e9), "radius_m": np.array(1738000.0), "c": c, "s": s})


def terrain() -> bytes:
    """Take the elevation map as it is: int16 half metres, north to south, west to east from -180."""
    from PIL import Image

    with Image.open(obtain(MOON_DEM)) as image:
        half_metres = np.asarray(image, dtype=np.int32)
    return npz({"elevation_half_m": half_metres.astype("<i2")})


def picture() -> bytes:
    """Turn the grey map into a PNG, stored without compression: compressors differ between machines."""
    from PIL import Image

    with Image.open(obtain(MOON_MAP)) as image:
        grey = np.asarray(image, dtype=np.uint8)
    height, width = grey.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), grey], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", _stored(rows)) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _stored(content: bytes) -> bytes:
    """Return a zlib stream of stored blocks (RFC 1950, RFC 1951)."""
    blocks = [content[at : at + 65535] for at in range(0, len(content), 65535)]
    framed = [
        struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for index, block in enumerate(blocks)
    ]
    return b"\x78\x01" + b"".join(framed) + struct.pack(">I", zlib.adler32(content))
