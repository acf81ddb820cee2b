"""How often a key may ask: a bucket of tokens that fills steadily."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final


@final
@dataclass(slots=True)
class Limits:
    """Buckets by key: `rate_hz` requests a second on average, `burst` at once."""

    rate_hz: float
    burst: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_s(self, key: str, now_s: float) -> float:
        """Take a token; return 0, or after how many seconds there will be one."""
        left, then_s = self._buckets.get(key, (float(self.burst), now_s))
        left = min(float(self.burst), left + (now_s - then_s) * self.rate_hz)
        if left < 1.0:
            self._buckets[key] = (left, now_s)
            return (1.0 - left) / self.rate_hz
        self._buckets[key] = (left - 1.0, now_s)
        return 0.0
