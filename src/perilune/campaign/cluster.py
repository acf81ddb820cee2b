"""Workers of a Dask cluster: a lost one loses nothing, one that comes later is used."""

from __future__ import annotations

import hashlib
import logging
import pickle
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
    while True:
        try:
            return done.get(timeout=1.0)
        except Empty:
            if client.status == "closed":
                raise ConnectionError("the scheduler has closed") from None


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


def _check_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        raise InputError(
            f"--cluster {address}: the scheduler has no workers. Start some with `dask worker {address}`."
        ) from None
    ours = code_digest()
    for worker, theirs in client.run(code_digest, on_error="return").items():
        if theirs != ours:
            told = f"has no perilune ({theirs})" if isinstance(theirs, BaseException) else "has another one"
            raise InputError(
                f"--cluster {address}: worker {worker} {told}. "
                f"Install there the same perilune, numpy and numba as here."
            )


def _gone(address: str, fault: Exception) -> InputError:
    return InputError(
        f"--cluster {address}: the cluster was lost ({type(fault).__name__}: {_first_line(fault)}). "
        f"What was flown is kept; the same command goes on from there."
    )


def _left(client: Any, name: str, out: set[Any]) -> None:
    """Leave nothing of ours in the cluster; one that is gone needs no tidying."""
    with _quiet():
        try:
            client.cancel(list(out), force=True)
            client.unregister_worker_plugin(name)
        except Exception:
            pass
        client.close(timeout=_PATIENCE_S)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log lines off the terminal: what matters is told in a sentence."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]
