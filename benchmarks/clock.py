"""The clock of peers that count in TT: seconds from J2000 as TT shows them at a TDB instant."""

from __future__ import annotations

import erfa


def tt_s(tdb_s: float) -> float:
    """Return TT seconds from J2000 at TDB seconds from J2000 (geocentre; they differ by less than 2 ms)."""
    return float(tdb_s - erfa.dtdb(2451545.0, tdb_s / 86400.0, 0.0, 0.0, 0.0, 0.0))
