"""The craft as numbers that kernels read: engines, tanks, body, legs; body axes with +z along the thrust.

The origin of the body axes is the centre of the footpads' plane, so z is a point's height over the pads.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from perilune.maths.arrays import FloatArray

# Columns of `Craft.engines`: position (m), unit direction of the force, thrust N, flow kg/s, least throttle,
# first-order lag s, kind, shortest pulse s (0: not pulsed), gimbal range rad, gimbal rate rad/s, tank, spare.
X, Y, Z, DX, DY, DZ, THRUST_N, FLOW_KG_S, LEAST, LAG_S, KIND, MIN_ON_S, GIMBAL_RAD, GIMBAL_RATE, TANK = range(
    15
)
ENGINE_COLUMNS: Final = 16
MAIN, ASSIST, RCS = 0, 1, 2

# Columns of `Craft.tanks`. A row is `NUMBER` equal spheres, evenly placed on a ring of radius `RING_M` about
# its position: their liquid sways alike, as one pendulum.
TANK_X, TANK_Y, TANK_Z, RADIUS_M, NUMBER, RING_M, CAPACITY_KG, SWAYS, DAMPING, FEEDS, PART = range(11)
TANK_COLUMNS: Final = 12

# Places in `Craft.body`: dry mass kg, dry centre (m), dry inertia about it (kg m^2, tensor elements),
# inertial unit (m), attitude rate limit rad/s, least acceleration that settles liquid m/s^2.
DRY_KG, DRY_X, DRY_Y, DRY_Z, IXX, IYY, IZZ, IXY, IXZ, IYZ, IMU_X, IMU_Y, IMU_Z, RATE_LIMIT, SETTLING = range(
    15
)
BODY_SIZE: Final = 24

# Places in `Craft.legs`: number, footprint radius m, azimuth of the first rad, stroke m, crush load of a leg
# N, friction, height of the lowest hard point over the pads m, elastic stiffness N/m, damping N s/m.
LEGS, FOOT_M, FIRST_RAD, STROKE_M, CRUSH_N, FRICTION, BELLY_M, STIFFNESS_N_M, LEG_DAMPING = range(9)
LEGS_SIZE: Final = 12

# The state of the truth: position and velocity (inertial axes) of the body's centre of mass, attitude (body
# to inertial, scalar first), rate rad/s (body), main and attitude propellant kg, then four numbers a tank:
# the liquid's displacement (m) and speed (m/s) in body x and y. "Body" is all that does not sway.
Y_R, Y_V, Y_Q, Y_W, Y_MAIN, Y_RCS, Y_SLOSH = 0, 3, 6, 10, 13, 14, 15


class Craft(NamedTuple):
    """A lander: `engines` float64[n, 16], `tanks` float64[k, 12], `body` float64[24], `legs` float64[12]."""

    engines: FloatArray
    tanks: FloatArray
    body: FloatArray
    legs: FloatArray


def state_size(craft: Craft) -> int:
    """Return the length of a truth state of this craft."""
    return Y_SLOSH + 4 * len(craft.tanks)


def work_size(craft: Craft) -> int:
    """Return the length of the scratch array that `advance` wants."""
    return 24 + 24 * len(craft.tanks)
