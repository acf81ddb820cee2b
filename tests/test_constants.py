"""Constants against the figures they were taken from."""

from __future__ import annotations

import math

import pytest

from perilune import constants as c

# GM in au^3/d^2 and the mass ratio, as DE440's header prints them (comments of de440.bsp).
DE440_AU3_D2 = {
    "SUN": 2.9591220828411956e-04,
    "MERCURY": 4.9125001948893182e-11,
    "VENUS": 7.2434523326441187e-10,
    "MARS": 9.5495488297258119e-11,
    "JUPITER": 2.8253458252257917e-07,
    "SATURN": 8.4597059933762903e-08,
}
DE440_GMB_AU3_D2, DE440_EMRAT = 8.9970113929473466e-10, 81.300568221497215


def si(gm_au3_d2: float) -> float:
    return gm_au3_d2 * c.ASTRONOMICAL_UNIT_M**3 / 86400.0**2


@pytest.mark.parametrize("body", DE440_AU3_D2)
def test_gravitational_parameters_are_the_headers(body: str) -> None:
    assert getattr(c, f"GM_{body}_M3_S2") == pytest.approx(si(DE440_AU3_D2[body]), rel=1e-15)


def test_earth_and_moon_share_their_barycentres_parameter() -> None:
    assert pytest.approx(DE440_EMRAT, rel=1e-16) == c.EARTH_MOON_MASS_RATIO
    assert (
        pytest.approx(si(DE440_GMB_AU3_D2) * DE440_EMRAT / (1 + DE440_EMRAT), rel=1e-15) == c.GM_EARTH_M3_S2
    )
    assert pytest.approx(si(DE440_GMB_AU3_D2) / (1 + DE440_EMRAT), rel=1e-15) == c.GM_MOON_M3_S2


def test_zonals_follow_from_the_normalised_field() -> None:
    # C20, C30, C40 of EGM2008, tide-free (file egm2008.egm.cof of PyPI's llnl-ssapy 1.1.10).
    normalised = (-4.84165143790815e-04, 9.57161207093473e-07, 5.39965866638991e-07)
    for degree, (ours, cosine) in enumerate(
        zip((c.EARTH_J2, c.EARTH_J3, c.EARTH_J4), normalised, strict=True), 2
    ):
        assert ours == pytest.approx(-math.sqrt(2 * degree + 1) * cosine, rel=1e-14)


def test_obliquity() -> None:
    assert pytest.approx(math.radians(84381.448 / 3600.0), rel=1e-15) == c.OBLIQUITY_J2000_RAD
