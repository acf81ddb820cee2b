"""Landings a second: complete closed loops from ignition to touchdown, by every way of flying a campaign.

    python -m benchmarks campaign

Each command is `perilune land` in a process of its own, as a person would call it; its figures are what it
prints, its peak memory what the system says. The Dask cluster has two workers of one thread on this machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import verdict

MISSION = Path(__file__).resolve().parents[1] / "missions" / "m3.toml"
WORKERS, RUNS, MANY = 2, 400, 10_000


def land(*words: str) -> tuple[dict[str, Any], float, float]:
    """Return what a campaign prints, its wall time in s and its peak memory in MiB."""
    program = str(Path(sys.executable).with_name("perilune"))
    command = [program, "land", str(MISSION), "--json", "--quiet", *words]
    begin_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    return json.loads(text), time.perf_counter() - begin_s, usage.ru_maxrss / 1024.0


@contextmanager
def cluster() -> Iterator[str]:
    """Give the address of a Dask scheduler with two workers, each a process with one thread."""
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert scheduler.stderr is not None
    line = next(line for line in scheduler.stderr if "Scheduler at:" in line)
    threading.Thread(target=scheduler.stderr.read, daemon=True).start()
    address = line.split("Scheduler at:")[1].strip()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [*dask, "worker", address, "--nworkers", str(WORKERS), "--nthreads", "1", "--no-dashboard"]
    workers = subprocess.Popen(command, **quiet)
    try:
        yield address
    finally:
        for process in (workers, scheduler):
            process.terminate()
            process.wait()


def lines(many: int = MANY) -> list[str]:
    """Return the figures, each with its target."""
    land("--runs", "2")  # fills the cache of compiled kernels
    one_s = min(land("--runs", "1")[1] for _ in range(3))
    ways = {
        "1 worker": ["--workers", "1"],
        f"{WORKERS} threads": ["--workers", str(WORKERS)],
        f"{WORKERS} processes": ["--workers", str(WORKERS), "--processes"],
    }
    with cluster() as address:
        ways[f"Dask, {WORKERS} workers"] = ["--cluster", address]
        flown = {name: [land("--runs", str(RUNS), *words) for _ in range(2)] for name, words in ways.items()}
    digests = {told["rows_digest"] for runs in flown.values() for told, _, _ in runs}
    walls_s = {name: min(told["wall_s"] for told, _, _ in runs) for name, runs in flown.items()}
    told, _, peak_mib = land("--runs", str(many), "--workers", str(WORKERS))
    share = f"{told['successes']} of {many} landed, {many / told['wall_s']:.0f} a second"
    return [
        f"{RUNS} landings of {MISSION.name}, policy {next(iter(told['policies']))}",
        *(f"{name:<20}{RUNS / wall_s:>8.1f} a second" for name, wall_s in walls_s.items()),
        f"{len(digests)} digest of rows over all ways and rounds",
        verdict("landings a second on two threads", RUNS / walls_s[f"{WORKERS} threads"], 40.0),
        verdict(
            "Dask's time over that of processes",
            walls_s[f"Dask, {WORKERS} workers"] / walls_s[f"{WORKERS} processes"],
            1.15,
            at_least=False,
        ),
        verdict("a first run in a new process, in s", one_s, 2.0, at_least=False),
        f"{many} runs: {share}",
        verdict(f"{many} runs, in s", told["wall_s"], 300.0, at_least=False),
        verdict(f"memory of {many} runs, in MiB", peak_mib, 1024.0, at_least=False),
    ]
