"""Compiled geometry of the world: how the Moon is turned, how its field and the Earth's pull, what lies in
shadow.

Everything is in SI. Work arrays come from the caller; nothing is allocated in here.
"""

# mypy: ignore-errors
from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel


@kernel
def euler_313(phi_rad, theta_rad, psi_rad, out):
    """Write the matrix ICRF -> body axes, row by row, of the 3-1-3 Euler angles into out[0:9]."""
    cp, sp = math.cos(phi_rad), math.sin(phi_rad)
    ct, st = math.cos(theta_rad), math.sin(theta_rad)
    cs, ss = math.cos(psi_rad), math.sin(psi_rad)
    out[0] = cs * cp - ss * ct * sp
    out[1] = cs * sp + ss * ct * cp
    out[2] = ss * st
    out[3] = -ss * cp - cs * ct * sp
    out[4] = -ss * sp + cs * ct * cp
    out[5] = cs * st
    out[6] = st * sp
    out[7] = -st * cp
    out[8] = ct


# --- the lunar field ---
# Potential GM/r * sum_n (R/r)^n sum_m p_nm(u) (C' r_m + S' i_m), u = z/r, r_m + i i_m = ((x + i y)/r)^m.
# p_nm is the m-th derivative of the Legendre polynomial scaled to leading coefficient 1, so that
#   p_nn = 1,  p_{n,n-1} = u,  p_nm = u p_{n-1,m} - beta_nm p_{n-2,m},  p_nm' = (n - m) p_{n,m+1},
# and every norm is folded into C', S' (`field_table`). Nothing is singular at the poles; sums run along m.


@kernel
def field_table(c_normalised, s_normalised, degree, out):
    """Fill out[0:3, n, m] with C', S' and beta of a fully normalised field (index n(n+1)/2+m)."""
    ln2 = math.log(2.0)
    for n in range(degree + 1):
        for m in range(n + 1):
            i = n * (n + 1) // 2 + m
            # Leading coefficient (2n)! / (2^n n! (n-m)!) times the norm sqrt((2 - d0m) (2n+1) (n-m)!/(n+m)!).
            log_scale = math.lgamma(2.0 * n + 1.0) - n * ln2 - math.lgamma(n + 1.0) - math.lgamma(n - m + 1.0)
            log_scale += 0.5 * (math.lgamma(n - m + 1.0) - math.lgamma(n + m + 1.0))
            norm = math.sqrt((2.0 if m > 0 else 1.0) * (2.0 * n + 1.0)) * math.exp(log_scale)
            out[0, n, m] = c_normalised[i] * norm
            out[1, n, m] = s_normalised[i] * norm
            out[2, n, m] = ((n - 1.0) ** 2 - m * m) / (4.0 * (n - 1.0) ** 2 - 1.0) if n - m > 1 else 0.0


@kernel(fast=True)
def _field_rows_start(s, t, degree, work):
    """Fill work[1:5] with the rows r_m, i_m, m r_{m-1}, m i_{m-1}; clear the Legendre rows work[5:7]."""
    work[1, 0], work[2, 0], work[3, 0], work[4, 0] = 1.0, 0.0, 0.0, 0.0
    for m in range(1, degree + 1):
        re, im = work[1, m - 1], work[2, m - 1]
        work[1, m] = s * re - t * im
        work[2, m] = s * im + t * re
        work[3, m] = m * re
        work[4, m] = m * im
    for m in range(degree + 3):
        work[5, m] = 0.0
        work[6, m] = 0.0
    work[5, 0] = 1.0


@kernel(fast=True)
def field_acceleration(x, y, z, gm_m3_s2, radius_m, degree, table, work):
    """Return the acceleration in body axes (m/s^2) of a field to `degree`, central term included.

    `work` is (7, degree + 4) or larger; its first row is left alone.
    """
    r2 = x * x + y * y + z * z
    inv_r = 1.0 / math.sqrt(r2)
    s, t, u = x * inv_r, y * inv_r, z * inv_r
    _field_rows_start(s, t, degree, work)
    ratio = radius_m * inv_r
    g = gm_m3_s2 * inv_r * inv_r
    # Degree 0: only the radial term.
    as_, at, au, ar = 0.0, 0.0, 0.0, -g * table[0, 0, 0]
    for n in range(1, degree + 1):
        g *= ratio
        new, old = (6, 5) if n % 2 == 1 else (5, 6)
        for m in range(n):
            work[new, m] = u * work[old, m] - table[2, n, m] * work[new, m]
        work[new, n] = 1.0
        sum_s, sum_t, sum_u, sum_r = 0.0, 0.0, 0.0, 0.0
        for m in range(n + 1):
            p = work[new, m]
            cc = table[0, n, m]
            sc = table[1, n, m]
            d = cc * work[1, m] + sc * work[2, m]
            sum_s += p * (cc * work[3, m] + sc * work[4, m])
            sum_t += p * (sc * work[3, m] - cc * work[4, m])
            sum_u += (n - m) * work[new, m + 1] * d
            sum_r += (n + m + 1) * p * d
        as_ += g * sum_s
        at += g * sum_t
        au += g * sum_u
        ar -= g * (sum_r + u * sum_u)
    return as_ + s * ar, at + t * ar, au + u * ar


