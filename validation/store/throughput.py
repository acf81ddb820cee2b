"""How many bookings a second become durable, beside the disk's own rate, measured in turns in one run.

From the repository's root: ``python -m validation.store.throughput [--store postgres]``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from perilune.archive.queue import Queue
from perilune.archive.store import create_store, open_store
from tools.postgres import Server, programs
from validation.store.bookings import booking, flight

SINGLES_AT_LEAST = 0.5  # of the disk's own rate
BATCHED_AT_LEAST = 10.0  # times the singles
_TURNS = 6
_TURN_S = 0.5
_BATCH = 500
_THREADS = 64
_CROWD = 8
_CROWD_S = 3.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates a second: the disk's appends, durable orders one by one, in batches, from many threads."""

    store: str
    disk_hz: float
    singles_hz: float
    batched_hz: float
    gathered_hz: float
    crowd_hz: tuple[float, ...]

    @property
    def holds(self) -> bool:
        return (
            self.singles_hz >= SINGLES_AT_LEAST * self.disk_hz
            and self.batched_hz >= BATCHED_AT_LEAST * self.singles_hz
        )

    def __str__(self) -> str:
        return (
            f"{self.store}: disk {self.disk_hz:.0f} fsync/s; single durable bookings {self.singles_hz:.0f}/s"
            f" = {self.singles_hz / self.disk_hz:.2f} of it; in batches {self.batched_hz:.0f}/s"
            f" = {self.batched_hz / self.singles_hz:.1f} x; from {_THREADS} threads {self.gathered_hz:.0f}/s"
            f" = {self.gathered_hz / self.singles_hz:.1f} x; from {len(self.crowd_hz)} processes one by one"
            f" {sum(self.crowd_hz):.0f}/s, each {min(self.crowd_hz):.0f} to {max(self.crowd_hz):.0f}/s"
        )


def rate_hz(turn: Callable[[], int]) -> tuple[int, float]:
    """Repeat something for a turn; returns how much was done, and the seconds it took."""
    done, began_s = 0, time.perf_counter()
    while time.perf_counter() - began_s < _TURN_S:
        done += turn()
    return done, time.perf_counter() - began_s


def fsyncs(folder: Path) -> Callable[[], int]:
    """Return what appends a block to a file and has it on the disk."""
    file = os.open(folder / "fsync", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def append() -> int:
        os.write(file, bytes(4096))
        os.fsync(file)
        return 1

    return append


def measured(where: str, files: Path, folder: Path) -> Rates:
    """Measure in turns, so that whatever else keeps the disk busy meets all alike."""
    with create_store(where, files=files) as store:
        company = store.company("house")
        company.execute_all(flight())
        names = count()
        kinds = [
            fsyncs(folder),
            lambda: company.execute(booking(f"s{next(names)}")).last_seq and 1,
            lambda: len(company.execute_all([booking(f"b{next(names)}") for _ in range(_BATCH)])),
        ]
        sums = [[0.0, 0.0] for _ in range(4)]
        with Queue(company.execute_all) as queue, ThreadPoolExecutor(_THREADS) as pool:
            kinds.append(lambda: gathered(queue, pool, names))
            for _ in range(_TURNS):
                for kind, total in zip(kinds, sums, strict=True):
                    done, took_s = rate_hz(kind)
                    total[0] += done
                    total[1] += took_s
        crowd = tuple(done / _CROWD_S for done in crowded(where, _CROWD, _CROWD_S))
    disk, singles, batched, threads = (done / took_s for done, took_s in sums)
    return Rates("postgres" if "://" in where else "sqlite", disk, singles, batched, threads, crowd)


def crowded(where: str, processes: int, span_s: float) -> list[int]:
    """Have processes give orders one by one for a while; returns how many each got through."""
    context = multiprocessing.get_context("fork")
    told: multiprocessing.Queue[int] = context.Queue()
    start = context.Barrier(processes)

    def work(name: int) -> None:
        with open_store(where) as store:
            company, number = store.company("house"), 0
            company.books()
            start.wait()
            until_s = time.monotonic() + span_s
            while time.monotonic() < until_s:
                number += 1
                company.execute(booking(f"p{name}-{number}"))
        told.put(number)

    crowd = [context.Process(target=work, args=(name,)) for name in range(processes)]
    for one in crowd:
        one.start()
    counts = [told.get() for _ in crowd]
    for one in crowd:
        one.join()
    return counts


def gathered(queue: Queue, pool: ThreadPoolExecutor, names: count[int]) -> int:  # type: ignore[type-arg]
    """Have many threads give an order each, several times; returns how many were carried out."""
    orders = [booking(f"t{next(names)}") for _ in range(4 * _THREADS)]
    return len(list(pool.map(queue.execute, orders)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    found = run(parser.parse_args().store)
    print(found)
    return int(not found.holds)


def run(kind: str) -> Rates:
    """Measure a kind of store in a fresh folder."""
    folder = Path(tempfile.mkdtemp(prefix="perilune-rate-"))
    try:
        if kind == "sqlite":
            return measured(str(folder / "s"), folder / "files", folder)
        binaries = programs(install=True)
        if binaries is None:
            raise SystemExit("PostgreSQL is not there. Install Debian's package: apt-get install postgresql")
        with Server(binaries) as server:
            return measured(server.url, folder / "files", folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
