"""What the fit of LRO's orbit gives: frozen, because the orbit itself is not part of this repository."""

from __future__ import annotations

from validation.rows import Row

#: Degree of the field -> (rms left in m, largest allowed in m); `HOW.md` says how to get them again.
FROZEN = {100: (0.352, 0.40), 150: (0.258, 0.30)}


def rows() -> list[Row]:
    """Return the rows of the validation page."""
    return [
        Row(
            f"two hours of LRO's orbit, degree {degree}",
            "-",
            "-",
            f"rms {rms_m} m",
            f"{allowed_m} m",
            "JPL Horizons, LRO",
        )
        for degree, (rms_m, allowed_m) in FROZEN.items()
    ]
