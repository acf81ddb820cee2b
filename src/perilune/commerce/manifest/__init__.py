"""What a flight has room for, and everything that has to fit together on it.

`solve` brings scipy's optimiser with it and is imported when first asked for.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perilune.commerce.manifest import solve as solve


def __getattr__(name: str) -> ModuleType:
    if name == "solve":
        return importlib.import_module("perilune.commerce.manifest.solve")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
