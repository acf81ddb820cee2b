"""Our engine beside its peers, in one process, each timed in turn: `make bench`.

    python -m benchmarks [cislunar] [stm] [lunar] [batch] [startup] [hub] [campaign] [--write]

`--write` also writes docs/benchmarks.md, with the machine and the versions.

Every engine flies at its fastest setting of a ladder that is accurate to a centimetre. Times are the least of
several rounds and mean something only on an otherwise idle machine: its load is printed.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import (
    arcs,
    brahe_peer,
    campaign,
    heyoka_peer,
    hub,
    lunar,
    nyx_peer,
    orekit_peer,
    perilune_peer,
    scipy_peer,
    startup,
)
from benchmarks.measure import Runner, accurate_enough, load_average, table, time_in_turn, verdict

REFERENCE = Path(__file__).resolve().parents[1] / "validation" / "heyoka" / "cislunar.json"
TIGHT = {"fast_math": True, "slp_vectorize": True, "force_avx512": True}  # heyoka's faster code generation
FORMS = ("cheb", "chain")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Printed by `make bench`, written by `python -m benchmarks --write`. How each engine is set up and judged
stands in `docs/decisions/007-how-speed-is-judged.md`; the arcs in `benchmarks/arcs.json` and `lunar.py`.

```
{text}
```
"""
#: Tolerances to choose from, loosest first.
OURS = (1e-10, 5e-11, 3e-11, 2e-11, 1.5e-11, 1e-11, 3e-12, 1e-12)
BRAHES = (1e-9, 1e-10, 1e-11, 1e-12, 1e-14)
OREKITS = (1e-12, 1e-13, 1e-14, 1e-15)


def ladder(
    engine: str, method: str, make: Callable[[float], Any], tolerances: tuple[float, ...]
) -> list[Runner]:
    """Return one engine's settings, loosest first."""
    return [Runner(engine, f"{method} {tolerance:g}", make(tolerance).fly) for tolerance in tolerances]


def heyoka_ladder(arc: arcs.Arc, tolerances: tuple[float, ...]) -> list[Runner]:
    return [
        Runner("heyoka", f"{form} {tolerance:g}", heyoka_peer.Propagator(arc, form, tolerance, **TIGHT).fly)
        for tolerance in tolerances
        for form in FORMS
    ]


def cislunar(name: str, judged: bool) -> list[str]:
    """Return the table of one arc, and the verdicts on it where it is the one that is judged."""
    arc = arcs.load(name)
    truth_m = np.array(json.loads(REFERENCE.read_text())["arcs"][name]["final"]["position_m"])
    ladders = [
        ladder("perilune", "RKN12(10)", lambda t: perilune_peer.Propagator(arc, t), OURS),
        heyoka_ladder(arc, (1e-12, 1e-13, 1e-14, 1e-15, 1e-16)),
        ladder("brahe", "RKN1210", lambda t: brahe_peer.Propagator(arc, t), BRAHES),
        ladder("nyx", "DP78", lambda t: nyx_peer.Propagator(arc, t), (1e-11, 1e-12, 1e-13)),
        ladder("scipy", "DOP853+SPICE", lambda t: scipy_peer.Propagator(arc, t), (1e-12, 1e-13)),
    ]
    if orekit_peer.has_java():
        ladders.append(ladder("orekit", "DP853", lambda t: orekit_peer.Propagator(arc, t), OREKITS))
    chosen = {steps[0].engine: accurate_enough(steps, truth_m) for steps in ladders}
    time_in_turn(list(chosen.values()), 12)
    ours = chosen["perilune"]
    days = arc.duration_s / 86400.0
    lines = [table(f"{name}: {days:.0f} days, Earth, Moon, Sun, sunlight", list(chosen.values()), ours)]
    if "orekit" not in chosen:
        lines.append("orekit is left out: no Java machine here (JAVA_HOME, or java on the path).")
    return lines + (judge(chosen) if judged else [])


def judge(chosen: dict[str, Runner]) -> list[str]:
    """Return the verdicts on an arc."""
    ours, heyoka = chosen["perilune"], chosen["heyoka"]
    lines = [
        verdict("error in m", ours.from_reference_m, 0.01, at_least=False),
        verdict("time over heyoka's", ours.best_s / heyoka.best_s, 0.6, at_least=False),
    ]
    for engine, target in (("brahe", 10.0), ("nyx", 50.0), ("orekit", 50.0)):
        if engine in chosen:
            lines.append(verdict(f"times faster than {engine}", chosen[engine].best_s / ours.best_s, target))
    return lines


def stm() -> list[str]:
    """Return the table with the state transition matrix."""
    arc = arcs.load("blt120")
    reference = json.loads(REFERENCE.read_text())["arcs"]["blt120"]
    truth_m, matrix = np.array(reference["final"]["position_m"]), np.array(reference["stm"])
    ours = [(t, perilune_peer.Propagator(arc, t, stm=True)) for t in (1e-10, 1e-11, 1e-12)]
    # With chains the variational equations would carry the bodies as well: 588 states, minutes to compile.
    theirs = [(t, heyoka_peer.Propagator(arc, "cheb", t, stm=True, **TIGHT)) for t in (1e-13, 1e-15)]
    mine = accurate_enough([Runner("perilune", f"RKN12(10) {t:g}", p.fly) for t, p in ours], truth_m)
    peer = accurate_enough([Runner("heyoka", f"cheb {t:g}", p.fly) for t, p in theirs], truth_m)
    time_in_turn([mine, peer], 12)
    lines = [table("blt120 with the 6x6 state transition matrix", [mine, peer], mine)]
    for runner, propagators in ((mine, [p for _, p in ours]), (peer, [p for _, p in theirs])):
        flown = next(p for p in propagators if p.fly == runner.fly)
        flown.fly()
        worst = np.max(np.abs(flown.transition() - matrix)) / np.max(np.abs(matrix))
        lines.append(f"       {runner.engine}: matrix off by {worst:.1e} of its largest entry")
    return [*lines, verdict("times faster than heyoka with the matrix", peer.best_s / mine.best_s, 5.0)]


