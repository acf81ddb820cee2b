"""What a call of `perilune land` asks for; all that is wrong with it is told at once."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from perilune.campaign.asked import Sweep, grid, names_asked, sweep_asked
from perilune.campaign.case import Arm
from perilune.campaign.store import Store
from perilune.campaign.ways import Serial, Threads, Way, usable_cpus
from perilune.errors import InputError
from perilune.landing.faults.catalogue import CATALOGUE
from perilune.landing.loop.case import Case
from perilune.landing.software.policies import POLICIES
from perilune.mission.landing_case import landing_case
from perilune.mission.load import from_tables, parse_toml, read_text
from perilune.mission.overridden import overridden
from perilune.mission.published_schema import PublishedFigure

T = TypeVar("T")
_MOST_RUNS: Final = 10_000_000
_MOST_WORKERS_A_CPU: Final = 8
_RUNS: Final = 100
#: Share of this machine's memory that the rows of a campaign may fill.
_ROWS_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Call:
    """A call that can be flown."""

    mission: str
    arms: tuple[Arm, ...]
    left_out: tuple[str, ...]
    seed: int
    runs: int
    run: int | None
    way: Way
    way_name: str
    out: Path | None
    faults: str | None
    #: What the mission file tells of the real flight.
    published: tuple[PublishedFigure, ...] = ()


def read_call(
    *,
    mission: str,
    runs: int | None,
    policy: str | None,
    faults: str | None,
    seed: int,
    run: int | None,
    workers: int | None,
    processes: bool,
    cluster: str | None,
    out: Path | None,
    sweeps: Sequence[str],
) -> Call:
    """Return what is asked for; raises one `InputError` with every fault of the call and of its files."""
    told: list[str] = []

    def tried(make: Callable[[], T]) -> T | None:
        try:
            return make()
        except InputError as fault:
            told.append(str(fault))
            return None

    told += _numbers(runs, seed, run, workers)
    told += _together(runs, run, workers, processes, cluster, sweeps)
    read = [tried(partial(sweep_asked, text)) for text in sweeps]
    swept = [sweep for sweep in read if sweep is not None]
    points = tried(lambda: grid(swept)) or []
    raw = tried(lambda: _tables(mission))
    policies = tried(lambda: _policies(policy))
    sets = tried(lambda: _fault_sets(faults))
    if raw is not None and sets is not None and policies is not None and points:
        arms, left = tried(lambda: _arms(raw, mission, policies, sets, points)) or (None, [])
    else:
        arms, left = None, []
    if run is not None and arms is not None and (sets_asked := len({arm.fault for arm in arms})) > 1:
        told.append(f"--run {run}: flies one set of faults, {sets_asked} are asked for.")
    if arms is not None and run is None:
        told += _held(arms, runs or _RUNS)
    if told:
        raise InputError(told[0] if len(told) == 1 else _listed(told))
    assert arms is not None
    assert raw is not None
    way, way_name = _way(workers, processes, cluster)
    public = from_tables(raw, mission).published
    return Call(
        mission, tuple(arms), tuple(left), seed, runs or _RUNS, run, way, way_name, out, faults, public
    )


def _listed(told: Sequence[str]) -> str:
    return f"{len(told)} faults\n" + "\n".join(f"  - {fault}" for fault in told)


def _numbers(runs: int | None, seed: int, run: int | None, workers: int | None) -> Iterator[str]:
    if runs is not None and not 1 <= runs <= _MOST_RUNS:
        yield f"--runs {runs}: is no number of runs. Ask for 1 to {_MOST_RUNS}."
    if not 0 <= seed < 2**63:
        yield f"--seed {seed}: is no seed. Give a whole number from 0 to {2**63 - 1}."
    if run is not None and not 0 <= run < _MOST_RUNS:
        yield f"--run {run}: is no run. They count from 0."
    if workers is not None and workers < 1:
        yield f"--workers {workers}: nobody would fly. Ask for 1 or more; this machine has {usable_cpus()}."
    most = _MOST_WORKERS_A_CPU * usable_cpus()
    if workers is not None and workers > most:
        yield (
            f"--workers {workers}: would wait for each other, this machine has {usable_cpus()} processors. "
            f"Ask for {most} at most."
        )


def _held(arms: Sequence[Arm], runs: int) -> Iterator[str]:
    """Yield a fault where the rows would not fit into memory."""
    row = sum(8.0 * len(arm.case.columns) for arm in arms)
    room = _ROWS_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if room < row * runs <= row * _MOST_RUNS:
        yield (
            f"--runs {runs}: rows of {len(arms)} policies and faults would take {row * runs / 1e9:.0f} GB of "
            f"memory. Ask for {int(room / row)} at most, and for more with another --seed."
        )


def _together(
    runs: int | None,
    run: int | None,
    workers: int | None,
    processes: bool,
    cluster: str | None,
    sweeps: Sequence[str],
) -> Iterator[str]:
    if cluster is not None and (processes or workers is not None):
        yield "--cluster: has workers of its own. Leave out --workers and --processes."
    if run is not None and runs is not None:
        yield "--run: flies one run again. Leave out --runs."
    if run is not None and len(sweeps) and any(not text.rstrip().endswith(":1") for text in sweeps):
        yield "--run: flies one run again. Leave out --sweep, or name one value (name=x:x:1)."


def _tables(mission: str) -> dict[str, Any]:
    raw = parse_toml(read_text(Path(mission)), mission)
    from_tables(raw, mission)
    return raw


def _policies(policy: str | None) -> list[str | None]:
    return [None] if policy is None else list(names_asked("policy", policy, POLICIES))


def _fault_sets(faults: str | None) -> dict[str, Any]:
    """Return sets of faults by name: rows of the catalogue, or the tables of a file."""
    if faults is None:
        return {"none": ()}
    if faults.endswith(".toml") or "/" in faults or Path(faults).is_file():
        return {Path(faults).stem: _fault_file(faults)}
    names = names_asked("fault", faults, ["none", *CATALOGUE])
    return {name: () if name == "none" else CATALOGUE[name].faults for name in names}


def _fault_file(path: str) -> list[dict[str, Any]]:
    held = parse_toml(read_text(Path(path)), path)
    rows = held.pop("fault", None)
    if held or not isinstance(rows, list) or not rows:
        raise InputError(f"{path}: a file of faults holds [[fault]] tables and nothing else.")
    return rows


def _arms(
    raw: dict[str, Any],
    mission: str,
    policies: Sequence[str | None],
    sets: dict[str, Any],
    points: Sequence[tuple[tuple[Sweep, float], ...]],
) -> tuple[list[Arm], list[str]]:
    """Return the arms by point of the sweep, fault and policy, and the names of faults that can not happen.

    With all faults asked for, those of units that are not aboard are left out and named.
    """
    arms: list[Arm] = []
    left: dict[str, str] = {}
    for point in points:
        tables = overridden(raw, {sweep.name: sweep.written(value) for sweep, value in point})
        values = tuple((sweep.title, value) for sweep, value in point)
        for name, rows in sets.items():
            try:
                for policy in policies:
                    case = _case(tables, mission, policy, rows)
                    arms.append(Arm(case, policy or case.policy, name, values))
            except InputError as fault:
                if len(sets) < len(CATALOGUE) or name == next(iter(sets)):
                    raise
                left[name] = str(fault)
    return arms, list(left)


def _case(tables: dict[str, Any], mission: str, policy: str | None, rows: Sequence[Any]) -> Case:
    """Return the case of a mission's tables with a policy and faults: rows of the catalogue, or tables."""
    from_file = isinstance(rows, list)
    if from_file:
        tables = tables | {"fault": [*tables.get("fault", []), *rows]}
    read = from_tables(tables, mission)
    return landing_case(read, policy=policy, faults=() if from_file else tuple(rows), source=mission)