@kernel(fast=True)
def field_gradient(x, y, z, gm_m3_s2, radius_m, degree, table, work):
    """Return acceleration (3) and its symmetric gradient (xx, xy, xz, yy, yz, zz) in body axes."""
    r2 = x * x + y * y + z * z
    inv_r = 1.0 / math.sqrt(r2)
    s, t, u = x * inv_r, y * inv_r, z * inv_r
    _field_rows_start(s, t, degree, work)
    ratio = radius_m * inv_r
    g = gm_m3_s2 * inv_r * inv_r
    as_, at, au, ar = 0.0, 0.0, 0.0, -g * table[0, 0, 0]
    # Second derivatives of the angular part, their radial coupling b, and the double radial part d (times r).
    hss, hst, hsu, htu, huu = 0.0, 0.0, 0.0, 0.0, 0.0
    bs, bt, bu, dd = 0.0, 0.0, 0.0, 2.0 * g * table[0, 0, 0]
    for n in range(1, degree + 1):
        g *= ratio
        new, old = (6, 5) if n % 2 == 1 else (5, 6)
        for m in range(n):
            work[new, m] = u * work[old, m] - table[2, n, m] * work[new, m]
        work[new, n] = 1.0
        sum_s, sum_t, sum_u, sum_r = 0.0, 0.0, 0.0, 0.0
        q_ss, q_st, q_su, q_tu, q_uu = 0.0, 0.0, 0.0, 0.0, 0.0
        b_s, b_t, b_u, b_r = 0.0, 0.0, 0.0, 0.0
        for m in range(n + 1):
            p = work[new, m]
            p1 = (n - m) * work[new, m + 1]
            p2 = (n - m) * (n - m - 1) * work[new, m + 2]
            cc = table[0, n, m]
            sc = table[1, n, m]
            d = cc * work[1, m] + sc * work[2, m]
            f = cc * work[3, m] + sc * work[4, m]
            h = sc * work[3, m] - cc * work[4, m]
            sum_s += p * f
            sum_t += p * h
            sum_u += p1 * d
            sum_r += (n + m + 1) * p * d
            q_su += p1 * f
            q_tu += p1 * h
            q_uu += p2 * d
            b_s += (n + m + 1) * p * f
            b_t += (n + m + 1) * p * h
            b_u += (n + m + 2) * p1 * d
            b_r += (n + m + 1) * (n + m + 2) * p * d
        for m in range(2, n + 1):
            p = work[new, m] * m
            q_ss += p * (table[0, n, m] * work[3, m - 1] + table[1, n, m] * work[4, m - 1])
            q_st += p * (table[1, n, m] * work[3, m - 1] - table[0, n, m] * work[4, m - 1])
        as_ += g * sum_s
        at += g * sum_t
        au += g * sum_u
        ar -= g * (sum_r + u * sum_u)
        hss += g * q_ss
        hst += g * q_st
        hsu += g * q_su
        htu += g * q_tu
        huu += g * q_uu
        bs -= g * (b_s + u * q_su)
        bt -= g * (b_t + u * q_tu)
        bu -= g * (b_u + u * q_uu)
        dd += g * (b_r + 2.0 * u * b_u + u * u * q_uu)
    # H_ij = [U_ij + r_j b_i + r_i b_j + r_i r_j d + a_r (delta_ij - r_i r_j)] / r
    dr = dd - ar
    xx = (hss + 2.0 * s * bs + s * s * dr + ar) * inv_r
    xy = (hst + t * bs + s * bt + s * t * dr) * inv_r
    xz = (hsu + u * bs + s * bu + s * u * dr) * inv_r
    yy = (-hss + 2.0 * t * bt + t * t * dr + ar) * inv_r
    yz = (htu + u * bt + t * bu + t * u * dr) * inv_r
    zz = (huu + 2.0 * u * bu + u * u * dr + ar) * inv_r
    return as_ + s * ar, at + t * ar, au + u * ar, xx, xy, xz, yy, yz, zz


@kernel
def zonal_acceleration(x, y, z, rows, f):
    """Return the acceleration of zonal terms, without the central one.

    rows[f] is [kind, gm, radius, body, pole x, y, z, number, J2, J3, ...], the J unnormalised.
    """
    px, py, pz = rows[f, 4], rows[f, 5], rows[f, 6]
    inv_r = 1.0 / math.sqrt(x * x + y * y + z * z)
    u = (x * px + y * py + z * pz) * inv_r
    ratio = rows[f, 2] * inv_r
    # Potential -gm/r sum J_n (R/r)^n P_n(u): radial part (n+1) P_n + u P_n', along the pole -P_n'.
    p_old, p = 1.0, u
    d_old, d = 0.0, 1.0
    scale = rows[f, 1] * inv_r * inv_r * ratio
    radial, polar = 0.0, 0.0
    for i in range(int(rows[f, 7])):
        n = i + 2
        p_old, p = p, ((2.0 * n - 1.0) * u * p - (n - 1.0) * p_old) / n
        d_old, d = d, d_old + (2.0 * n - 1.0) * p_old
        scale *= ratio
        radial += scale * rows[f, 8 + i] * ((n + 1.0) * p + u * d)
        polar -= scale * rows[f, 8 + i] * d
    g = radial * inv_r
    return g * x + polar * px, g * y + polar * py, g * z + polar * pz


