"""The full official files, for those who want more than the excerpts: fetched once, proved by digest.

A download that breaks off is kept beside its place and continued by the next call; a file takes its name only
when its SHA-256 is right. Of the elevation maps no digest is published: they are held to their size, and the
digest of what came first is kept beside them (`.sha256`), so that a later change is noticed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pooch

from perilune.errors import DataError, NameNotFoundError

_CHUNK: Final = 1 << 20  # bytes read at a time
_TIMEOUT_S: Final = 60.0  # s without a byte before giving up

#: Called with the bytes had so far and the bytes in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FullFile:
    """An official file: where its publisher keeps it, and the digest it must have.

    `sha256` is empty where none is published, `size_bytes` 0 where the size is not known beforehand;
    `beside` names the file without which it can not be read (the label of an image).
    """

    name: str
    title: str
    url: str
    sha256: str
    size_bytes: int
    beside: str = ""


_NAIF: Final = "https://naif.jpl.nasa.gov/pub/naif/generic_kernels"
_PDS: Final = "https://pds-geosciences.wustl.edu/grail/grail-l-lgrs-5-rdr-v1/grail_1001/shadr"
_LOLA: Final = "https://pds-geosciences.wustl.edu/lro/lro-l-lola-3-rdr-v1/lrolol_1xxx/data"
_GLD100: Final = "https://pds.lroc.im-ldi.com/data/LRO-L-LROC-5-RDR-V1.0/LROLRC_2001/DATA/SDP/WAC_GLD100"


def _labelled(folder: str, stem: str, title: str, size_bytes: int) -> tuple[FullFile, FullFile]:
    """Return an image and its label; neither has a published digest."""
    label = f"{stem}.lbl"
    return (
        FullFile(f"{stem}.img", title, f"{folder}/{stem}.img", "", size_bytes, label),
        FullFile(label, f"{title}: label", f"{folder}/{label}", "", 0),
    )


#: Sizes in bytes follow from the labels: rows times columns times 2 or 4; GLD100 with one record of label.
_ELEVATION: Final = (
    *_labelled(
        f"{_LOLA}/lola_gdr/cylindrical/img",
        "ldem_64",
        "Elevation, LOLA, 64 pixels a degree (474 m), whole Moon",
        11520 * 23040 * 2,
    ),
    *_labelled(
        f"{_LOLA}/lola_gdr/cylindrical/img",
        "ldem_128",
        "Elevation, LOLA, 128 pixels a degree (237 m), whole Moon",
        23040 * 46080 * 2,
    ),
    *_labelled(
        f"{_LOLA}/sldem2015/global/float_img",
        "sldem2015_128_60s_60n_000_360_float",
        "Elevation, SLDEM2015 (LOLA and Kaguya), 128 pixels a degree, to 60 degrees north and south",
        15360 * 46080 * 4,
    ),
    *(
        FullFile(
            f"WAC_GLD100_E300{north}{middle:03d}0_256P.IMG",
            f"Elevation, GLD100 (LROC), 256 pixels a degree (118 m), "
            f"{'0-60 N' if north == 'N' else '0-60 S'} {middle - 45}-{middle + 45} E",
            f"{_GLD100}/WAC_GLD100_E300{north}{middle:03d}0_256P.IMG",
            "",
            15361 * 46080,
        )
        for north in "NS"
        for middle in (45, 135, 225, 315)
    ),
)
FULL_FILES: Final = {
    file.name: file
    for file in (
        *_ELEVATION,
        FullFile(
            "de440.bsp",
            "Planets and Moon, DE440, 1550 to 2650 (SPK)",
            f"{_NAIF}/spk/planets/de440.bsp",
            "a4ce9bf9b3282becc9f4b2ac3cebe03a2ae7599981aabd7265fd8482fff7c4b5",
            119799808,
        ),
        FullFile(
            "moon_pa_de440_200625.bpc",
            "Orientation of the Moon with DE440, 1550 to 2650 (binary PCK)",
            f"{_NAIF}/pck/moon_pa_de440_200625.bpc",
            "60cd55aa401ea2ea97360636f567554bfe4e37bb829f901b4460a455dfaf783f",
            12863488,
        ),
        FullFile(
            "gggrx_1200a_sha.tab",
            "Lunar gravity field GRGM1200A to degree 1200 (SHADR table)",
            f"{_PDS}/gggrx_1200a_sha.tab",
            "fa04c3dce9376948ad243f3df74144e2602f12d183ea4d179604ed0a79da7ded",
            88059844,
        ),
    )
}


def folder() -> Path:
    """Return where full files are kept: `PERILUNE_DATA_DIR`, or the user's own data folder."""
    named = os.environ.get("PERILUNE_DATA_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "perilune"


def full_file(name: str) -> FullFile:
    """Return what is known of a full file. Raises `NameNotFoundError`, which offers the nearest one."""
    try:
        return FULL_FILES[name]
    except KeyError:
        raise NameNotFoundError("data file", name, FULL_FILES) from None


def status(file: FullFile, within: Path | None = None) -> str:
    """Return "absent", "partial", "damaged", "intact" or "unproved"; the whole file is read.

    A file without a published digest is intact when it is still what came first, and unproved when nobody
    kept that digest.
    """
    path = (within or folder()) / file.name
    if not path.is_file():
        return "partial" if _partial(path).is_file() else "absent"
    wanted = file.sha256 or _kept(path)
    if not wanted:
        return "unproved"
    return "intact" if _digest(path) == wanted else "damaged"


def download(file: FullFile, within: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the path of a full file, fetched if it is not there intact.

    `PERILUNE_DATA_MIRROR` names another place that holds files of the same names. Raises `DataError` when the
    publisher can not be reached or sends something else.
    """
    target = (within or folder()) / file.name
    if status(file, target.parent) == "damaged":
        target.unlink()
    pooch.get_logger().setLevel(logging.ERROR)  # what happens is told by `progress` and by errors
    try:
        path = pooch.retrieve(
            url=_url(file),
            known_hash=f"sha256:{file.sha256}" if file.sha256 else None,
            fname=file.name,
            path=target.parent,
            downloader=_Resuming(_partial(target), progress),
        )
    except urllib.error.HTTPError as cause:
        raise DataError(f"{_url(file)} answers {cause.code} {cause.reason}. {_CURE}") from cause
    except (OSError, urllib.error.URLError) as cause:
        reason = getattr(cause, "reason", cause)
        raise DataError(f"{file.name} could not be fetched from {_url(file)}: {reason}. {_CURE}") from cause
    except ValueError as cause:
        raise DataError(
            f"What {_url(file)} sent is not {file.name}: its SHA-256 is not {file.sha256}. "
            "Nothing was kept; try again, or fetch it elsewhere and check the digest."
        ) from cause
    if not file.sha256:
        _keep_digest(file, target)
    return Path(path)


def _keep_digest(file: FullFile, path: Path) -> None:
    """Hold a file without published digest to its size, and keep the digest it came with."""
    size = path.stat().st_size
    if file.size_bytes and size != file.size_bytes:
        path.unlink()
        raise DataError(
            f"What {_url(file)} sent is not {file.name}: it has {size} bytes instead of {file.size_bytes}. "
            "Nothing was kept; try again, or fetch it elsewhere."
        )
    digest, first = _digest(path), _kept(path)
    if not first:
        _pin(path).write_text(f"{digest}  {path.name}\n", encoding="ascii")
    elif digest != first:
        path.unlink()
        raise DataError(
            f"What {_url(file)} sent is not the {file.name} that came first: its SHA-256 was {first}. Remove "
            f"{_pin(path)} to take the new one."
        )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pin(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _kept(path: Path) -> str:
    """Return the digest kept beside a file, empty if none is."""
    return _pin(path).read_text(encoding="ascii").split(" ")[0] if _pin(path).is_file() else ""


_CURE: Final = (
    "Check the connection and run the command again: it goes on where it stopped. "
    "The embedded data need no network."
)


def _url(file: FullFile) -> str:
    mirror = os.environ.get("PERILUNE_DATA_MIRROR")
    return f"{mirror.rstrip('/')}/{file.name}" if mirror else file.url


def _partial(target: Path) -> Path:
    return target.with_name(target.name + ".part")


@dataclass(frozen=True, slots=True)
class _Resuming:
    """A downloader for pooch that keeps what it has when a connection breaks."""

    partial: Path
    progress: Progress | None

    def __call__(self, url: str, output_file: str, _: object, check_only: bool = False) -> bool | None:
        if check_only:
            return None
        had = self.partial.stat().st_size if self.partial.is_file() else 0
        request = urllib.request.Request(url, headers={"Range": f"bytes={had}-"} if had else {})
        try:
            response = urllib.request.urlopen(request, timeout=_TIMEOUT_S)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            # All of it was had, or too much: the digest decides.
            shutil.move(self.partial, output_file)
            return None
        with response:
            self._store(response, had if response.status == HTTPStatus.PARTIAL_CONTENT else 0)
        shutil.move(self.partial, output_file)
        return None

    def _store(self, response: object, had: int) -> None:
        length = getattr(response, "headers", {}).get("Content-Length")
        total = had + int(length) if length else 0
        with self.partial.open("ab" if had else "wb") as stream:
            while chunk := response.read(_CHUNK):  # type: ignore[attr-defined]
                stream.write(chunk)
                had += len(chunk)
                if self.progress:
                    self.progress(had, total)
        if total and had < total:
            raise OSError(f"the connection broke after {had} of {total} bytes")
