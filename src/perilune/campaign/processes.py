"""Worker processes of this machine, for runs that hold the interpreter lock or must not share memory.

A worker that dies (out of memory, killed by hand) loses nothing: its block goes to another one, and a new
worker takes its place. The standard library's pool gives up as a whole then, and its workers outlive a killed
parent; these end with their link.
"""

from __future__ import annotations

import contextlib
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Final

from perilune.campaign.blocks import Block, FlownBlock
from perilune.campaign.case import Case
from perilune.campaign.ways import usable_cpus
from perilune.errors import InputError

#: So often a block may end its worker before the campaign stops: it is the block then, not chance.
_MOST_DEATHS: Final = 3
_START: Final = "import sys; from perilune.campaign.worker import main; main(int(sys.argv[1]))"


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    link: Connection
    block: Block | None = None

    def take(self, block: Block) -> None:
        self.block = block
        self.link.send(block)

    def end(self) -> int:
        """Close the link, and return the exit code; a worker in the middle of a block is killed."""
        self.link.close()
        if self.block is not None:
            self.process.kill()
        return self.process.wait()


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine, each with its own interpreter."""

    workers: int = field(default_factory=usable_cpus)

    def fly(self, cases: Sequence[Case], seed: int, blocks: Sequence[Block]) -> Generator[FlownBlock]:
        """Yield the blocks as they are done."""
        # One pickle of all cases: what they share (a map, say) is sent once.
        payload = pickle.dumps((tuple(cases), seed), protocol=5)
        rest = deque(blocks)
        deaths: dict[Block, int] = {}
        crew = [_start(payload) for _ in range(min(self.workers, len(rest)))]
        try:
            for worker in crew:
                _give(worker, rest)
            while busy := [worker for worker in crew if worker.block is not None]:
                for link in wait([worker.link for worker in busy]):
                    worker = next(one for one in busy if one.link is link)
                    flown = _answer(worker)
                    if flown is None:
                        crew.remove(worker)
                        rest.appendleft(_mourned(worker, deaths))
                        worker = _start(payload)
                        crew.append(worker)
                    _give(worker, rest)
                    if flown is not None:
                        yield flown
        finally:
            for worker in crew:
                worker.end()


def _start(payload: bytes) -> _Worker:
    """Start a worker and send it the cases; one that dies at once is noticed when its answer is awaited."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            # Out of reach of Ctrl-C: the one who started it stops it.
            process_group=0,
        )
    worker = _Worker(process, Connection(ours.detach()))
    try:
        worker.link.send(sys.path)
        worker.link.send_bytes(payload)
    except OSError:
        pass
    return worker


def _give(worker: _Worker, rest: deque[Block]) -> None:
    if rest:
        # One that is dead can not be given work; awaiting its answer tells so.
        with contextlib.suppress(OSError):
            worker.take(rest.popleft())


def _answer(worker: _Worker) -> FlownBlock | None:
    """Return the block a worker has flown, or None when it is dead."""
    try:
        answer = worker.link.recv()
    except (EOFError, OSError):
        return None
    worker.block = None
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, FlownBlock)
    return answer


def _mourned(worker: _Worker, deaths: dict[Block, int]) -> Block:
    """Return the block of a dead worker; raise when it has ended too many of them."""
    block = worker.block
    assert block is not None
    code = worker.end()
    deaths[block] = deaths.get(block, 0) + 1
    if deaths[block] >= _MOST_DEATHS:
        raise InputError(
            f"runs {block.first} to {block.first + block.runs - 1} ended {_MOST_DEATHS} worker processes "
            f"(exit code {code}). If memory is short, take fewer --workers, or threads."
        )
    return block
