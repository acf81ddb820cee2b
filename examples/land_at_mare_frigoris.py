"""From lunar orbit to the ground: plan a descent for a site, fly it, compare it with the optimum."""

import math

from perilune.dynamics.forces import ForceModel
from perilune.dynamics.state import State
from perilune.epoch import Epoch
from perilune.landing.plan import plan_descent
from perilune.landing.simulate import fly_descent
from perilune.landing.vehicle import Lander, LanderPropulsion, Target
from perilune.world.frames import MOON_ICRF

site = Target("Mare Frigoris", latitude_rad=math.radians(60.5), longitude_rad=math.radians(-4.6))
lander = Lander("RESILIENCE", LanderPropulsion(425.0, 320.0, 1.0, 1200.0, 290.0), empty_mass_kg=375.0)
orbit = State(
    Epoch.utc("2025-06-05T16:45:00"),
    MOON_ICRF,
    position_m=[1447353.0, 490124.0, -1020727.0],
    velocity_m_s=[999.71, -385.20, 1233.02],
)

plan = plan_descent(orbit, 790.0, lander, site, ForceModel(("earth", "moon", "sun"), moon_degree=60))
landing = fly_descent(plan)

print(f"ignition    {plan.pdi.epoch.utc_iso()} at {plan.perilune_altitude_m:.0f} m")
print(f"touchdown   {landing.epoch.utc_iso()} {landing.outcome}, {landing.reason}")
print(f"off target  {landing.miss_distance_m:.2f} m")
print(f"propellant  {landing.propellant_left_kg:.1f} kg left")
print(f"dv          {landing.dv_m_s:.1f} m/s, {landing.dv_m_s / landing.dv_ideal_m_s:.3f} of the optimum")
