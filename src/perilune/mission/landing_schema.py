"""The tables of a mission file that say how it lands: orbit, guidance, navigation, ground, limits.

The defaults of guidance and limits are those of `landing.guidance.GuidanceSettings` and
`landing.simulate.TouchdownLimits`, written again so that checking a file compiles nothing (tests hold them
equal).
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from perilune.landing.software.laws import APPROACH_LAWS, TERMINAL_LAWS, law_code
from perilune.mission.quantities import (
    Azimuth,
    Date,
    Length,
    PositiveAngle,
    PositiveAngularRate,
    PositiveLength,
    PositiveMass,
    PositiveSpeed,
    PositiveTime,
    Share,
    Speed,
)
from perilune.mission.table import PAIR, Table


def _approach_law(name: str) -> str:
    law_code(name, APPROACH_LAWS)
    return name


def _terminal_law(name: str) -> str:
    law_code(name, TERMINAL_LAWS)
    return name


class OrbitStart(Table):
    """[orbit]: the low lunar orbit that a mission starts in instead of [launch] to [lunar_orbit].

    The orbit passes over the site at the planned touchdown, perilune there, `beside` to the left of the site.
    """

    epoch: Date
    perilune_altitude_m: PositiveLength = Field(alias="perilune_altitude")
    apolune_altitude_m: PositiveLength = Field(alias="apolune_altitude")
    mass_kg: PositiveMass = Field(alias="mass")
    pass_: Literal["northbound", "southbound"] | None = Field(default=None, alias="pass")
    azimuth_rad: Azimuth | None = Field(default=None, alias="azimuth")
    beside_m: Length = Field(default=0.0, alias="beside")

    @property
    def heading_rad(self) -> float:
        """Return the direction of flight over the site, from north by east."""
        if self.azimuth_rad is not None:
            return self.azimuth_rad
        return math.pi if self.pass_ == "southbound" else 0.0


class GuidanceWish(Table):
    """[guidance]: the choices of the descent's guidance."""

    perilune_altitude_m: PositiveLength = Field(default=15e3, alias="perilune_altitude")
    ignition_fraction: Share = 0.96
    gate_thrust_fraction: Share = 0.90
    approach_duration_s: PositiveTime = Field(default=45.0, alias="approach_duration")
    upward_share: Share = 0.4
    low_gate_height_m: PositiveLength = Field(default=30.0, alias="low_gate_height")
    low_gate_speed_m_s: PositiveSpeed = Field(default=2.5, alias="low_gate_speed")
    touchdown_speed_m_s: PositiveSpeed = Field(default=1.0, alias="touchdown_speed")
    terminal_tilt_rad: PositiveAngle = Field(default=math.radians(12.0), alias="terminal_tilt")
    law: Annotated[str, AfterValidator(_approach_law)] = "apollo-quadratic"
    terminal_law: Annotated[str, AfterValidator(_terminal_law)] = "site-hold"
    exponents: tuple[float, float] = (1.0, 2.0)
    terminal_time_s: PositiveTime = Field(default=1.5, alias="terminal_time")
    divert_heights_m: Annotated[tuple[PositiveLength, PositiveLength], *PAIR] = Field(
        default=(50.0, 300.0), alias="divert_heights"
    )


class SuccessWish(Table):
    """[success]: what counts as a landing; beyond it up to `hard_…` a hard one, beyond that a crash."""

    vertical_speed_m_s: PositiveSpeed = Field(default=2.0, alias="vertical_speed")
    horizontal_speed_m_s: PositiveSpeed = Field(default=0.5, alias="horizontal_speed")
    tilt_rad: PositiveAngle = Field(default=math.radians(5.0), alias="tilt")
    rate_rad_s: PositiveAngularRate = Field(default=math.radians(2.0), alias="rate")
    slope_rad: PositiveAngle = Field(default=math.radians(12.0), alias="slope")
    miss_m: PositiveLength = Field(default=math.inf, alias="miss")
    hard_vertical_speed_m_s: PositiveSpeed = Field(default=3.0, alias="hard_vertical_speed")
    hard_horizontal_speed_m_s: PositiveSpeed = Field(default=1.0, alias="hard_horizontal_speed")
    hard_tilt_rad: PositiveAngle = Field(default=math.radians(12.0), alias="hard_tilt")


class Seen(Table):
    """[[telemetry]]: a height and descent speed told of a real flight, to stand beside ours."""

    height_m: PositiveLength = Field(alias="height")
    descent_speed_m_s: Speed = Field(alias="descent_speed")
    source: str = ""
