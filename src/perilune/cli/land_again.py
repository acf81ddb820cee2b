"""One run of a campaign again, to the bit: its row, and its replay where a folder is named."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from perilune.campaign.case import Arm
from perilune.campaign.tables import rows_digest
from perilune.cli.land_call import Call, command_for
from perilune.errors import InputError
from perilune.landing.loop.rows import CAUSES, OUTCOMES


def fly_again(call: Call, *, as_json: bool) -> str:
    """Fly the run again under each policy, write replays where `--out` names a folder; return what to print.

    Under several policies the errors and the noise are the same; a page puts them beside each other.
    """
    assert call.run is not None
    runs = [_flown(call, arm, call.run) for arm in call.arms]
    told = [one for one, _ in runs]
    try:
        files = _written(call, [(one["command"], flown) for one, flown in runs])
    except OSError as fault:
        why = (fault.strerror or str(fault)).rstrip(".")
        raise InputError(f"--out {call.out}: can not be written: {why}. Name another folder.") from None
    if as_json:
        found = told[0] if len(told) == 1 else {"policies": {one["policy"]: one for one in told}}
        return json.dumps(found | {"files": files}, indent=2) + "\n"
    lines = [line for one in told for line in _lines(one)]
    return "\n".join([*lines, *(f"Wrote {name}" for name in files)]) + "\n"


def _flown(call: Call, arm: Arm, run: int) -> tuple[dict[str, Any], Any]:
    """Return what is told of a run, and the run."""
    case: Any = arm.case
    flown = case.replay(call.seed, run)
    named = dict(zip(case.columns, flown.row.tolist(), strict=True))
    told = {
        "mission": call.mission,
        "policy": arm.policy,
        "fault": arm.fault,
        "seed": call.seed,
        "run": run,
        "outcome": OUTCOMES[int(named["outcome"])],
        "first_cause": CAUSES[int(named["first_cause"])],
        "row": {name: value if math.isfinite(value) else None for name, value in named.items()},
        "row_digest": rows_digest(flown.row),
        "command": f"{command_for(call, arm)} --run {run}",
    }
    return told, flown


def _written(call: Call, runs: Sequence[tuple[str, Any]]) -> list[str]:
    """Write each replay with its page, tables and telemetry into the folder asked for; return their names."""
    if call.out is None:
        return []
    from perilune.campaign.store import folder_made, write_text
    from perilune.report import replay as replays
    from perilune.report.landing_compare import render_compared
    from perilune.report.landing_page import render_landing
    from perilune.report.replay_case import replay_of
    from perilune.report.replay_tables import write_tables
    from perilune.report.replay_telemetry import write_telemetry

    folder = folder_made(call.out)
    paths, flown = [], []
    for arm, (command, run) in zip(call.arms, runs, strict=True):
        case: Any = arm.case
        replay = replay_of(run, case, seed=call.seed, command=command, published=call.published)
        flown.append(replay)
        name = f"run-{call.run}" if len(runs) == 1 else f"run-{call.run}-{arm.policy}"
        paths += [
            replays.write(replay, folder / f"{name}.npz"),
            write_text(folder / f"{name}.html", render_landing(replay)),
            *write_tables(replay, folder / name),
            *write_telemetry(replay, folder / name),
        ]
    if len(flown) > 1:
        paths.append(write_text(folder / f"run-{call.run}.html", render_compared(flown)))
    return [str(path) for path in paths]


def _lines(told: dict[str, Any]) -> Iterator[str]:
    named = "" if told["fault"] == "none" else f", {told['fault']}"
    cause = "" if told["first_cause"] == "none" else f"; first came: {told['first_cause']}"
    yield f"{told['mission']}, {told['policy']}{named}: run {told['run']} of seed {told['seed']}"
    yield f"{told['outcome'].replace('_', ' ')}{cause}"
    shown = {name: value for name, value in told["row"].items() if not name.startswith("nees:")}
    width = max(map(len, shown))
    for name, value in shown.items():
        yield f"  {name:<{width}}  {'-' if value is None else format(value, '.9g')}"
