"""Approach guidance laws by their names: from place and speed to the acceleration that meets the low gate.

All laws work in any axes that stand still for a minute; `net` is the acceleration of the lander, gravity
included, so that thrust acceleration is net - gravity. Time counts backwards: tau is the time to go.

The polynomial family is one kernel. With tau the time to go, net = a_f + q1 (tau/t)^g1 + q2 (tau/t)^g2, and
the two coefficients follow from place and speed to reach:

- (1, 2): Apollo's quadratic law, Klumpp, Automatica 10 (1974) 133;
- any 0 <= g1 < g2: the fractional-polynomial law, Lu, JGCD 43 (2020) 398;
- (0, 1): E-guidance, which with the time to go of D'Souza (AIAA 97-3709) is the law of least effort.
"""

from __future__ import annotations

import math

from perilune._jit import kernel

QUADRATIC, FRACTIONAL, DSOUZA, GRAVITY_TURN = 0, 1, 2, 3
SITE_HOLD, VELOCITY_NULL = 0, 1


@kernel(bare=True)
def polynomial(to_go, speed, end_speed, end_net, g1, g2, tgo_s, q1, q2):
    """Write the coefficients of the polynomial law for each of three axes into q1 and q2.

    `to_go` = place to reach less place now (m), speeds in m/s, `end_net` in m/s^2, `tgo_s` > 0. The
    acceleration now is end_net + q1 + q2.
    """
    share = 1.0 / (1.0 / (g1 + 2.0) - 1.0 / (g2 + 2.0))
    for i in range(3):
        a = end_speed[i] - speed[i] - end_net[i] * tgo_s
        b = end_speed[i] - 0.5 * end_net[i] * tgo_s - to_go[i] / tgo_s
        p = (b - a / (g2 + 2.0)) * share
        q1[i] = p * (g1 + 1.0) / tgo_s
        q2[i] = (a - p) * (g2 + 1.0) / tgo_s


@kernel(bare=True)
def least_effort_tgo(to_go, speed, end_speed, gravity_m_s2, price):
    """Return D'Souza's time to go: the least positive root of the quartic for `price` + effort.

    price is the weight of the flight's duration in m^2/s^4 (Gamma of AIAA 97-3709); infinite where there is
    no root.
    """
    dd, dv, vv = 0.0, 0.0, 0.0
    for i in range(3):
        dd += to_go[i] * to_go[i]
        dv += to_go[i] * (speed[i] + end_speed[i])
        vv += speed[i] * speed[i] + speed[i] * end_speed[i] + end_speed[i] * end_speed[i]
    a = price + 0.5 * gravity_m_s2 * gravity_m_s2
    if a <= 0.0:
        return math.inf
    # Beyond this bound (Cauchy) the quartic a t^4 - 2 vv t^2 + 12 dv t - 18 dd is positive.
    high = 1.0 + max(2.0 * vv, max(abs(12.0 * dv), 18.0 * dd)) / a
    low = 0.0
    # Effort falls from infinity to its first minimum: walk up from below to the first change of sign.
    t = 1e-3
    while t < high:
        if ((a * t * t - 2.0 * vv) * t + 12.0 * dv) * t - 18.0 * dd > 0.0:
            break
        low = t
        t *= 1.25
    high = t
    for _ in range(50):
        t = 0.5 * (low + high)
        if ((a * t * t - 2.0 * vv) * t + 12.0 * dv) * t - 18.0 * dd > 0.0:
            high = t
        else:
            low = t
        if high - low < 1e-9 * high:
            break
    return 0.5 * (low + high)


@kernel(bare=True)
def gravity_turn_ratio(height_m, speed_m_s, from_vertical_rad, gravity_m_s2):
    """Return the thrust-to-weight ratio, held constant against the velocity, that stops at height zero.

    `from_vertical_rad` is the angle of the velocity from straight down. The closed form of the flat-Moon
    gravity turn, speed = C z^(n-1) (1 + z^2) with z = tan(angle/2), integrated for the height. Infinite at or
    below the ground.
    """
    if height_m <= 0.0:
        return math.inf
    if speed_m_s <= 0.0:
        return 1.0
    z = math.tan(0.5 * min(from_vertical_rad, 3.1))
    z2 = z * z
    z4 = z2 * z2
    k = height_m * gravity_m_s2 * (1.0 + z2) * (1.0 + z2) / (speed_m_s * speed_m_s)
    b = 1.0 - z4
    return (b + math.sqrt(max(b * b + 8.0 * k * (1.0 + z4 + 2.0 * k), 0.0))) / (4.0 * k)


@kernel(bare=True)
def gravity_turn_reach(ratio, speed_m_s, from_vertical_rad, gravity_m_s2, out):
    """Write the height (m), ground distance (m) and time (s) that a gravity turn takes to stop, ratio > 1."""
    z = math.tan(0.5 * from_vertical_rad)
    z2 = z * z
    c = speed_m_s / (1.0 + z2)  # C z^(n-1)
    n = ratio
    out[0] = c * c / gravity_m_s2 * (1.0 / (2.0 * n - 2.0) - z2 * z2 / (2.0 * n + 2.0))
    out[1] = 2.0 * c * c / gravity_m_s2 * (z / (2.0 * n - 1.0) + z * z2 / (2.0 * n + 1.0))
    out[2] = c / gravity_m_s2 * (1.0 / (n - 1.0) + z2 / (n + 1.0))
