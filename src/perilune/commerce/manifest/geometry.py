"""Where things stand on deck: directions, distances, what is in the way of a cone."""

from __future__ import annotations

import math

from perilune.commerce.manifest.state import Vector
from perilune.commerce.payloads.state import Cone


def between(start: Vector, end: Vector) -> Vector:
    """Return the way from one point to another, m."""
    return (end[0] - start[0], end[1] - start[1], end[2] - start[2])


def length_m(way: Vector) -> float:
    """Return the length of a way.

    >>> length_m((3.0, 4.0, 0.0))
    5.0
    """
    return math.sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2])


def angle_rad(one: Vector, other: Vector) -> float:
    """Return the angle between two directions; zero where one has no length."""
    size = length_m(one) * length_m(other)
    if size == 0.0:
        return 0.0
    dot = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return math.acos(max(-1.0, min(1.0, dot / size)))


def clearance_rad(cone: Cone, apex_m: Vector, centre_m: Vector, radius_m: float) -> float:
    """Return the angle left between a cone and a sphere; negative where the sphere reaches into the cone."""
    way = between(apex_m, centre_m)
    distance = length_m(way)
    if distance <= radius_m:
        return -cone.half_angle_rad
    return angle_rad(cone.direction, way) - math.asin(radius_m / distance) - cone.half_angle_rad


def apart_rad(one: Cone, other: Cone) -> float:
    """Return the angle left between two cones seen from far away; negative where they overlap."""
    return angle_rad(one.direction, other.direction) - one.half_angle_rad - other.half_angle_rad


def radius_of(box_m: Vector) -> float:
    """Return the radius (m) of the sphere about a box."""
    return 0.5 * length_m(box_m)