def low_orbit() -> list[str]:
    """Return the table of the lunar orbit."""
    with tempfile.TemporaryDirectory() as folder:
        theirs = [
            Runner("brahe", f"RKN1210 {t:g}", lunar.BrahePropagator(Path(folder), t).fly)
            for t in (1e-10, 1e-11, 1e-12)
        ]
        mine = [
            Runner("perilune", f"RKN12(10) {t:g}", perilune_peer.LunarPropagator(t).fly)
            for t in (1e-10, 1e-11, 1e-12)
        ]
        for steps in (mine, theirs):
            for runner in steps:
                runner.final = np.asarray(runner.fly())
                runner.from_reference_m = np.nan
            for runner in steps[:-1]:
                runner.error_m = float(np.linalg.norm((runner.final - steps[-1].final)[:3]))
        ours, peer = (next((r for r in s[:-1] if r.error_m <= 0.05), s[-1]) for s in (mine, theirs))
        time_in_turn([ours, peer], 3)
    apart_m = float(np.linalg.norm((ours.final - peer.final)[:3]))
    return [
        table("30 days at 100 km, field 50x50, Earth, Sun", [ours, peer], ours, "s"),
        verdict("times faster than brahe on the lunar orbit", peer.best_s / ours.best_s, 4.0),
        verdict("distance from brahe's end in m", apart_m, 0.05, at_least=False),
    ]


def neighbours(arc: arcs.Arc, count: int) -> Any:
    """Return starts (count, 6) around an arc's own: 1 m and 1 mm/s, one sigma."""
    noise = np.random.default_rng(20250115).normal(size=(count, 6)) * np.array([1.0] * 3 + [1e-3] * 3)
    return np.array([*arc.position_m, *arc.velocity_m_s]) + noise


def batch(count: int = 1000, threads: int = 2) -> list[str]:
    """Return the rates of many neighbours of blt120 at once."""
    arc = arcs.load("blt120")
    starts = neighbours(arc, count)
    truth = heyoka_peer.Propagator(arc, "cheb", 1e-16)
    ends = np.array([truth.fly(start) for start in starts])
    jobs: dict[str, Callable[[], Any]] = {}
    own = perilune_peer.Propagator(arc, 1e-11)
    states = own.states(starts)
    jobs["perilune RKN12(10) 1e-11"] = lambda: own.fly_many(states, threads)
    for form in FORMS:
        for lanes in (8, 16):
            many = heyoka_peer.BatchPropagator(arc, form, 1e-13, lanes, threads, **TIGHT)
            jobs[f"heyoka {form} B={lanes}"] = lambda many=many: many.fly_many(starts)
    peer = brahe_peer.Propagator(arc, 1e-11)
    jobs["brahe RKN1210 1e-11"] = lambda: peer.fly_many(starts)
    best = dict.fromkeys(jobs, np.inf)
    finals = {name: job() for name, job in jobs.items()}
    for _ in range(7):
        for name, job in jobs.items():
            begin_s = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - begin_s)
    lines = [f"{count} arcs on {threads} threads", f"{'engine':<28}{'arcs/s':>12}{'worst m':>12}"]
    for name in sorted(best, key=lambda n: best[n]):
        worst_m = np.linalg.norm((finals[name] - ends)[:, :3], axis=1).max()
        lines.append(f"{name:<28}{count / best[name]:>12.0f}{worst_m:>12.1e}")
    rates = {
        who: max(count / s for n, s in best.items() if n.startswith(who)) for who in ("perilune", "heyoka")
    }
    return [*lines, verdict("share of heyoka's best batch rate", rates["perilune"] / rates["heyoka"], 0.5)]


SECTIONS: dict[str, Callable[[], list[str]]] = {
    "cislunar": lambda: [
        line for n in ("blt120", "bltfly", "cis30") for line in cislunar(n, judged=n == "blt120")
    ],
    "stm": stm,
    "lunar": low_orbit,
    "batch": batch,
    "startup": startup.lines,
    "hub": hub.lines,
    "campaign": campaign.lines,
}


def machine() -> list[str]:
    """Return what the figures were measured on, and with."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    models = [line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line]
    model = models[0] if models else platform.machine()
    vectors = "with AVX-512" if "avx512f" in info else "without AVX-512"
    names = (
        "perilune",
        "numba",
        "numpy",
        "heyoka",
        "brahe",
        "nyx_space",
        "orekit-jpype",
        "scipy",
        "spiceypy",
    )
    return [
        f"{model}, {vectors}, {os.cpu_count()} cores; Python {platform.python_version()}",
        ", ".join(f"{name} {version(name)}" for name in names),
    ]


def main(asked: list[str]) -> int:
    write = "--write" in asked
    asked = [name for name in asked if name != "--write"]
    unknown = [name for name in asked if name not in SECTIONS]
    if unknown:
        print(f"No benchmark {unknown[0]!r}. There are: {', '.join(SECTIONS)}.", file=sys.stderr)
        return 2
    text = "\n".join(machine())
    print(text, flush=True)
    for name in asked or SECTIONS:
        head = f"\n== {name}, {load_average()}"
        print(head, flush=True)
        body = "\n".join(SECTIONS[name]())
        print(body, flush=True)
        text += f"\n{head}\n{body}"
    if write:
        PAGE.write_text(HEAD.format(text=text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
