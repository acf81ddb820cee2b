"""How the Moon is turned: principal axes (PA) as integrated with DE440, and mean-Earth axes (ME) of maps.

PA carries the gravity field, ME carries maps and landing sites; on the ground they differ by 875 m. The
principal axes follow from ICRF by the 3-1-3 Euler angles of the official kernel: R3(psi) R1(theta) R3(phi).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.epoch import DAY_S, Epoch
from perilune.maths import chebyshev
from perilune.maths.arrays import FloatArray
from perilune.maths.rotations import about_x, about_y, about_z
from perilune.world import embedded
from perilune.world.span import SPAN_START, record_of, require_inside

FILE: Final = "orientation_de440_2000_2060.npz"
PIECE_S: Final = 8 * DAY_S  # s, the record of the official kernel

_ARCSEC_RAD: Final = math.pi / (180.0 * 3600.0)  # rad, one arc second
#: ME -> PA is R3(67.8526") R2(78.6944") R1(0.2785") (Park et al. 2021; moon_de440_200625.tf); its inverse.
MOON_ME_FROM_PA: Final[FloatArray] = (
    about_x(-0.2785 * _ARCSEC_RAD) @ about_y(-78.6944 * _ARCSEC_RAD) @ about_z(-67.8526 * _ARCSEC_RAD)
)
MOON_ME_FROM_PA.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class OrientationTable:
    """The Euler angles for kernels: `coefficients[i, angle]` are 10 Chebyshev coefficients in rad.

    Piece i covers the `piece_s` seconds from `start_s + i * piece_s`, counted from `base`.
    """

    base: Epoch
    start_s: float
    piece_s: float
    coefficients: FloatArray


@functools.lru_cache(maxsize=64)
def table(base: Epoch, start_s: float, end_s: float) -> OrientationTable:
    """Return the table that covers `base + start_s` to `base + end_s`; `EpochError` outside the span."""
    first_s, last_s = min(start_s, end_s), max(start_s, end_s)
    require_inside(base, first_s, last_s)
    angles = embedded.arrays(FILE)["angles"]
    first = min(record_of(base, first_s, PIECE_S), len(angles) - 1)
    last = min(record_of(base, last_s, PIECE_S), len(angles) - 1)
    whole_s = SPAN_START.seconds + first * PIECE_S - base.seconds
    coefficients = np.ascontiguousarray(angles[first : last + 1])
    coefficients.flags.writeable = False
    return OrientationTable(base, whole_s - base.fraction_s, float(PIECE_S), coefficients)


def euler_angles(epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return phi, theta, psi (3,) in rad of the principal axes, and their rates (3,) in rad/s."""
    piece = table(epoch, 0.0, 0.0)
    x = np.array([-2.0 * piece.start_s / piece.piece_s - 1.0])
    coefficients = piece.coefficients[0]
    count = coefficients.shape[1]
    angles_rad = coefficients @ chebyshev.basis(x, count)[0]
    rates_rad_s = coefficients @ chebyshev.basis_slope(x, count)[0] * (2.0 / piece.piece_s)
    return angles_rad, rates_rad_s


def moon_pa_from_icrf(epoch: Epoch) -> FloatArray:
    """Return the matrix (3, 3) that turns ICRF components into principal-axis components."""
    return moon_pa_rate(epoch)[0]


def moon_pa_rate(epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return the matrix ICRF -> principal axes (3, 3) and its time derivative (3, 3) in 1/s."""
    (phi, theta, psi), (phi_rate, theta_rate, psi_rate) = euler_angles(epoch)
    tilt, start = about_x(theta), about_z(phi)
    matrix = about_z(psi) @ tilt @ start
    node = about_z(psi) @ np.array([1.0, 0.0, 0.0])
    # Angular velocity along body axes: psi about z, theta about the line of nodes, phi about the ICRF pole.
    omega_rad_s = psi_rate * np.array([0.0, 0.0, 1.0]) + theta_rate * node + phi_rate * matrix[:, 2]
    return matrix, -_cross_matrix(omega_rad_s) @ matrix


def moon_me_from_icrf(epoch: Epoch) -> FloatArray:
    """Return the matrix (3, 3) that turns ICRF components into mean-Earth components."""
    return MOON_ME_FROM_PA @ moon_pa_from_icrf(epoch)


def _cross_matrix(vector: FloatArray) -> FloatArray:
    x, y, z = vector
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
