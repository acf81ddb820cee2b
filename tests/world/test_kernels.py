"""The compiled geometry against slow, independent forms of the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune import constants
from perilune.world import _kernels as kernels
from perilune.world.gravity import grgm1200a

DEGREE = 60
RADIUS_M = grgm1200a(2).radius_m
GM = grgm1200a(2).gm_m3_s2
places = st.tuples(
    st.floats(-math.pi, math.pi),
    st.floats(-math.pi / 2, math.pi / 2),
    st.floats(1.75e6, 1e7),
).map(
    lambda p: (
        p[2] * math.cos(p[1]) * math.cos(p[0]),
        p[2] * math.cos(p[1]) * math.sin(p[0]),
        p[2] * math.sin(p[1]),
    )
)


def table(degree: int = DEGREE) -> tuple[np.ndarray, np.ndarray]:
    moon = grgm1200a(degree)
    out = np.zeros((4, degree + 1, degree + 3))
    c = np.array(moon.c)
    c[0] = 1.0
    kernels.field_table(c, np.array(moon.s), degree, out)
    return out, np.zeros((7, degree + 4))


def potential(place: np.ndarray, degree: int) -> np.longdouble:
    """GM/r sum (R/r)^n P_nm (C cos + S sin), by the textbook's normalised recursion in extended precision."""
    moon = grgm1200a(degree)
    x, y, z = (np.longdouble(part) for part in place)
    r = np.sqrt(x * x + y * y + z * z)
    u, longitude = z / r, np.arctan2(y, x)
    q = np.sqrt(1 - u * u)
    p = np.zeros((degree + 1, degree + 1), dtype=np.longdouble)
    p[0, 0] = 1
    total = np.longdouble(1)
    for n in range(1, degree + 1):
        p[n, n] = (
            q * p[n - 1, n - 1] * np.sqrt(np.longdouble(2 * n + 1) / (2 * n) if n > 1 else np.longdouble(3))
        )
        for m in range(n):
            a = np.sqrt(np.longdouble((2 * n - 1) * (2 * n + 1)) / ((n - m) * (n + m)))
            p[n, m] = a * u * p[n - 1, m]
            if n - m > 1:
                b = np.longdouble((2 * n + 1) * (n + m - 1) * (n - m - 1)) / ((n - m) * (n + m) * (2 * n - 3))
                p[n, m] -= np.sqrt(b) * p[n - 2, m]
        first = n * (n + 1) // 2
        m = np.arange(n + 1)
        angular = moon.c[first : first + n + 1] * np.cos(m * longitude) + moon.s[
            first : first + n + 1
        ] * np.sin(m * longitude)
        total += (np.longdouble(moon.radius_m) / r) ** n * np.sum(p[n, : n + 1] * angular)
    return np.longdouble(moon.gm_m3_s2) / r * total


@pytest.mark.parametrize("degree", [2, 20, 60])
@pytest.mark.parametrize("place", [(1.2e6, -0.9e6, 1.05e6), (3e5, 1e5, 1.81e6), (-1.8e6, 4.0, -2.0)])
def test_field_is_the_slope_of_the_potential(degree: int, place: tuple[float, float, float]) -> None:
    coefficients, work = table(degree)
    found = kernels.field_acceleration(*place, GM, RADIUS_M, degree, coefficients, work)
    h = 200.0
    for axis in range(3):
        shift = np.eye(3)[axis] * h
        near = potential(np.array(place) + shift, degree) - potential(np.array(place) - shift, degree)
        far = potential(np.array(place) + 2 * shift, degree) - potential(np.array(place) - 2 * shift, degree)
        assert found[axis] == pytest.approx(float((8 * near - far) / (12 * h)), abs=2e-15 * 60)


@given(place=places)
def test_gradient_is_the_slope_of_the_field(place: tuple[float, float, float]) -> None:
    coefficients, work = table(20)
    found = kernels.field_gradient(*place, GM, RADIUS_M, 20, coefficients, work)
    field = kernels.field_acceleration(*place, GM, RADIUS_M, 20, coefficients, work)
    np.testing.assert_allclose(found[:3], field, rtol=1e-13, atol=1e-17)
    xx, xy, xz, yy, yz, zz = found[3:]
    matrix = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    assert abs(np.trace(matrix)) < 1e-13 * np.abs(matrix).max()
    h = 20.0
    for axis in range(3):
        shift = np.eye(3)[axis] * h
        ahead = np.array(kernels.field_acceleration(*(place + shift), GM, RADIUS_M, 20, coefficients, work))
        behind = np.array(kernels.field_acceleration(*(place - shift), GM, RADIUS_M, 20, coefficients, work))
        np.testing.assert_allclose(
            (ahead - behind) / (2 * h), matrix[:, axis], atol=2e-8 * np.abs(matrix).max()
        )


