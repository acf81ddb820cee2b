"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A first call loads compiled kernels or data, and a busy machine is slow: time is no property of a law.
settings.register_profile("perilune", deadline=None, print_blob=True)
settings.load_profile("perilune")
