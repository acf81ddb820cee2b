"""Workers of a Dask cluster: a lost one loses nothing, one that comes later is used."""

from __future__ import annotations

import hashlib
import logging
import pickle
import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, Final

from perilune.campaign.blocks import Block, FlownBlock, RunFailedError
from perilune.campaign.case import Case, code_digest
from perilune.errors import InputError

#: Seconds to wait for the scheduler, and then for its first worker.
_PATIENCE_S: Final = 5.0
#: Seconds to wait for a worker when all are lost: a cluster may be starting others.
_ALONE_S: Final = 60.0
#: Blocks in flight for each thread of the cluster, so that none waits for the client.
_AHEAD: Final = 3


@dataclass(slots=True)
class Cluster:
    """The workers of the Dask scheduler at an address (`tcp://host:8786`)."""

    address: str
    workers: int = field(init=False, default=1)
    _client: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._client = _connected(self.address)
        self.workers = max(1, sum(self._client.nthreads().values()))

    def fly(self, cases: Sequence[Case], seed: int, blocks: Sequence[Block]) -> Generator[FlownBlock]:
        """Yield the blocks as they are done."""
        # One pickle of all cases: what they share (a map, say) is sent once.
        payload = pickle.dumps((tuple(cases), seed), protocol=5)
        from perilune.campaign.cluster_worker import Cases, fly_there

        client, name = self._client, f"perilune-{hashlib.sha256(payload).hexdigest()[:16]}"
        client.register_plugin(Cases(name, payload))
        rest, done, out = iter(blocks), SimpleQueue[Any](), set[Any]()

        def send() -> None:
            self.workers = max(1, sum(client.nthreads().values()))
            for block in islice(rest, max(0, _AHEAD * self.workers - len(out))):
                future = client.submit(fly_there, name, block, pure=False)
                out.add(future)
                future.add_done_callback(done.put)

        with _quiet():
            try:
                send()
                while out:
                    future = _next(client, done)
                    out.remove(future)
                    flown: FlownBlock = future.result()
                    future.release()
                    send()
                    yield flown
            except (RunFailedError, InputError):
                raise
            except Exception as fault:
                raise _gone(self.address, fault) from None
            finally:
                _left(client, name, out)


def _next(client: Any, done: SimpleQueue[Any]) -> Any:
    """Return the next future that is done; raise when the scheduler is gone for good."""
    alone_since_s = None
    while True:
        try:
            return done.get(timeout=1.0)
        except Empty:
            pass
        if client.status == "closed":
            raise ConnectionError("the scheduler has closed")
        alone = not client.nthreads()
        alone_since_s = (alone_since_s or time.monotonic()) if alone else None
        if alone_since_s is not None and time.monotonic() - alone_since_s > _ALONE_S:
            raise ConnectionError(f"no worker for {_ALONE_S:g} s")


def _connected(address: str) -> Any:
    """Return a client whose cluster has workers that run this very code."""
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise InputError(
            "--cluster needs Dask, which is not installed: pip install 'perilune[cluster]'."
        ) from None
    with _quiet():
        try:
            _knock(address)
            client = distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as fault:
            raise InputError(
                f"--cluster {address}: no Dask scheduler answers there ({_first_line(fault)}). "
                f"Start one with `dask scheduler` and workers with `dask worker ADDRESS`, or leave it out."
            ) from None
        try:
            _check_workers(client, address)
        except BaseException:
            client.close()
            raise
    return client


def _knock(address: str) -> None:
    """Raise at once where nobody listens: Dask's own client tries again until its patience ends."""
    scheme, _, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    if scheme in ("", "tcp", "tls"):
        if not host or not port.isdigit():
            raise ValueError("an address is written tcp://HOST:PORT")
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S).close()


def _check_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        raise InputError(
            f"--cluster {address}: the scheduler has no workers. Start some with `dask worker {address}`."
        ) from None
    ours = _ours()
    for worker, theirs in client.run(code_digest, on_error="return").items():
        if theirs != ours:
            told = f"has no perilune ({theirs})" if isinstance(theirs, BaseException) else "has another one"
            raise InputError(
                f"--cluster {address}: worker {worker} {told}. "
                f"Install there the same perilune, numpy and numba as here."
            )


def _ours() -> str:
    return code_digest()


def _gone(address: str, fault: Exception) -> InputError:
    return InputError(
        f"--cluster {address}: the flight there ended ({type(fault).__name__}: {_first_line(fault)}). "
        f"What was flown is kept; the same command goes on from there."
    )


def _left(client: Any, name: str, out: set[Any]) -> None:
    """Leave nothing of ours in the cluster; one that is gone needs no tidying."""
    try:
        client.cancel(list(out), force=True)
        client.unregister_worker_plugin(name)
    except Exception:
        pass
    client.close(timeout=_PATIENCE_S)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log lines off the terminal: what matters is told in a sentence."""
    loggers = [
        logging.getLogger(f"distributed{part}") for part in ("", ".client", ".core", ".comm", ".utils")
    ]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]
