"""Go or no-go before the descent: the check list of a mission, with what its way to the ground asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from perilune.landing.craft.shape import craft_of
from perilune.landing.faults.checklist import Item, check_list
from perilune.landing.faults.rows import fault_table
from perilune.landing.route.corridor import Step
from perilune.landing.route.deadline import Profile, at_height, deadline_m
from perilune.landing.route.gates import Verdict
from perilune.landing.simulate import DescentHistory
from perilune.landing.vehicle import Lander
from perilune.maths.arrays import FloatArray
from perilune.mission.landing_case import geometry_of
from perilune.mission.schema import Mission
from perilune.mission.sensors import sensors_of


def go_list(
    mission: Mission,
    lander: Lander,
    history: DescentHistory,
    profile: Profile,
    needed_m: FloatArray,
    errors_m: Sequence[float],
    crossed: Sequence[tuple[Step, Sequence[Verdict]]],
) -> tuple[Item, ...]:
    """Return all items: units, propellant, site, first range in time, the ground against the policy's gate.

    `needed_m` is the height that a stop takes along the profile, `errors_m` how far too high the estimate may
    be, `crossed` the steps under the track with every policy's verdict.
    """
    sensors = sensors_of(mission)
    craft = craft_of(lander, geometry_of(mission))
    latest_m = max(deadline_m(profile, needed_m, error_m) for error_m in errors_m)
    # With the estimate too high the lander has the attitude and the speed of the height it believes in.
    believed_m = latest_m + max(errors_m)
    items = check_list(
        sensors,
        fault_table(mission.faults, sensors, craft),
        len(craft.engines),
        deadline_m=latest_m,
        tilt_rad=0.5 * math.pi - at_height(profile, np.asarray(history.pitch_rad), believed_m),
        speed_m_s=at_height(profile, profile.descent_m_s, believed_m),
    )
    return (*items, *_ground(mission.navigation.policy, crossed))


def _ground(policy: str, crossed: Sequence[tuple[Step, Sequence[Verdict]]]) -> Iterator[Item]:
    """Yield whether the policy on board takes the ground under the track for what it is."""
    tripped = [
        (step, one) for step, verdicts in crossed for one in verdicts if one.policy == policy and one.trips
    ]
    if not tripped:
        yield Item("ground under the track", True, f"no step trips the gate of {policy}")
    for step, one in tripped:
        yield Item(
            "ground under the track",
            False,
            f"the {'rise' if step.rise_m > 0.0 else 'drop'} of {abs(step.rise_m):.0f} m, "
            f"{step.before_m / 1e3:.0f} km before the site, trips the gate of {policy}: {one.then}. "
            f"Take another policy or another heading.",
        )
