"""What a campaign flies: a case is a pure function of (seed, run), and an arm is a case with its names."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import perilune

Rows = NDArray[np.float64]

#: The rooms that say what is done with rows, not what is in them.
_AROUND = {"archive", "campaign", "cli", "exchange", "report", "server"}


class Case(Protocol):
    """Everything one run needs: a run gives the same row anywhere, whatever flew before it."""

    @property
    def digest(self) -> str:
        """Return what names this case: two cases of one digest give the same rows."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of a row's figures, SI; the first is `run`."""
        ...

    def fly(self, seed: int, run: int) -> Rows:
        """Return the row (len(columns),) of one run."""
        ...


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of a campaign's table: a case, and the policy, fault and values of a sweep that make it."""

    case: Case
    policy: str
    fault: str = "none"
    point: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """Return the arm's name, unique in a campaign, fit for a file.

        >>> Arm(None, "latch", "altimeter_stuck", (("gate", 3.5),)).name
        'latch+altimeter_stuck+gate=3.5'
        """
        values = [f"{name}={value!r}" for name, value in self.point]
        fault = [] if self.fault == "none" else [self.fault]
        return "+".join([self.policy, *fault, *values]).replace("/", "-")

    def key(self, seed: int) -> str:
        """Return what rows must agree in to belong together: case, columns, seed and code."""
        told = [self.case.digest, self.case.columns, seed, code_digest()]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


@functools.cache
def code_digest() -> str:
    """Return a digest of all sources a row can depend on, and of the versions of numpy and numba."""
    from importlib.metadata import version

    root = Path(perilune.__file__).parent
    digest = hashlib.sha256(f"{version('numpy')} {version('numba')}".encode())
    for path in sorted(root.rglob("*.py")):
        room = path.relative_to(root).parts[0]
        if room not in _AROUND:
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
