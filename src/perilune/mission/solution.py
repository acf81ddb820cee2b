"""A found transfer on disk: what has to be kept so that it flies again without a search."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from perilune._jit import cache_root
from perilune.mission.plan import Plan
from perilune.transfer.flight import Solution
from perilune.transfer.phasing import Aim
from perilune.transfer.schedule import Schedule

#: Raised when the file's meaning changes; older ones are searched again.
_FORMAT: Final = 2


def cache_folder() -> Path:
    """Return the folder of found transfers, beside that of compiled kernels."""
    return cache_root().parent / "transfers"


def _path(plan: Plan) -> Path:
    return cache_folder() / f"{plan.digest}.json"


def save(plan: Plan, solution: Solution) -> None:
    """Keep a solution under the plan's digest; a cache that can not be written is no fault of the flight."""
    document = {
        "format": _FORMAT,
        "times_s": solution.times_s.tolist(),
        "unknowns": solution.unknowns.tolist(),
        "impulse_nodes": solution.impulse_nodes,
        "free_times": solution.free_times,
        "names": solution.names,
        "flyby_node": solution.flyby_node,
        "loops": solution.loops,
        "branch": solution.branch,
        "aim": asdict(solution.aim),
        "schedule": asdict(solution.schedule),
    }
    path = _path(plan)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps({"sha256": _digest(document), "solution": document}))
        draft.replace(path)
    except OSError:
        return


def load(plan: Plan) -> Solution | None:
    """Return the kept solution of a plan; None where there is none, or none that can be read."""
    try:
        kept = json.loads(_path(plan).read_text())
        document: dict[str, Any] = kept["solution"]
        if document["format"] != _FORMAT or kept["sha256"] != _digest(document):
            return None
        return Solution(
            times_s=np.array(document["times_s"]),
            unknowns=np.array(document["unknowns"]),
            impulse_nodes=tuple(document["impulse_nodes"]),
            free_times=tuple(document["free_times"]),
            names=tuple(document["names"]),
            flyby_node=document["flyby_node"],
            loops=document["loops"],
            branch=document["branch"],
            aim=Aim(**document["aim"]),
            schedule=Schedule(**document["schedule"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _digest(document: dict[str, Any]) -> str:
    """Return what proves that a file holds what was written: a changed figure would fly somewhere else."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
