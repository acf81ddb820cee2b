"""Turning between the axes of a landing: inertial (frozen at the base), Moon-fixed, body.

A rotation is nine numbers, row by row; a quaternion turns body axes into others, its scalar first.
"""

from __future__ import annotations

from perilune._jit import kernel


@kernel(bare=True)
def turned_at(t_s, turn, out):
    """Write the rotation F <- I of a time (s after the base), row by row, into out[0:9].

    `turn` (3, 4) holds the rotation vector's cubics, lowest power first; the angle stays below 0.01 rad, so
    that the series' next terms are below 1e-12.
    """
    x = turn[0, 0] + t_s * (turn[0, 1] + t_s * (turn[0, 2] + t_s * turn[0, 3]))
    y = turn[1, 0] + t_s * (turn[1, 1] + t_s * (turn[1, 2] + t_s * turn[1, 3]))
    z = turn[2, 0] + t_s * (turn[2, 1] + t_s * (turn[2, 2] + t_s * turn[2, 3]))
    angle2 = x * x + y * y + z * z
    a = 1.0 - angle2 / 6.0 * (1.0 - angle2 / 20.0)
    b = 0.5 - angle2 / 24.0
    out[0], out[4], out[8] = 1.0 - b * (y * y + z * z), 1.0 - b * (x * x + z * z), 1.0 - b * (x * x + y * y)
    out[1], out[3] = b * x * y - a * z, b * x * y + a * z
    out[2], out[6] = b * x * z + a * y, b * x * z - a * y
    out[5], out[7] = b * y * z - a * x, b * y * z + a * x


@kernel(bare=True)
def forwards(m, v, k, out, j):
    """Write m @ v[k:k+3] into out[j:j+3]; m is a rotation of nine numbers, row by row."""
    for i in range(3):
        out[j + i] = m[3 * i] * v[k] + m[3 * i + 1] * v[k + 1] + m[3 * i + 2] * v[k + 2]


@kernel(bare=True)
def backwards(m, v, k, out, j):
    """Write the transpose of m @ v[k:k+3] into out[j:j+3]."""
    for i in range(3):
        out[j + i] = m[i] * v[k] + m[3 + i] * v[k + 1] + m[6 + i] * v[k + 2]


@kernel(inline=True)
def rotation_of(q, k):
    """Return the rotation (nine numbers) of the quaternion q[k:k+4]."""
    w, x, y, z = q[k], q[k + 1], q[k + 2], q[k + 3]
    return (
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y),
    )


@kernel(bare=True)
def body_axes(q, k, turned, out, j):
    """Write the rotation F <- B of the quaternion q[k:k+4] into out[j:j+9]; `turned` is F <- I."""
    b = rotation_of(q, k)
    for r in range(3):
        for c in range(3):
            out[j + 3 * r + c] = (
                turned[3 * r] * b[c] + turned[3 * r + 1] * b[3 + c] + turned[3 * r + 2] * b[6 + c]
            )
