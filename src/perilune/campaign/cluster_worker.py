"""What a worker of a Dask cluster holds and does; imported only where there is one."""

from __future__ import annotations

import pickle
from typing import Any

from distributed import WorkerPlugin, get_worker

from perilune.campaign.blocks import Block, FlownBlock, fly_block


class Cases(WorkerPlugin):
    """A worker plugin that holds the cases, unpacked at their first use.

    A plugin, because scattered data is gone with the last worker that holds it, while the scheduler gives a
    plugin to each worker it meets, again after a restart.
    """

    def __init__(self, name: str, payload: bytes) -> None:
        self.name = name
        self.payload = payload
        self.unpacked: Any = None


def fly_there(plugin: str, block: Block) -> FlownBlock | None:
    """Fly a block of the cases that this worker's plugin of that name holds."""
    held: Any = get_worker().plugins[plugin]
    if held.unpacked is None:
        held.unpacked = pickle.loads(held.payload)
    cases, seed = held.unpacked
    return fly_block(cases, seed, block)