@kernel
def zonal_gradient(x, y, z, rows, f):
    """Return acceleration (3) and gradient (xx, xy, xz, yy, yz, zz) of `zonal_acceleration`."""
    px, py, pz = rows[f, 4], rows[f, 5], rows[f, 6]
    inv_r = 1.0 / math.sqrt(x * x + y * y + z * z)
    rx, ry, rz = x * inv_r, y * inv_r, z * inv_r
    u = rx * px + ry * py + rz * pz
    ratio = rows[f, 2] * inv_r
    p_old, p = 1.0, u
    d_old, d = 0.0, 1.0
    e_old, e = 0.0, 0.0
    scale = rows[f, 1] * inv_r * inv_r * ratio
    radial, polar, h_uu, h_u, h_r = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(int(rows[f, 7])):
        n = i + 2
        p_old, p = p, ((2.0 * n - 1.0) * u * p - (n - 1.0) * p_old) / n
        d_before = d
        d_old, d = d, d_old + (2.0 * n - 1.0) * p_old
        e_old, e = e, e_old + (2.0 * n - 1.0) * d_before
        scale *= ratio
        w = -scale * rows[f, 8 + i]
        radial -= w * ((n + 1.0) * p + u * d)
        polar += w * d
        h_uu += w * e
        h_u -= w * ((n + 2.0) * d + u * e)
        h_r += w * ((n + 1.0) * (n + 2.0) * p + 2.0 * u * (n + 2.0) * d + u * u * e)
    h_r -= radial
    return (
        radial * rx + polar * px,
        radial * ry + polar * py,
        radial * rz + polar * pz,
        (h_uu * px * px + h_u * (px * rx + rx * px) + h_r * rx * rx + radial) * inv_r,
        (h_uu * px * py + h_u * (px * ry + rx * py) + h_r * rx * ry) * inv_r,
        (h_uu * px * pz + h_u * (px * rz + rx * pz) + h_r * rx * rz) * inv_r,
        (h_uu * py * py + h_u * (py * ry + ry * py) + h_r * ry * ry + radial) * inv_r,
        (h_uu * py * pz + h_u * (py * rz + ry * pz) + h_r * ry * rz) * inv_r,
        (h_uu * pz * pz + h_u * (pz * rz + rz * pz) + h_r * rz * rz + radial) * inv_r,
    )


# --- shadow ---


@kernel
def shadow_angles(x, y, z, sun_x, sun_y, sun_z, sun_radius_m, body_x, body_y, body_z, body_radius_m):
    """Return (apparent radius of the Sun, of the body, their separation) in rad as seen from (x, y, z)."""
    sx, sy, sz = sun_x - x, sun_y - y, sun_z - z
    bx, by, bz = body_x - x, body_y - y, body_z - z
    s = math.sqrt(sx * sx + sy * sy + sz * sz)
    b = math.sqrt(bx * bx + by * by + bz * bz)
    cx, cy, cz = sy * bz - sz * by, sz * bx - sx * bz, sx * by - sy * bx
    apart = math.atan2(math.sqrt(cx * cx + cy * cy + cz * cz), sx * bx + sy * by + sz * bz)
    return math.asin(min(1.0, sun_radius_m / s)), math.asin(min(1.0, body_radius_m / b)), apart


@kernel
def lit_fraction(sun, body, apart):
    """Return the part of the Sun's disc that is seen, 0..1, from the angles of `shadow_angles`."""
    if apart >= sun + body:
        return 1.0
    if apart <= body - sun:
        return 0.0
    if apart <= sun - body:
        return 1.0 - (body / sun) ** 2
    x = (apart * apart + sun * sun - body * body) / (2.0 * apart)
    y = math.sqrt(max(0.0, sun * sun - x * x))
    covered = sun * sun * math.acos(max(-1.0, min(1.0, x / sun)))
    covered += body * body * math.acos(max(-1.0, min(1.0, (apart - x) / body)))
    covered -= apart * y
    return 1.0 - covered / (math.pi * sun * sun)


@kernel
def field_accelerations(positions_m, gm_m3_s2, radius_m, degree, table, out):
    """Evaluate `field_acceleration` for rows of body-fixed positions (n, 3) into out (n, 3)."""
    work = np.zeros((7, degree + 4))
    for i in range(positions_m.shape[0]):
        a = field_acceleration(
            positions_m[i, 0], positions_m[i, 1], positions_m[i, 2], gm_m3_s2, radius_m, degree, table, work
        )
        out[i, 0], out[i, 1], out[i, 2] = a
