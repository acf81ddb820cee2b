"""What a worker process does: it is sent the cases once, then flies block after block until its link ends.

The link ends too when the process that started it is killed, so no worker outlives its campaign.
"""

from __future__ import annotations

import pickle
import signal
import sys
from multiprocessing.connection import Connection

from perilune.campaign.blocks import fly_block


def main(descriptor: int) -> None:
    """Serve the link with this file descriptor: (path, payload), then blocks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = Connection(descriptor)
    try:
        sys.path[:] = link.recv()
        cases, seed = pickle.loads(link.recv_bytes())
        while True:
            block = link.recv()
            try:
                answer: object = fly_block(cases, seed, block)
            except Exception as bug:
                answer = bug
            link.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
