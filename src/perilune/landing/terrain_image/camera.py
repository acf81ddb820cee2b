"""A pinhole camera over the ground: what it sees, and what its detector makes of that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perilune.errors import InputError
from perilune.landing.ground.table import Ground
from perilune.landing.terrain_image import _kernels as kernels
from perilune.maths.arrays import FloatArray

_ALBEDO_SPREAD = 0.1  # of the mean; assumed: what a map of heights does not know of the soil


@dataclass(frozen=True, slots=True)
class Camera:
    """A square pinhole camera; defaults are of the class of landers' navigation cameras (assumed)."""

    pixel_count: int = 256
    field_rad: float = math.radians(50.0)
    full_well_count: float = 20_000.0
    read_noise_count: float = 30.0
    bits_count: int = 10

    def __post_init__(self) -> None:
        if not (16 <= self.pixel_count <= 4096 and 0.0 < self.field_rad < math.radians(150.0)):
            raise InputError(
                f"A camera with {self.pixel_count} pixels over {math.degrees(self.field_rad):.0f} degrees. "
                "Give 16 to 4096 pixels and a field below 150 degrees."
            )

    @property
    def focal_ratio(self) -> float:
        """The focal length over the size of a pixel."""
        return 0.5 * self.pixel_count / math.tan(0.5 * self.field_rad)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where a camera is (m, mean-Earth) and how it is turned.

    The columns of `me_from_camera` (3, 3) are its right, its down and its axis.
    """

    position_m: FloatArray
    me_from_camera: FloatArray


def looking_down(position_m: FloatArray) -> Pose:
    """Return the pose of a camera that looks straight down, north at the picture's top."""
    up = position_m / np.linalg.norm(position_m)
    east = np.cross([0.0, 0.0, 1.0], up)
    east /= np.linalg.norm(east)
    return Pose(position_m, np.column_stack([east, -np.cross(up, east), -up]))


def seen(
    ground: Ground,
    camera: Camera,
    pose: Pose,
    sun_me: FloatArray,
    *,
    margin_count: int = 0,
    soil: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Return brightness and range (m), (n, n) each, of what a camera sees with the Sun in a direction (3,).

    `margin_count` pixels are added on all sides. With `soil` the ground has brighter and darker patches
    that no map of heights knows.
    """
    size = camera.pixel_count + 2 * margin_count
    brightness, ranges = np.empty((size, size)), np.empty((size, size))
    kernels.picture(
        np.ascontiguousarray(pose.position_m, dtype=np.float64),
        np.ascontiguousarray(pose.me_from_camera, dtype=np.float64).ravel(),
        camera.focal_ratio,
        0.5 * (size - 1),
        np.ascontiguousarray(sun_me, dtype=np.float64),
        _ALBEDO_SPREAD if soil else 0.0,
        ground,
        brightness,
        ranges,
        np.empty(3),
    )
    return brightness, ranges


def exposed(brightness: FloatArray, camera: Camera, seed: int) -> npt.NDArray[np.uint16]:
    """Return the detector's counts (n, n), exposed for full sunlight: shot and read noise, whole steps."""
    noise = np.random.default_rng(seed)
    electrons = np.minimum(brightness, 1.0) * camera.full_well_count
    electrons = noise.poisson(electrons) + camera.read_noise_count * noise.standard_normal(brightness.shape)
    top = 2**camera.bits_count - 1
    counts = np.rint(electrons / camera.full_well_count * top)
    result: npt.NDArray[np.uint16] = np.clip(counts, 0, top).astype(np.uint16)
    return result