def test_degree_zero_is_a_point() -> None:
    coefficients, work = table(2)
    found = kernels.field_acceleration(3e6, 0.0, 4e6, GM, RADIUS_M, 0, coefficients, work)
    np.testing.assert_allclose(found, [-GM * 3e6 / 5e6**3, 0.0, -GM * 4e6 / 5e6**3], rtol=1e-15)


def test_degree_200_stays_finite_and_close_to_150() -> None:
    coefficients, work = table(200)
    place = (1.0e6, 1.1e6, 1.05e6)
    full = np.array(kernels.field_acceleration(*place, GM, RADIUS_M, 200, coefficients, work))
    near = np.array(kernels.field_acceleration(*place, GM, RADIUS_M, 150, coefficients, work))
    assert np.isfinite(full).all()
    assert 0.0 < np.abs(full - near).max() < 1e-5


J = (constants.EARTH_J2, constants.EARTH_J3, constants.EARTH_J4)
GM_EARTH, EARTH_RADIUS_M = constants.GM_EARTH_M3_S2, constants.EARTH_EQUATORIAL_RADIUS_M
ZONALS = np.array([[1, GM_EARTH, EARTH_RADIUS_M, 0, 0.0, 0.0, 1.0, 3, *J, 0.0]])


@given(place=places.map(lambda p: np.array(p) * 4.0))
def test_zonals_are_the_field_with_only_those_terms(place: np.ndarray) -> None:
    c = np.zeros(15)
    c[0] = 1.0
    for n in (2, 3, 4):
        c[n * (n + 1) // 2] = -J[n - 2] / math.sqrt(2 * n + 1)
    coefficients, work = np.zeros((4, 5, 7)), np.zeros((7, 8))
    kernels.field_table(c, np.zeros(15), 4, coefficients)
    gm, radius = GM_EARTH, EARTH_RADIUS_M
    whole = np.array(kernels.field_gradient(*place, gm, radius, 4, coefficients, work))
    point = np.array(kernels.field_gradient(*place, gm, radius, 0, coefficients, work))
    zonal = np.array(kernels.zonal_gradient(*place, ZONALS, 0))
    np.testing.assert_allclose(zonal[:3], (whole - point)[:3], atol=1e-14 * np.abs(whole[:3]).max())
    np.testing.assert_allclose(zonal[3:], (whole - point)[3:], atol=1e-14 * np.abs(whole[3:]).max())
    np.testing.assert_allclose(
        kernels.zonal_acceleration(*place, ZONALS, 0), zonal[:3], rtol=1e-12, atol=1e-18
    )


def test_lit_fraction_at_its_corners() -> None:
    sun, body = 0.0047, 0.3
    assert kernels.lit_fraction(sun, body, sun + body) == 1.0
    assert kernels.lit_fraction(sun, body, body - sun) == 0.0
    assert kernels.lit_fraction(sun, body, body) == pytest.approx(0.5, abs=0.01)
    # A small body before the Sun's face takes its own share: annular.
    assert kernels.lit_fraction(0.0047, 0.0042, 0.0) == pytest.approx(1.0 - (0.0042 / 0.0047) ** 2)


@given(sun=st.floats(1e-3, 1e-2), body=st.floats(1e-3, 1.0), part=st.floats(0.0, 1.0))
def test_lit_fraction_against_a_count_of_rays(sun: float, body: float, part: float) -> None:
    apart = abs(body - sun) + part * 2.0 * min(sun, body)
    rays = np.linspace(-1.0, 1.0, 401)
    x, y = np.meshgrid(rays, rays)
    on_disc = x * x + y * y <= 1.0
    free = (x * sun - apart) ** 2 + (y * sun) ** 2 > body * body
    assert kernels.lit_fraction(sun, body, apart) == pytest.approx(
        (on_disc & free).sum() / on_disc.sum(), abs=0.01
    )


def test_euler_angles_turn_as_three_rotations() -> None:
    def about(axis: int, angle: float) -> np.ndarray:
        c, s = math.cos(angle), math.sin(angle)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        matrix = np.eye(3)
        matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, s, -s, c
        return matrix

    out = np.zeros(9)
    kernels.euler_313(0.3, 0.4, 100.5, out)
    np.testing.assert_allclose(out.reshape(3, 3), about(2, 100.5) @ about(0, 0.4) @ about(2, 0.3), atol=1e-15)
