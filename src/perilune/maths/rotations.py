"""Rotations of axes: the matrix turns a vector's old components into its new ones."""

from __future__ import annotations

import math

import numpy as np

from perilune.maths.arrays import FloatArray


def about_x(angle_rad: float) -> FloatArray:
    """Return the matrix (3, 3) for axes turned by an angle about x."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def about_y(angle_rad: float) -> FloatArray:
    """Return the matrix (3, 3) for axes turned by an angle about y."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def about_z(angle_rad: float) -> FloatArray:
    """Return the matrix (3, 3) for axes turned by an angle about z.

    >>> about_z(math.pi / 2).round(12).tolist()
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
