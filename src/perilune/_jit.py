"""The only door to numba: compiled kernels whose cache can not go stale.

numba keys a cached kernel by its own file alone. When a kernel *called from another file* changes, the
cache still answers with the old code (measured: 21 returned where 31 was right). So the cache folder here
is named by a digest of all kernel sources, of numba's version and of the Python version.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba

_CONFIG: Final[Any] = numba.config  # numba sets its attributes at run time, where types do not see them

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent

#: Floating-point freedoms a kernel may ask for: sums may be reordered (so that they vectorise) and
#: multiply-adds fused. NaN and infinity keep their meaning, because outcomes rely on them.
_FAST = {"reassoc", "contract", "nsz", "arcp"}
#: Without the wish, only fused multiply-adds: they are more accurate, never less.
_STRICT = {"contract"}


@functools.cache
def kernel_digest() -> str:
    """Return the digest that names the cache folder: every kernel's source, numba and Python."""
    digest = hashlib.sha256()
    for path in sorted([*_PACKAGE.rglob("_kernels*.py"), Path(__file__)]):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{numba.__version__} {sys.version_info[:3]}".encode())
    return digest.hexdigest()[:16]


@functools.cache
def cache_root() -> Path:
    """Return the folder that holds compiled kernels, `PERILUNE_CACHE_DIR` or the user's cache folder."""
    named = os.environ.get("PERILUNE_CACHE_DIR")
    if named:
        return Path(named) / "kernels"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "perilune" / "kernels"


@functools.cache
def cache_folder() -> Path:
    """Return this source's own cache folder, made if need be; a temporary one where that fails."""
    folder = cache_root() / kernel_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"perilune-kernels-{os.getuid()}" / kernel_digest()
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def kernels_are_compiled() -> bool:
    """Return whether an earlier process left compiled kernels for exactly this source."""
    return any(cache_folder().rglob("*.nbc"))


def kernel(
    function: F | None = None, *, fast: bool = False, inline: bool = False, parallel: bool = False
) -> Any:
    """Compile a function of numbers and arrays; cached on disk, and free of the interpreter lock.

    `fast` lets sums be reordered, `inline` forces inlining at the call, `parallel` allows `prange`.
    """
    if function is None:
        return functools.partial(kernel, fast=fast, inline=inline, parallel=parallel)
    dispatcher = numba.njit(
        nogil=True,
        error_model="numpy",
        fastmath=_FAST if fast else _STRICT,
        inline="always" if inline else "never",
        parallel=parallel,
    )(function)
    # The cache's place is read when caching is switched on; put back at once, so that a caller's own
    # numba settings are not touched.
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(cache_folder())
    try:
        dispatcher.enable_caching()
    finally:
        _CONFIG.CACHE_DIR = before
    return dispatcher


prange = numba.prange
