"""Sensors as figures, and the tables that the kernels read. SI throughout, body axes: +z is up when landed.

What `measure` writes into out (16,), where its status is 1 (valid) or 2 (delivered, not valid):

==============  ====================================================================================
laser, radar    0 slant range m, 1 sigma m as the data sheet has it, 2 believed age s, 3:6 boresight
                (body axes), 6 true range m (for the log alone), 7 half width of the beam rad (a radar
                tells the nearest point in it, a laser has 0), 8 signal-to-noise ratio (laser)
velocimeter     0:4 range rates m/s (positive when the range grows), 4 beams, 5 sigma m/s, 6 age s,
                7 bits of valid beams; their directions stand in the sensor's row at `layout.BEAM`
star tracker    0:4 quaternion body -> inertial, scalar first, 4 sigma rad across the boresight, 5 age s
terrain camera  0:3 position m (mean-Earth axes), 3 sigma m across, 4 sigma m upwards, 5 age s, 6 matches
hazard camera   0 east m, 1 north m of the safest place from the one asked for, 2 slope rad there,
                3 confidence, 4 age s
all             14 the sensor's row, 15 status
==============  ====================================================================================
"""

from __future__ import annotations

from perilune.landing.sensing.errors import (
    TIE_EAST,
    TIE_NORTH,
    error_inputs,
    errors_from,
    map_tie,
)
from perilune.landing.sensing.instruments import (
    HazardCamera,
    Imu,
    Laser,
    Radar,
    Sensor,
    StarTracker,
    TerrainCamera,
    Velocimeter,
    kind_of,
    navigation_imu,
    tactical_imu,
)
from perilune.landing.sensing.tables import (
    reference_electrons,
    sensor_memory,
    sensor_table,
    stream_names,
)

__all__ = [
    "TIE_EAST",
    "TIE_NORTH",
    "HazardCamera",
    "Imu",
    "Laser",
    "Radar",
    "Sensor",
    "StarTracker",
    "TerrainCamera",
    "Velocimeter",
    "error_inputs",
    "errors_from",
    "kind_of",
    "map_tie",
    "navigation_imu",
    "reference_electrons",
    "sensor_memory",
    "sensor_table",
    "stream_names",
    "tactical_imu",
]
