"""Signatures: what a fault must show in a flown run, as questions with an answer.

Each takes the evidence of a run (and of the same seed without the fault) and says whether the sign is
there. A sign belongs to the fault, not to a policy: it has to show whatever the flight software makes of
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from perilune.landing.faults.evidence import ALTIMETERS, Evidence
from perilune.landing.faults.measures import (
    burnt_for_command,
    first_altimeter,
    fix_errors,
    largest_error,
    restless,
    scatter,
    sigma,
    slant,
)
from perilune.landing.sensing.layout import BRAKING

Sign: TypeAlias = Callable[[Evidence], bool]
_REJECTED = (2.0, 3.0, 4.0)


def _healthy(run: Evidence) -> Evidence:
    if run.healthy is None:
        raise ValueError("This sign needs the run of the same seed without the fault beside it.")
    return run.healthy


def outage(below_m: float, above_m: float, kinds: tuple[str, ...] = ALTIMETERS) -> Sign:
    """No valid value between two heights where there are some without the fault, and an altitude that is no
    better known at their end. (How much worse depends on what else is aboard: 2 % with a terrain camera.)
    """

    def shown(run: Evidence) -> bool:
        there = _healthy(run)
        silent = len(run.of(*kinds).valid.between(above_m, below_m)) == 0
        spoke = len(there.of(*kinds).valid.between(above_m, below_m)) > 0
        name = "sigma_height_m"
        return silent and spoke and run.at_height(name, above_m) > 0.99 * there.at_height(name, above_m)

    return shown


def late(ceiling_m: float) -> Sign:
    """First valid reading below a height, at a speed at which it matters."""

    def shown(run: Evidence) -> bool:
        return 0.5 * ceiling_m < run.row["valid_height_m"] <= ceiling_m and run.row["valid_speed_m_s"] > 5.0

    return shown


def step(drop_m: float) -> Sign:
    """Innovations far beyond any gate that hang together: their scatter about a line is small."""

    def shown(run: Evidence) -> bool:
        readings = run.of("laser", "radar").valid
        residual, nis = readings["residual"], readings["nis"]
        loud = np.flatnonzero(nis > 100.0)
        if len(loud) < 5:
            return False
        first = loud[:5]
        scatter = float(np.std(np.diff(residual[first])))
        return float(np.abs(residual[first]).max()) > 0.02 * drop_m and scatter < 0.1 * drop_m

    return shown


def shifted(size_m: float, below_m: float) -> Sign:
    """Ranges that are off by one size all the time, with little scatter about it."""

    def shown(run: Evidence) -> bool:
        readings = run.of(*ALTIMETERS).valid.between(50.0, below_m)
        first = readings.where(readings["sensor"] == readings["sensor"].min()) if len(readings) else readings
        if len(first) < 5:
            return False
        off = first["value"] - first["true_value"]
        return abs(float(np.median(off)) - size_m) < 0.3 * abs(size_m)

    return shown


def scaled(share: float, below_m: float) -> Sign:
    """Ranges that are off by one share of themselves."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run).between(50.0, below_m)
        if len(readings) < 5:
            return False
        ratio = readings["value"] / readings["true_value"] - 1.0
        return abs(float(np.median(ratio)) - share) < 0.3 * abs(share)

    return shown


def locked(share: float, least: int) -> Sign:
    """So many ranges in a row that are off by one share of themselves, good ones before and after."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run).between(50.0, 3000.0)
        if len(readings) < 3 * least:
            return False
        off = np.abs(readings["value"] / readings["true_value"] - 1.0 - share) < 0.3 * abs(share)
        turns = int(np.count_nonzero(np.diff(off.astype(int))))
        return int(off.sum()) >= least and turns <= 2 and not (off[0] or off[-1])

    return shown


def stuck(least_s: float = 1.0) -> Sign:
    """One value told again and again while the true range changes."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run)
        same = np.diff(readings["value"]) == 0.0
        moves = np.abs(np.diff(readings["true_value"])) > 0.0
        spans = np.diff(readings["t_s"])
        return float(spans[same & moves].sum()) >= least_s

    return shown


