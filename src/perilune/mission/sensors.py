"""The sensors a vehicle has where a mission file names none."""

from __future__ import annotations

from perilune.landing.sensing import suite
from perilune.landing.sensing.suite import Sensor
from perilune.mission.schema import Mission


def default_sensors(vehicle: str) -> tuple[Sensor, ...]:
    """Return the usual sensors of a vehicle; all figures are class values (`landing.sensing.suite`).

    RESILIENCE measured its height with one laser range finder (published); the velocimeter is assumed, since
    without one no lander knows its sideways speed. For the landers to come two altimeters of different kind
    and image navigation are announced.

    >>> [sensor.name for sensor in default_sensors("RESILIENCE")]
    ['imu', 'star-tracker', 'laser', 'velocimeter']
    """
    if vehicle.casefold() == "resilience":
        return (suite.tactical_imu(), suite.StarTracker(), suite.Laser(), suite.Velocimeter())
    return (
        suite.navigation_imu(),
        suite.navigation_imu("imu-2"),
        suite.StarTracker(),
        suite.Laser(),
        suite.Radar(),
        suite.Velocimeter(),
        suite.TerrainCamera(),
        suite.HazardCamera(),
    )


def sensors_of(mission: Mission) -> tuple[Sensor, ...]:
    """Return the sensors of a mission: those its file names, or its vehicle's usual ones."""
    return tuple(mission.sensors) or default_sensors(mission.about.vehicle)
