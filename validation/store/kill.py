"""Kill whoever books, or the server itself, at random moments; nothing that was acknowledged may be lost.

From the repository's root: ``python -m validation.store.kill --store sqlite --times 500`` and
``python -m validation.store.kill --store postgres --times 100`` (starts a server of its own, not as root).

A child books without pause and tells every answer through a pipe: the place and the hash of its last event.
It, or the server with all its processes, is killed (SIGKILL) 0 to 100 ms after it began. Then the log is
read again: every told event must be there with its hash. At the end the whole chain is verified, and the
ledger must balance with no half of an order in it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perilune.archive.entry import Head
from perilune.archive.store import Store, create_store, open_store
from perilune.archive.verify import verify
from perilune.errors import StoreError
from tools.postgres import Server, programs
from validation.store.bookings import EVENTS, begun, faults, transfers

LONGEST_S = 0.1
_TOLD = struct.Struct(">q32s")


@dataclass(frozen=True, slots=True)
class Survived:
    """What the kills left: nothing lost is the only good outcome."""

    store: str
    kills: int
    acknowledged: int
    lost: int
    unacknowledged: int
    fault: str
    unbalanced: tuple[str, ...]
    longest_recovery_s: float

    @property
    def holds(self) -> bool:
        """Tell whether nothing was lost and nothing is half done."""
        return not (self.lost or self.fault or self.unbalanced or self.unacknowledged < 0)

    def __str__(self) -> str:
        return (
            f"{self.store}: {self.kills} kills, {self.acknowledged} orders acknowledged, {self.lost} lost,"
            f" {self.unacknowledged} durable that nobody was told of; chain {self.fault or 'verified'};"
            f" ledger {self.unbalanced or 'balanced'}; longest start after it {self.longest_recovery_s:.2f} s"
        )


def booked(where: str, name: str, told: int) -> None:
    """Book until killed, telling each answer; first that everything is ready."""
    with open_store(where) as store:
        company = store.company("house")
        company.books()
        os.write(told, b"!")
        number = 0
        while True:
            number += 1
            answer = company.execute(transfers(f"{name}-{number}"))
            (entry,) = store.log.read("house", "books", answer.last_seq - 1)
            os.write(told, _TOLD.pack(answer.last_seq, entry.hash))


def child(where: str, name: str) -> tuple[int, int]:
    """Start a process that books; returns its id and the pipe it tells its answers through."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        booked(where, name, writing)
    except StoreError:
        status = 0  # the server is gone
    finally:
        os._exit(status)


def answers(pipe: int) -> list[tuple[int, bytes]]:
    """Return everything that was told through a pipe whose other end is closed."""
    content = b""
    while piece := os.read(pipe, 1 << 16):
        content += piece
    os.close(pipe)
    whole = len(content) // _TOLD.size * _TOLD.size
    return list(_TOLD.iter_unpack(content[:whole]))


def lost(store: Store, after: int, told: list[tuple[int, bytes]]) -> int:
    """Return how many of the told events are not in the log as they were told."""
    kept = {entry.seq: entry.hash for entry in store.log.read("house", "books", after)}
    return sum(kept.get(seq) != digest for seq, digest in told)


def one_kill(
    where: str, name: str, kill: Callable[[int], None], chance: random.Random
) -> list[tuple[int, bytes]]:
    """Let a process book and kill it, or what it depends on; returns what it was acknowledged."""
    pid, pipe = child(where, name)
    begun_booking = os.read(pipe, 1) == b"!"
    time.sleep(chance.uniform(0.0, LONGEST_S))
    kill(pid)
    told = answers(pipe)
    os.waitpid(pid, 0)
    if not begun_booking:
        raise RuntimeError("the booking process did not begin")
    return told


def stop(pid: int) -> None:
    """Kill a process at once."""
    os.kill(pid, signal.SIGKILL)


def killed(
    where: str, times: int, kill: Callable[[int], None], revive: Callable[[], object], seed: int
) -> Survived:
    """Kill so many times; count what was acknowledged and what of it was lost."""
    chance = random.Random(seed)
    acknowledged = missing = 0
    longest_s, head = 0.0, Head()
    with open_store(where) as store:
        begun(store.company("house"))
        ((_, _, head),) = store.log.chains()
    for number in range(times):
        told = one_kill(where, f"k{number}", kill, chance)
        began_s = time.monotonic()
        revive()
        with open_store(where) as store:
            longest_s = max(longest_s, time.monotonic() - began_s)
            missing += lost(store, head.seq, told)
            ((_, _, head),) = store.log.chains()
        acknowledged += len(told)
    with open_store(where) as store:
        (chain,) = verify(store.log, store.files)
        books = store.company("house").books()
    kept = len(books.ledger.transfers) // EVENTS
    return Survived(
        where.split(":")[0] if "://" in where else "sqlite",
        times, acknowledged, missing, kept - acknowledged, chain.fault, tuple(faults(books)), longest_s,
    )  # fmt: skip


def on_sqlite(times: int, seed: int) -> Survived:
    """Kill the booking process."""
    folder = Path(tempfile.mkdtemp(prefix="perilune-kill-"))
    try:
        create_store(folder / "s").close()
        return killed(str(folder / "s"), times, stop, lambda: None, seed)
    finally:
        shutil.rmtree(folder)


def on_postgres(times: int, seed: int) -> Survived:
    """Kill the server with all its processes, and start it again."""
    binaries = programs(install=True)
    if binaries is None:
        raise SystemExit("PostgreSQL is not there. Install Debian's package: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="perilune-kill-"))
    try:
        with Server(binaries) as server:
            create_store(server.url, files=folder / "files").close()
            return killed(server.url, times, lambda _: server.kill(), server.start, seed)
    finally:
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = (on_sqlite if given.store == "sqlite" else on_postgres)(given.times, given.seed)
    print(found)
    return int(not found.holds)


if __name__ == "__main__":
    sys.exit(main())