def outliers(shorter: bool, least_share: float, below_m: float = math.inf) -> Sign:
    """Some readings far from the truth, those between them good."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run).between(0.0, below_m)
        if len(readings) < 5:
            return False
        off = readings["value"] - readings["true_value"]
        sigma = 1.0 + 1e-3 * readings["true_value"]
        wild = (off < -5.0 * sigma) if shorter else (np.abs(off) > 5.0 * sigma)
        alone = wild[:-1] & ~wild[1:]
        return least_share <= float(wild.mean()) <= 0.8 and float(alone.sum()) > 0.2 * float(wild.sum())

    return shown


def near_zero(value_m: float) -> Sign:
    """Ranges of next to nothing while the ground is far, all alike."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run)
        wrong = readings.where((readings["true_value"] > 20.0) & (readings["value"] < value_m + 5.0))
        return len(wrong) >= 5

    return shown


def delayed(extra_s: float) -> Sign:
    """Ranges that fit the height of some time ago: off in proportion to the speed, and not saying so."""

    def shown(run: Evidence) -> bool:
        there = _healthy(run)
        fast = first_altimeter(run).between(200.0, 5000.0)
        usual = first_altimeter(there).between(200.0, 5000.0)
        if len(fast) < 10 or len(usual) < 10:
            return False
        now_m, ratio = slant(run, fast)
        usual_m, usual_ratio = slant(there, usual)
        order = np.argsort(usual_m)
        expected = np.interp(now_m, usual_m[order], usual_ratio[order])
        when = fast["t_s"] - fast["age_s"] - extra_s
        then_m = np.interp(when, run.logged("t_s"), run.logged("true_height_m"))
        change = np.log(then_m / now_m)
        gain = float(np.log(ratio / expected) @ change) / max(float(change @ change), 1e-12)
        return 0.5 < gain < 1.5

    return shown


def noisy(factor: float) -> Sign:
    """Scatter far beyond what the sensor claims."""

    def shown(run: Evidence) -> bool:
        readings = first_altimeter(run).between(100.0, 5000.0)
        healthy = first_altimeter(_healthy(run)).between(100.0, 5000.0)
        if len(readings) < 10 or len(healthy) < 10:
            return False
        return scatter(readings) > 0.4 * factor * scatter(healthy)

    return shown


def unaided_velocity(below_m: float) -> Sign:
    """No valid velocimeter reading below a height, and a velocity no better known than without the fault."""

    def shown(run: Evidence) -> bool:
        there = _healthy(run)
        silent = len(run.of("velocimeter").valid.between(0.0, 0.9 * below_m)) == 0
        spoke = len(there.of("velocimeter").valid.between(0.0, 0.9 * below_m)) > 0
        return silent and spoke and sigma(run, "velocity", "_m_s") >= sigma(there, "velocity", "_m_s")

    return shown


def worse(name: str, factor: float, below_m: float) -> Sign:
    """A logged error that is larger than without the fault, at its largest below a height."""

    def shown(run: Evidence) -> bool:
        return largest_error(run, name, below_m) > factor * largest_error(_healthy(run), name, below_m)

    return shown


def unit_changed() -> Sign:
    """The check of thrust has found the inertial unit out, or the velocity is lost."""

    def shown(run: Evidence) -> bool:
        lost = largest_error(run, "velocity", 60e3) > 3.0 * largest_error(_healthy(run), "velocity", 60e3)
        return math.isfinite(run.switched_s) or lost

    return shown


def gyro_bias_learnt(size_rad_s: float) -> Sign:
    """The filter's own estimate of the gyros' bias moves by what the fault added, at least by a third."""

    def shown(run: Evidence) -> bool:
        here = run.logged3("gyro_bias_", "_rad_s")[-1]
        there = _healthy(run).logged3("gyro_bias_", "_rad_s")[-1]
        return float(np.linalg.norm(here - there)) > abs(size_rad_s) / 3.0

    return shown


def engines_stop(least_s: float) -> Sign:
    """No propellant burnt for a while after ignition, as it never is in a descent."""

    def shown(run: Evidence) -> bool:
        flying = run.logged("phase") >= BRAKING
        times, propellant_kg = run.logged("t_s")[flying], run.logged("main_propellant_kg")[flying]
        burns = np.flatnonzero(np.diff(propellant_kg) < 0.0)
        return len(burns) > 1 and float(np.diff(times[burns]).max()) >= least_s

    return shown


