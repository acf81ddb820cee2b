"""The only door to numba: compiled kernels whose cache can not go stale.

numba keys a cached kernel by its own file alone. When a kernel *called from another file* changes, the
cache still answers with the old code (measured: 21 returned where 31 was right). So each file of kernels has
its own cache folder here, named by a digest of that file, of every file of the package it imports, directly
or through others, of numba's version and of the Python version.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba
from numba.core import caching

_CONFIG: Final[Any] = numba.config  # numba sets its attributes at run time, where types do not see them
_NJIT: Final[Any] = numba.njit  # its types do not know the option `_nrt`
_CACHE_FILE: Final[Any] = caching.IndexDataCacheFile

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent

#: Floating-point freedoms a kernel may ask for: sums may be reordered (so that they vectorise) and
#: multiply-adds fused. NaN and infinity keep their meaning, because outcomes rely on them.
_FAST = {"reassoc", "contract", "nsz", "arcp"}
#: Without the wish none: fused multiply-adds are chosen anew wherever a function is inlined, so that the
#: process that compiles would give other last digits than those that load from the cache (measured: two
#: digests of the same three landings). Rows that are the same for everyone cost 2 to 3 % of a landing's time.
_STRICT: Final[set[str]] = set()


@functools.cache
def kernel_digest(source: Path) -> str:
    """Return the digest that names a kernel file's cache folder: all sources it stands on, numba, Python."""
    digest = hashlib.sha256()
    for path in sorted(_stands_on(source) | {Path(__file__)}):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(f"{numba.__version__} {sys.version_info[:3]}".encode())
    return digest.hexdigest()[:16]


#: The package's own imports of a source, one line or in brackets.
_IMPORTS = re.compile(
    rf"^(?:from\s+({_PACKAGE.name}(?:\.\w+)*)\s+import\s+(\([^)]*\)|[^\n#]*)|import\s+({_PACKAGE.name}(?:\.\w+)*))",
    re.MULTILINE,
)


def _stands_on(source: Path) -> set[Path]:
    """Return a source and every file of this package that it imports, directly or through others."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += _imported(path)
    return found


@functools.cache
def _imported(source: Path) -> tuple[Path, ...]:
    """Return the files of this package that a source imports."""
    names: set[str] = set()
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    for origin, what, whole in _IMPORTS.findall(text):
        names.add(whole or origin)
        names.update(f"{origin}.{name}" for name in re.findall(r"\w+", what))
    places = (_PACKAGE.joinpath(*name.split(".")[1:]) for name in names)
    return tuple(path for place in places if (path := place.with_suffix(".py")).is_file())


@functools.cache
def cache_root() -> Path:
    """Return the folder that holds compiled kernels, `PERILUNE_CACHE_DIR` or the user's cache folder."""
    named = os.environ.get("PERILUNE_CACHE_DIR")
    if named:
        return Path(named).absolute() / "kernels"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).absolute() if base else _home() / ".cache") / "perilune" / "kernels"


def _home() -> Path:
    """Return the user's home, or a folder that can not be made where the system knows of none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


@functools.cache
def cache_folder(source: Path) -> Path:
    """Return the cache folder of a file of kernels, made if need be; a temporary one where that fails."""
    name = f"{source.parent.name}.{source.stem}-{kernel_digest(source)}"
    folder = cache_root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        folder = _temporary_root() / name
        folder.mkdir(exist_ok=True)
    return folder


@functools.cache
def _temporary_root() -> Path:
    """Return a folder for compiled code in the shared temporary place, which nobody else can have filled."""
    folder = Path(tempfile.gettempdir()) / f"perilune-kernels-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
        return folder
    # Another user has taken the name: code from there would run as us.
    return Path(tempfile.mkdtemp(prefix="perilune-kernels-"))


def kernels_are_compiled(source: str = "dynamics/_kernels_coast.py") -> bool:
    """Return whether an earlier process left compiled kernels for exactly this source, a path in the package.

    The engine's is asked for unless another is named.
    """
    return any(cache_folder(_PACKAGE / source).rglob("*.nbc"))


class _ProvedFile(_CACHE_FILE):  # type: ignore[misc]  # a class seen at run time alone
    """A kernel's cache file that ends in its digest: what is damaged counts as absent, and is compiled."""

    def save(self, key: object, data: object) -> None:
        # A full disk costs the next process its time, not this one its flight.
        with contextlib.suppress(OSError):
            super().save(key, data)

    def _load_index(self) -> Any:
        try:
            return super()._load_index()
        except Exception:
            # Unpickling what is damaged can raise anything.
            return {}

    def _load_data(self, name: str) -> Any:
        content = Path(self._data_path(name)).read_bytes()
        if hashlib.sha256(content[:-_DIGEST_BYTES]).digest() != content[-_DIGEST_BYTES:]:
            raise OSError(f"{name} is damaged")  # which numba takes for a file that is not there
        return super()._load_data(name)

    def _dump(self, obj: object) -> bytes:
        content: bytes = super()._dump(obj)
        return content + hashlib.sha256(content).digest()


_DIGEST_BYTES: Final = hashlib.sha256().digest_size


def kernel(
    function: F | None = None,
    *,
    fast: bool = False,
    inline: bool = False,
    parallel: bool = False,
    bare: bool = False,
) -> Any:
    """Compile a function of numbers and arrays; cached on disk, and free of the interpreter lock.

    `fast` lets sums be reordered, `inline` forces inlining at the call, `parallel` allows `prange`. `bare` is
    for what is called a million times and makes no array: references to arrays are not counted (measured:
    a normal value 2 ns instead of 14, of which 12 were the atomic count of one argument).
    """
    if function is None:
        return functools.partial(kernel, fast=fast, inline=inline, parallel=parallel, bare=bare)
    dispatcher = _NJIT(
        nogil=True,
        error_model="numpy",
        fastmath=_FAST if fast else _STRICT,
        inline="always" if inline else "never",
        parallel=parallel,
        # Said either way: what is not said is taken over from the caller, and a bare one may call others.
        _nrt=not bare,
    )(function)
    # The cache's place is read when caching is switched on; put back at once, so that a caller's own
    # numba settings are not touched.
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(cache_folder(Path(function.__code__.co_filename)))
    try:
        dispatcher.enable_caching()
    finally:
        _CONFIG.CACHE_DIR = before
    cache: Any = getattr(dispatcher, "_cache")  # noqa: B009  # numba's types do not show it
    plain = cache._cache_file
    cache._cache_file = _ProvedFile(plain._cache_path, cache._impl.filename_base, plain._source_stamp)
    return dispatcher


prange = numba.prange
