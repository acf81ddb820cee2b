"""A month on a low lunar orbit against brahe; `validation/brahe/HOW.md` says how."""

from __future__ import annotations

from validation.brahe import figures


def test_a_month_on_a_low_lunar_orbit_ends_where_brahe_s_does() -> None:
    distance_m = figures.distance_m()
    assert distance_m <= figures.TOLERANCE_M
    assert distance_m <= figures.FROZEN_M


def test_brahe_s_own_error_is_no_part_of_it() -> None:
    assert figures.REFERENCE["tolerances_differ_by_m"] < 0.2 * figures.FROZEN_M