def shortened(kind: str, share: float) -> Sign:
    """A sensor whose first return comes from a share of the distance without the fault, or from less."""

    def shown(run: Evidence) -> bool:
        here, there = run.of(kind).valid, _healthy(run).of(kind).valid
        return len(here) == 0 or float(here["true_value"][:5].max()) < share * float(
            there["true_value"][:5].max()
        )

    return shown


def fewer_beams(below_m: float) -> Sign:
    """The velocimeter goes on below a height, but with other innovations than all of its beams have."""

    def shown(run: Evidence) -> bool:
        here = run.of("velocimeter").valid.between(0.0, below_m)
        there = _healthy(run).of("velocimeter").valid.between(0.0, below_m)
        return len(here) > 0 and abs(float(np.nanmean(here["nis"])) - float(np.nanmean(there["nis"]))) > 1e-3

    return shown


def differs(name: str, least: float) -> Sign:
    """A figure of the row that differs from the run without the fault by so much at least."""

    def shown(run: Evidence) -> bool:
        there, here = _healthy(run).row[name], run.row[name]
        return math.isnan(here) != math.isnan(there) or abs(here - there) >= least

    return shown


def thrust_off(share: float, from_s: float, to_s: float) -> Sign:
    """Propellant burnt for what was commanded, between two times after ignition: more or less than without
    the fault, as the thrust is. Guidance that measures thrust throttles, and only the two together tell.
    """

    def during(run: Evidence) -> NDArray[np.bool_]:
        since = run.logged("t_s") - run.row["ignition_s"]
        chosen: NDArray[np.bool_] = (since >= from_s) & (since < to_s)
        return chosen

    return _burnt_otherwise(share, during)


def thrust_off_below(share: float, height_m: float) -> Sign:
    """The same below a height."""
    return _burnt_otherwise(share, lambda run: run.below(height_m))


def _burnt_otherwise(share: float, during: Callable[[Evidence], NDArray[np.bool_]]) -> Sign:
    def shown(run: Evidence) -> bool:
        there = _healthy(run)
        change = burnt_for_command(run, during(run)) / burnt_for_command(there, during(there)) - 1.0
        return change * share > 0.0 and abs(change) > 0.1 * abs(share)

    return shown


def fixes_shifted(least_m: float) -> Sign:
    """Fixes of the terrain camera that are off by the same all the time, beside those without the fault."""

    def shown(run: Evidence) -> bool:
        here, there = fix_errors(run), fix_errors(_healthy(run))
        both_have = [time for time in here if time in there]
        if len(both_have) < 10:
            return False
        return abs(float(np.median([here[time] - there[time] for time in both_have]))) >= least_m

    return shown


def wobbles(factor: float) -> Sign:
    """Turn rates larger than without the fault."""

    def shown(run: Evidence) -> bool:
        return restless(run) > factor * restless(_healthy(run))

    return shown


def turned_aside(least_m: float) -> Sign:
    """Flown to another place than without the fault."""

    def shown(run: Evidence) -> bool:
        there = _healthy(run).row
        north = 1.7374e6 * (run.row["latitude_rad"] - there["latitude_rad"])
        east = 1.7374e6 * (run.row["longitude_rad"] - there["longitude_rad"])
        return math.hypot(north, east * math.cos(there["latitude_rad"])) >= least_m

    return shown


def unaided_attitude() -> Sign:
    """No star tracker while braking, and an attitude less well known at the end."""

    def shown(run: Evidence) -> bool:
        there = _healthy(run)
        fewer = len(run.of("star-tracker").valid) < 0.7 * len(there.of("star-tracker").valid)
        return fewer and sigma(run, "attitude", "_rad") > sigma(there, "attitude", "_rad")

    return shown


def both(*signs: Sign) -> Sign:
    """All of these signs."""
    return lambda run: all(sign(run) for sign in signs)


def any_of(*signs: Sign) -> Sign:
    """One of these signs at least."""
    return lambda run: any(sign(run) for sign in signs)
