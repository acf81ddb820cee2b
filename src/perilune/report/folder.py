"""The output folder, written whole or not at all.

It holds `delivery.json`, `report.html`, `trajectory.oem` and `manoeuvres.csv`.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from perilune.errors import InputError
from perilune.exchange.oem import Segment, render
from perilune.exchange.tables import csv_text
from perilune.mission.delivery import Delivery, Manoeuvre
from perilune.mission.document import to_document
from perilune.report.html import render_report

FILES: Final = ("delivery.json", "report.html", "trajectory.oem", "manoeuvres.csv")
_COLUMNS: Final = (
    "name",
    "phase",
    "start_utc",
    "end_utc",
    "start_tdb",
    "duration_s",
    "dv_m_s",
    "propellant_kg",
    "mass_before_kg",
    "mass_after_kg",
    "thrust_n",
    "isp_s",
    "direction",
)


def check_target(out: Path) -> None:
    """Raise an `InputError` if `out` can not become the output folder; asked before the flight, not after."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        kind = "a link" if out.is_symlink() else "a file"
        raise InputError(f"--out {out}: is {kind}, not a folder. Name another folder.")
    parent = out if out.is_mount() else _existing_parent(out)
    if not _takes_folders(parent):
        raise InputError(f"--out {out}: {parent} can not be written to. Name another folder.")
    if out.is_dir() and not _is_ours(out):
        raise InputError(
            f"--out {out}: the folder holds files that are not of a delivery, and they would be lost. "
            f"Name a new folder."
        )


def _existing_parent(out: Path) -> Path:
    return next(parent for parent in out.absolute().parents if parent.exists())


def _takes_folders(parent: Path) -> bool:
    """Return whether a folder can be made there, by making one: rights alone do not tell (/proc)."""
    try:
        Path(tempfile.mkdtemp(prefix=".perilune-", dir=parent)).rmdir()
    except OSError:
        return False
    return True


def _is_ours(out: Path) -> bool:
    """Return whether a folder is empty or holds an earlier delivery and nothing else."""
    held = {entry.name for entry in out.iterdir()}
    if not held:
        return True
    if not held <= set(FILES) or "delivery.json" not in held:
        return False
    try:
        return "plan_digest" in json.loads((out / "delivery.json").read_text(encoding="utf-8"))["provenance"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write(delivery: Delivery, out: str | Path, *, now: datetime.datetime | None = None) -> Path:
    """Write the folder and return its path.

    All files are made beside it first, and the folder is renamed into place when they are complete: whoever
    looks sees the old delivery or the new one, never half of one. `now` stamps the OEM file.
    """
    check_target(Path(out))
    out = Path(out).resolve()
    texts = contents(delivery, now or datetime.datetime.now(datetime.UTC))
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.is_mount():
        return _write_inside(out, texts)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        partial.mkdir()
        for name, text in texts.items():
            (partial / name).write_text(text, encoding="utf-8", newline="")
        if out.exists():
            out.rename(old)
        partial.rename(out)
    except BaseException:
        if old.exists() and not out.exists():
            old.rename(out)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return out


def _write_inside(out: Path, texts: Mapping[str, str]) -> Path:
    """Write into a folder that can not be renamed, a volume's top: whole files, `delivery.json` last."""
    partial = out / f".{os.getpid()}.partial"
    try:
        partial.mkdir()
        for name, text in texts.items():
            (partial / name).write_text(text, encoding="utf-8", newline="")
        for name in reversed(list(texts)):
            (partial / name).replace(out / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out


def contents(delivery: Delivery, now: datetime.datetime) -> dict[str, str]:
    """Return the text of every file of the folder, by name."""
    return {
        "delivery.json": delivery.to_json(),
        "report.html": render_report(delivery),
        "trajectory.oem": trajectory_oem(delivery, now),
        "manoeuvres.csv": csv_text([_row(burn) for burn in delivery.transfer.manoeuvres], _COLUMNS),
    }


def trajectory_oem(delivery: Delivery, now: datetime.datetime) -> str:
    """Return the flown trajectory as a CCSDS OEM, one segment a leg."""
    segments = [
        Segment(leg.name, leg.frame, leg.base, leg.time_s, leg.position_m, leg.velocity_m_s)
        for leg in delivery.legs
    ]
    comment = f"perilune {delivery.provenance.version}, plan {delivery.provenance.plan_digest}"
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S")
    return render(
        segments, object_name=delivery.vehicle, created_utc=stamp, comments=(delivery.mission, comment)
    )


def _row(burn: Manoeuvre) -> dict[str, object]:
    return {
        **to_document(burn),
        "end_utc": burn.end_epoch.utc_iso(3),
        "start_tdb": burn.start_epoch.iso("TDB", 6),
        "mass_after_kg": burn.mass_before_kg - burn.propellant_kg,
    }
