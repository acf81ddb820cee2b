import pytest

from perilune.epoch import Epoch
from perilune.mission.delivery import Manoeuvre
from perilune.mission.flown import budget_rows

AT = Epoch.utc("2025-05-06T20:41:00")


def burn(name, before_kg, propellant_kg):
    return Manoeuvre(name, "lunar_orbit", AT, 10.0, 5.0, propellant_kg, before_kg)


def test_the_budget_has_no_hole():
    rows = budget_rows([burn("a", 900.0, 50.0), burn("b", 850.0, 20.0), burn("Deorbit", 827.0, 5.0)])
    assert [row.name for row in rows] == ["a", "b", "Attitude control", "Deorbit"]
    assert rows[2].propellant_kg == pytest.approx(3.0)
    assert 900.0 - sum(row.propellant_kg for row in rows) == pytest.approx(rows[-1].mass_after_kg)
    assert budget_rows([]) == ()
