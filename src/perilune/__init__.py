"""Lunar transport missions as code: plan, fly, land and report commercial flights to the Moon."""

from __future__ import annotations

from perilune._version import __version__

__all__ = ["__version__"]