def _way(workers: int | None, processes: bool, cluster: str | None) -> tuple[Way, str]:
    if cluster is not None:
        from perilune.campaign.cluster import Cluster

        return Cluster(cluster), "cluster"
    count = workers or usable_cpus()
    if processes:
        from perilune.campaign.processes import Processes

        return Processes(count), "processes"
    return (Serial(), "serial") if count == 1 else (Threads(count), "threads")


def command_for(call: Call, arm: Arm) -> str:
    """Return the command that flies an arm's runs again, before `--run`."""
    words = ["perilune", "land", call.mission, "--policy", arm.policy]
    if call.faults is not None:
        words += ["--faults", call.faults if call.faults.endswith(".toml") else arm.fault]
    for title, value in arm.point:
        name, _, unit = title.rstrip(")").partition(" (")
        words += [
            "--sweep",
            f"{name}={value!r} {unit}:{value!r} {unit}:1" if unit else f"{name}={value!r}:{value!r}:1",
        ]
    return shlex.join([*words, "--seed", str(call.seed)])


@contextmanager
def opened(call: Call) -> Iterator[Store | None]:
    """Give the folder that keeps the rows: the one asked for, or one in the cache until all are flown."""
    if call.out is not None:
        with Store(call.out, mission=call.mission, seed=call.seed, arms=call.arms) as store:
            yield store
        return
    from perilune._jit import cache_root

    keys = " ".join(arm.key(call.seed) for arm in call.arms)
    folder = cache_root().parent / "campaigns" / hashlib.sha256(keys.encode()).hexdigest()[:16]
    try:
        store = Store(folder, mission=call.mission, seed=call.seed, arms=call.arms)
    except InputError:
        # A cache that can not be written, or that the same campaign is flying into: this one goes without.
        yield None
        return
    with store:
        yield store
