"""A setting and short chains for tests of shooting: arcs back from an arrival; none is a found transfer."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from perilune.mission.load import load
from perilune.mission.plan import plan
from perilune.transfer.arrival import NORTHBOUND, arrivals
from perilune.transfer.chain import Chain, Condition, Quantity
from perilune.transfer.flyby_family import arrival_conditions, coast
from perilune.transfer.request import DAY_S, Setting, TransferRequest, set_up

M2 = Path(__file__).resolve().parents[2] / "missions" / "m2.toml"


@functools.cache
def request() -> TransferRequest:
    """What Mission 2 asks of its transfer."""
    return plan(load(M2)).request


@functools.cache
def setting() -> Setting:
    return set_up(request())


def arrival(inclination_rad: float = math.radians(80.0), argument_rad: float = 1.1) -> np.ndarray:
    """Return one state (6,) at insertion."""
    return arrivals(setting(), np.array([2e4]), inclination_rad, NORTHBOUND, np.array([argument_rad]))[0]


def arrival_chain(
    days: tuple[float, ...] = (12.0, 8.0, 4.0, 1.0),
    impulse_nodes: tuple[int, ...] = (),
    free_times: tuple[int, ...] = (),
) -> tuple[Chain, np.ndarray]:
    """Return a chain that ends at insertion, with its conditions there, and its states (n, 6), which fit."""
    times = np.array([*(-d * DAY_S for d in days), 0.0])
    states = [arrival()]
    for later, earlier in zip(times[::-1], times[-2::-1], strict=False):
        states.append(coast(setting(), float(later), float(earlier), states[-1]))
    last = len(times) - 1
    relative = states[0] - setting().moon(0.0)
    normal = np.cross(relative[:3], relative[3:])
    direction = np.cross(normal, relative[:3])
    chain = Chain(
        setting=setting(),
        model=setting().light,
        times_s=times,
        impulse_nodes=impulse_nodes,
        free_times=free_times,
        conditions=arrival_conditions(
            last, direction / np.linalg.norm(direction), float(np.linalg.norm(relative[:3]))
        ),
        mass_kg=np.full(last, 1000.0),
    )
    return chain, np.array(states[::-1])


def all_kinds(chain: Chain, *, weight: float) -> Chain:
    """Return the chain with a condition of every kind, about the Earth and the Moon, all of them violated."""
    last = chain.nodes - 1
    direction = np.array([0.6, 0.0, 0.8])
    return replace(
        chain,
        conditions=(
            Condition(0, "earth", Quantity.TIME, 0.0, 0.0, 60.0, weight),
            Condition(0, "earth", Quantity.DISTANCE, 1e8, 1e8, 1e6, weight),
            Condition(0, "earth", Quantity.INCLINATION, 0.0, 0.0, 0.1, weight),
            Condition(1, "earth", Quantity.PLANE, 1.0, 1.0, 1.0, weight, direction=direction),
            Condition(2, "moon", Quantity.DISTANCE, 1e9, 1e9, 1e6, weight),
            Condition(2, "moon", Quantity.PLANE, 1.0, 1.0, 1.0, weight, direction=direction),
            Condition(2, "moon", Quantity.TIME, 0.0, 0.0, 60.0, weight),
            Condition(last, "moon", Quantity.RADIAL, 0.0, 0.0, 1.0, weight),
            Condition(last, "moon", Quantity.DISTANCE, 0.0, 0.0, 1e6, weight),
        ),
    )
