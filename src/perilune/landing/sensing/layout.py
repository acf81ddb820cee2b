"""Columns of the arrays that the sensor kernels share: one row a sensor in each of them."""

from __future__ import annotations

from typing import Final

#: Kinds of sensors, the value of column KIND.
LASER, RADAR, VELOCIMETER, STAR_TRACKER, TERRAIN_CAMERA, HAZARD_CAMERA, IMU = range(7)
KINDS: Final = (
    "laser",
    "radar",
    "velocimeter",
    "star-tracker",
    "terrain-camera",
    "hazard-camera",
    "imu",
)

# -- the sensor's own figures: sensors[n, SENSOR_COLUMNS] ---------------------------------------------------
SENSOR_COLUMNS: Final = 40
KIND, PERIOD_S, LATENCY_S = 0, 1, 2
MOUNT = 3  # 3:6, place in body axes (m)
BORE = 6  # 6:9, unit vector in body axes
MIN_M, MAX_M = 9, 10  # range (altimeters, velocimeter) or height above the ground (cameras)
# Noise: m and m/m of range; velocimeter: m/s and share of the rate; camera: m and m/m of height.
SIGMA, SIGMA_SHARE = 11, 12
HALF_ANGLE = 13  # rad, half width of a radar's beam
# Laser: signal electrons at 1 km from a white surface square to the beam, noise electrons, detection
# threshold in noise, albedo, full divergence rad, time over which pulses are summed s, range bin m.
ELECTRONS, NOISE_ELECTRONS, THRESHOLD, ALBEDO, DIVERGENCE, INTEGRATION_S, BIN_M = 14, 15, 16, 17, 18, 19, 20
# Radar and velocimeter: least cosine between a beam and the ground's normal; velocimeter: fastest rate m/s,
# beams.
LEAST_COSINE, FASTEST_M_S, BEAMS, BEAM = 14, 15, 16, 24  # BEAM: 24:36, four unit vectors in body axes
# What is known of a sensor's constant errors, one sigma: m/s, share, rad (velocimeter); rad (star tracker,
# camera).
STAYS_BIAS, STAYS_SCALE, STAYS_TURN = 36, 37, 38
# Star tracker: sigmas across and about the boresight rad, fastest turn rad/s, Sun's and limb's exclusion
# rad, works while braking.
ACROSS_RAD, ABOUT_RAD, FASTEST_RAD_S, SUN_RAD, LIMB_RAD, WHILE_BRAKING = 14, 15, 16, 17, 18, 19
# Terrain camera: sigma upwards over sigma across, matches at best, least matches, Sun's elevations rad
# (none below, all above, all below, none above), greatest angle off the vertical rad, fastest turn rad/s.
UP_SHARE, MATCHES, LEAST_MATCHES, SUN_ELEVATION, OFF_NADIR_RAD, CAMERA_RAD_S = 14, 15, 16, 17, 21, 22
# Hazard camera: noise of a slope rad, radius searched m, baseline of a slope m, slope accepted rad, slope
# that a metre of divert is worth rad/m, least Sun elevation rad.
SLOPE_NOISE, SEARCH_M, BASELINE_M, SLOPE_LIMIT, PER_METRE, LEAST_SUN_RAD = 14, 15, 16, 17, 18, 19
# IMU: velocity and angle random walk (m/s and rad per root second), walk of the biases (m/s^2 and rad/s per
# root second), quanta (m/s, rad), limits (m/s^2, rad/s).
VELOCITY_WALK, ANGLE_WALK, ACCELEROMETER_WALK, GYRO_WALK = 14, 15, 16, 17
VELOCITY_QUANTUM, ANGLE_QUANTUM, MOST_M_S2, MOST_RAD_S = 18, 19, 20, 21

# -- a run's constant errors: errors[n, ERROR_COLUMNS] ------------------------------------------------------
ERROR_COLUMNS: Final = 20
# Altimeters: bias m, scale, boresight turned about two axes square to it rad, time tag s, returned energy
# (less one).
E_BIAS, E_SCALE, E_TURN_A, E_TURN_B, E_TIME_TAG_S, E_ENERGY = 0, 1, 2, 3, 4, 5
# Velocimeter: 0:4 bias of each beam m/s, scale, 5:8 misalignment rad (body axes), time tag s.
E_BEAMS, E_RATE_SCALE, E_TURN, E_RATE_TIME_TAG_S = 0, 4, 5, 8
# Star tracker: 0:3 misalignment rad (body axes). Terrain camera: map tie east and north m, boresight rad,
# map too high m.
E_TIE_EAST, E_TIE_NORTH, E_CAMERA_EAST_RAD, E_CAMERA_NORTH_RAD, E_MAP_UP = 0, 1, 2, 3, 4
# IMU: 0:3 accelerometer bias m/s^2, 3:6 scale, 6:9 misalignment rad; 9:18 the same of the gyros (rad/s).
E_ACCELEROMETER, E_GYRO = 0, 9

# -- what faults do: effects[n_sensors + n_engines + 3, EFFECT_COLUMNS]; all zero is no fault ---------------
EFFECT_COLUMNS: Final = 18
(
    OFF,
    BIAS,
    SCALE,
    NOISE,
    STUCK,
    SPIKE_SHARE,
    SPIKE_SIZE,
    FALSE,
    FALSE_VALUE,
    EXTRA_LATENCY_S,
    BIAS_Y,
    BIAS_Z,
    ENERGY_LOST,
    RATE_X,
    RATE_Y,
    RATE_Z,
    CEILING_M,
    BEAMS_LOST,
) = range(EFFECT_COLUMNS)
#: Rows of `effects` after the sensors' and engines', counted from the end.
TANK_ROW, MAP_ROW, SOFTWARE_ROW = -3, -2, -1

# -- what a sensor remembers: memory[n, MEMORY_COLUMNS] ------------------------------------------------------
NEXT_S, WRITTEN, READ = 0, 1, 2  # next sample's time; samples put into and taken from the queue
LAST = 4  # 4:10, last values, which a stuck sensor repeats
TURN = 3  # IMU: steps so far
REMAINDER, WALK = 10, 16  # IMU: 10:16 what quantisation left over, 16:22 the biases' walk
QUEUE = 24  # slots of SLOT numbers: time sampled, time of delivery, status, extra latency, 12 values
SLOTS: Final = 8
SLOT: Final = 16
MEMORY_COLUMNS: Final = QUEUE + SLOTS * SLOT

# -- the scene ----------------------------------------------------------------------------------------------
SCENE_COLUMNS: Final = 32
S_TIME, S_POSITION, S_VELOCITY, S_TURNED, S_RATE, S_HEIGHT, S_SUN, S_IGNITION, S_PHASE, S_Q, S_PLACE = (
    0,
    1,
    4,
    7,
    16,
    19,
    20,
    23,
    24,
    25,
    29,
)
BRAKING = 1  # the phase of the main burn, as the guidance counts them
OUT_COLUMNS: Final = 16
NOTHING, VALID, INVALID = 0, 1, 2
