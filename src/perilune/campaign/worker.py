"""What a worker process does: it is sent the cases once, then flies block after block until its link ends.

The link ends too when the process that started it is killed, so no worker outlives its campaign.
"""

from __future__ import annotations

import pickle
import signal
import sys
from multiprocessing.connection import Connection

from perilune.campaign.blocks import RunFailedError, fly_block
from perilune.campaign.case import Case


def main(descriptor: int) -> None:
    """Serve the link with this file descriptor: (path, payload), then blocks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = Connection(descriptor)
    try:
        sys.path[:] = link.recv()
        payload = link.recv_bytes()
        cases: tuple[Case, ...] | None = None
        seed = 0
        while True:
            block = link.recv()
            try:
                if cases is None:
                    cases, seed = _unpacked(payload)
                answer: object = fly_block(cases, seed, block)
            except Exception as bug:
                answer = bug
            link.send(answer)
    except (EOFError, OSError):
        # The link has ended, maybe in the middle of a message.
        return


def _unpacked(payload: bytes) -> tuple[tuple[Case, ...], int]:
    try:
        cases, seed = pickle.loads(payload)
    except Exception as fault:
        raise RunFailedError(f"a worker could not take the cases: {type(fault).__name__}: {fault}") from fault
    return cases, seed
