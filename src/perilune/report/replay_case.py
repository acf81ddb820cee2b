"""From a flown case to its replay: names for the codes, the facts of the case, the ground beneath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perilune._version import __version__
from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground import _kernels as kernels
from perilune.landing.ground.table import Ground
from perilune.landing.loop.case import Case, Flown
from perilune.landing.loop.rows import CAUSES, LOG_COLUMNS, MEASUREMENT_COLUMNS, OUTCOMES
from perilune.landing.sensing.suite import kind_of
from perilune.landing.simulate import PHASES
from perilune.landing.software.table import VERDICTS
from perilune.mission.published_schema import PublishedFigure
from perilune.report.landing_maps import reliefs
from perilune.report.relief import Elevation
from perilune.report.replay import Facts, Replay, Table

Array = NDArray[np.float64]

_STATUSES = ("nothing", "valid", "invalid")
#: Details smaller than this do not show in a map, m.
_FINEST_M = 20.0


def replay_of(
    flown: Flown,
    case: Case,
    *,
    seed: int = 0,
    command: str = "",
    published: Sequence[PublishedFigure] = (),
) -> Replay:
    """Return the replay of a run that was flown with its log; `command` is the call that flies it again.

    `published` is what the mission file tells of the real flight.
    """
    row = dict(zip(flown.columns, flown.row.tolist(), strict=True))
    states = _table(flown.log, LOG_COLUMNS)
    return Replay(
        facts_of(case, row, seed=seed, command=command, published=published),
        {name: value for name, value in row.items() if not name.startswith("nees:")},
        states,
        _table(flown.measurements, MEASUREMENT_COLUMNS),
        reliefs(states, case.site.latitude_rad, case.site.longitude_rad, elevation_of(case.ground)),
    )


def facts_of(
    case: Case, row: dict[str, float], *, seed: int, command: str, published: Sequence[PublishedFigure] = ()
) -> Facts:
    """Return what a run of a case was, from its row."""
    return Facts(
        mission=case.mission,
        vehicle=case.vehicle,
        policy=case.policy,
        seed=seed,
        run=int(row["run"]),
        outcome=OUTCOMES[int(row["outcome"])],
        first_cause=CAUSES[int(row["first_cause"])],
        base_utc=case.base.iso("UTC", 3),
        site=case.site.name,
        site_latitude_rad=case.site.latitude_rad,
        site_longitude_rad=case.site.longitude_rad,
        site_elevation_m=float(np.linalg.norm(case.site_me_m)) - MOON_RADIUS_M,
        sensors=tuple((sensor.name, kind_of(sensor)) for sensor in case.sensors),
        phases=tuple(PHASES[code] for code in sorted(PHASES)),
        verdicts=VERDICTS,
        statuses=_STATUSES,
        full_thrust_n=case.lander.propulsion.thrust_n,
        dry_mass_kg=case.lander.empty_mass_kg,
        limits=limits_of(case),
        faults=case.fault_sentences,
        published=tuple((one.figure, one.value, one.written, one.source) for one in published),
        digest=case.digest,
        version=__version__,
        command=command,
    )


def limits_of(case: Case) -> dict[str, float]:
    """Return what a success may be at most, by column of the row."""
    gear = case.limits.touchdown
    found = {
        "vertical_m_s": gear.soft_vertical_m_s,
        "horizontal_m_s": gear.soft_horizontal_m_s,
        "tilt_rad": gear.soft_tilt_rad,
        "rate_rad_s": case.limits.rate_rad_s,
        "slope_rad": case.limits.slope_rad,
        "miss_m": case.limits.miss_m,
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}


def elevation_of(ground: Ground, finest_m: float = _FINEST_M) -> Elevation:
    """Return the ground's elevations (n,) in m as a function of unit vectors (n, 3)."""

    def found(directions: Array) -> Array:
        out = np.empty(len(directions))
        kernels.elevations(np.ascontiguousarray(directions), finest_m, ground, out)
        return out

    return found


def _table(rows: Array, names: tuple[str, ...]) -> Table:
    return {name: np.ascontiguousarray(rows[:, k]) for k, name in enumerate(names)}
