"""How long a log of a million events takes to verify, to project into books, and to start from a snapshot.

From the repository's root: ``python -m validation.store.million [--events N]``.
"""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from perilune.archive.company import Company
from perilune.archive.entry import Entry, Sealing, opened, seal
from perilune.archive.snapshots import keep
from perilune.archive.store import Store, create_store
from perilune.archive.verify import verify
from perilune.commerce.event import Draft
from validation.store.bookings import begun, faults, transfers

T = TypeVar("T")

VERIFIED_WITHIN_S = 5.0
PROJECTED_WITHIN_S = 20.0
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Times:
    """What was measured on a log of so many events."""

    events: int
    verified_s: float
    verified_processor_s: float
    projected_s: float
    projected_processor_s: float
    restored_s: float
    fault: str

    @property
    def holds(self) -> bool:
        share = self.events / 1_000_000
        return (
            not self.fault
            and self.verified_s <= VERIFIED_WITHIN_S * share
            and self.projected_s <= PROJECTED_WITHIN_S * share
        )

    def __str__(self) -> str:
        return (
            f"{self.events} events: verified in {self.verified_s:.2f} s"
            f" ({self.verified_processor_s:.2f} s of this process), projected in {self.projected_s:.2f} s"
            f" ({self.projected_processor_s:.2f} s of this process),"
            f" books restored from a snapshot in {self.restored_s:.2f} s; {self.fault or 'all holds'}"
        )


def filled(store: Store, events: int) -> None:
    """Record events as orders record them: those of one real order, again and again under other keys.

    They are sealed here without being decided, which would take many times as long.
    """
    company = begun(store.company("house"))
    answer = company.execute(transfers("first"))
    model = list(store.log.read("house", "books", answer.first_seq - 1))
    with store.log.write("house", "books") as writing:
        number = 0
        while writing.head().seq < events:
            new: list[Entry] = []
            head = writing.head()
            while len(new) < min(_AT_ONCE, events - writing.head().seq):
                number += 1
                for entry in model:
                    event, receipt = opened(entry)
                    data = copy.copy(dict(event.data)) | {
                        "key": event.data["key"].replace("first", f"n{number}")
                    }
                    if receipt is not None:
                        receipt = receipt | {"request": f"n{number}"}
                    draft = Draft(event.kind, data, event.effective)
                    new.append(seal(head, draft, event.moment, Sealing("house", "books", receipt)))
                    head = new[-1].head
            writing.append(new)


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """Return what some work gives, the seconds it took and those of the processor."""
    began_s, processor_s = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - began_s, time.process_time() - processor_s


def measured(events: int) -> Times:
    """Fill a store, then verify and project it as a new process would."""
    folder = Path(tempfile.mkdtemp(prefix="perilune-million-"))
    try:
        with create_store(folder / "s") as store:
            filled(store, events)
            (chain,), verified_s, verified_processor_s = timed(
                lambda: verify(store.log, processes=os.cpu_count() or 1)
            )
            books, projected_s, projected_processor_s = timed(Company(store.log, "house").books)
            ((_, _, head),) = store.log.chains()
            keep(store.log, "house", "books", head, books)
            again, restored_s, _ = timed(store.company("house").books)
            fault = (
                chain.fault or "; ".join(faults(books)) or ("" if again == books else "the snapshot differs")
            )
            spent = (verified_s, verified_processor_s, projected_s, projected_processor_s)
            return Times(chain.entries, *spent, restored_s, fault)
    finally:
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    found = measured(parser.parse_args().events)
    print(found)
    return int(not found.holds)


if __name__ == "__main__":
    sys.exit(main())
