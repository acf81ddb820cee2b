"""Frames: a centre and a set of axes, as a value that every state carries.

| axes | what they are |
|---|---|
| ICRF | celestial, those of DE440 |
| ITRF | fixed to the Earth (IAU 2006/2000A; `earth_rotation`) |
| MOON_PA | principal axes of the Moon as integrated with DE440: the gravity field's |
| MOON_ME | mean-Earth axes of the Moon: those of maps and landing sites |
| MOON_OP | orbit plane: z along the Moon's orbital momentum about the Earth, x where the Earth, seen from |
| | the Moon, climbs through the lunar equator; inertial, frozen at the epoch, as elements are published |
| EARTH_MOON_ROTATING | x from the Earth to the Moon, z along the Moon's orbital momentum about the Earth |
| SUN_EARTH_ROTATING | x from the Sun to the Earth, z along the Earth's orbital momentum about the Sun |
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

import numpy as np

from perilune.epoch import Epoch
from perilune.errors import FrameError, NameNotFoundError
from perilune.maths.arrays import FloatArray
from perilune.world import earth_rotation, ephemeris, orientation


class Axes(enum.Enum):
    """Directions of x, y, z; the module's table says what each name means."""

    ICRF = "ICRF"
    ITRF = "ITRF"
    MOON_PA = "MOON_PA"
    MOON_ME = "MOON_ME"
    MOON_OP = "MOON_OP"
    EARTH_MOON_ROTATING = "EARTH_MOON_ROTATING"
    SUN_EARTH_ROTATING = "SUN_EARTH_ROTATING"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Frame:
    """A centre (a body of the ephemeris) and axes.

    >>> str(Frame("moon", Axes.MOON_ME))
    'moon/MOON_ME'
    """

    centre: str
    axes: Axes = Axes.ICRF

    def __post_init__(self) -> None:
        if self.centre not in ephemeris.BODIES:
            raise NameNotFoundError("body", self.centre, ephemeris.BODIES)

    def __str__(self) -> str:
        return f"{self.centre}/{self.axes}"


EARTH_ICRF: Final = Frame("earth")
MOON_ICRF: Final = Frame("moon")
EARTH_ITRF: Final = Frame("earth", Axes.ITRF)
MOON_PA: Final = Frame("moon", Axes.MOON_PA)
MOON_ME: Final = Frame("moon", Axes.MOON_ME)


def require_same(first: Frame, second: Frame) -> None:
    """Raise `FrameError` with the cure when two values that are to be combined live in different frames."""
    if first != second:
        raise FrameError(
            f"A value in frame {first} can not be combined with one in frame {second}. "
            f"Transform one of them first, a state by `state.to(…)`."
        )


def rotation(source: Axes, destination: Axes, epoch: Epoch) -> FloatArray:
    """Return the matrix (3, 3) that turns components along `source` axes into those along `destination`."""
    return _from_icrf(destination, epoch)[0] @ _from_icrf(source, epoch)[0].T


def rotation_rate(source: Axes, destination: Axes, epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return the matrix (3, 3) from `source` to `destination` axes and its time derivative (3, 3) in 1/s."""
    first, first_rate = _from_icrf(source, epoch)
    second, second_rate = _from_icrf(destination, epoch)
    return second @ first.T, second_rate @ first.T + second @ first_rate.T


def transform(
    position_m: FloatArray, velocity_m_s: FloatArray, epoch: Epoch, source: Frame, destination: Frame
) -> tuple[FloatArray, FloatArray]:
    """Return position (3,) in m and velocity (3,) in m/s of `source`, as seen from `destination`.

    The turning of axes is in the velocity; light time and relativity are not.
    """
    to_icrf, to_icrf_rate = (part.T for part in _from_icrf(source.axes, epoch))
    position, velocity = to_icrf @ position_m, to_icrf @ velocity_m_s + to_icrf_rate @ position_m
    if source.centre != destination.centre:
        offset_m, offset_m_s = ephemeris.state(source.centre, destination.centre, epoch)
        position, velocity = position + offset_m, velocity + offset_m_s
    matrix, rate = _from_icrf(destination.axes, epoch)
    return matrix @ position, matrix @ velocity + rate @ position


def _from_icrf(axes: Axes, epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return the matrix ICRF -> axes and its time derivative."""
    match axes:
        case Axes.ICRF:
            return np.eye(3), np.zeros((3, 3))
        case Axes.ITRF:
            return earth_rotation.itrf_rate(epoch)
        case Axes.MOON_PA:
            return orientation.moon_pa_rate(epoch)
        case Axes.MOON_ME:
            matrix, rate = orientation.moon_pa_rate(epoch)
            return orientation.MOON_ME_FROM_PA @ matrix, orientation.MOON_ME_FROM_PA @ rate
        case Axes.MOON_OP:
            return _orbit_plane(epoch), np.zeros((3, 3))
        case Axes.EARTH_MOON_ROTATING:
            return _rotating("moon", "earth", epoch)
        case Axes.SUN_EARTH_ROTATING:
            return _rotating("earth", "sun", epoch)


def _orbit_plane(epoch: Epoch) -> FloatArray:
    position_m, velocity_m_s = ephemeris.state("earth", "moon", epoch)
    z = _unit(np.cross(position_m, velocity_m_s))
    pole = orientation.moon_pa_from_icrf(epoch)[2]
    x = _unit(np.cross(pole, z))
    return np.array([x, np.cross(z, x), z])


def _rotating(secondary: str, primary: str, epoch: Epoch) -> tuple[FloatArray, FloatArray]:
    """Return the axes that turn with two bodies, and their rate by the product rule."""
    r, v, a = ephemeris.motion(secondary, primary, epoch)
    h = np.cross(r, v)
    x, x_rate = _unit_rate(r, v)
    z, z_rate = _unit_rate(h, np.cross(r, a))
    y_rate = np.cross(z_rate, x) + np.cross(z, x_rate)
    return np.array([x, np.cross(z, x), z]), np.array([x_rate, y_rate, z_rate])


def _unit(vector: FloatArray) -> FloatArray:
    result: FloatArray = vector / np.linalg.norm(vector)
    return result


def _unit_rate(vector: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a vector's direction and that direction's time derivative."""
    direction = _unit(vector)
    return direction, (slope - direction * float(direction @ slope)) / float(np.linalg.norm(vector))
