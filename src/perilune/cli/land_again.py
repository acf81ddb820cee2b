"""One run of a campaign again, to the bit: its row, and its replay where a folder is named."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from perilune.campaign.tables import rows_digest
from perilune.cli.land_call import Call, command_for
from perilune.landing.loop.rows import CAUSES, OUTCOMES


def fly_again(call: Call, *, as_json: bool) -> str:
    """Fly the run again, write its replay where `--out` names a folder, and return what to print."""
    arm = call.arms[0]
    assert call.run is not None
    case: Any = arm.case
    flown = case.replay(call.seed, call.run)
    command = f"{command_for(call, arm)} --run {call.run}"
    named = dict(zip(arm.case.columns, flown.row.tolist(), strict=True))
    told = {
        "mission": call.mission,
        "policy": arm.policy,
        "fault": arm.fault,
        "seed": call.seed,
        "run": call.run,
        "outcome": OUTCOMES[int(named["outcome"])],
        "first_cause": CAUSES[int(named["first_cause"])],
        "row": {name: value if math.isfinite(value) else None for name, value in named.items()},
        "row_digest": rows_digest(flown.row),
        "command": command,
    }
    files = _written(call, flown, command)
    if as_json:
        return json.dumps(told | {"files": files}, indent=2) + "\n"
    return "\n".join([*_lines(told), *(f"Wrote {name}" for name in files)]) + "\n"


def _written(call: Call, flown: Any, command: str) -> list[str]:
    """Write the replay file, its page and its tables into the folder asked for; return their names."""
    if call.out is None:
        return []
    from perilune.campaign.store import folder_made, write_text
    from perilune.report import replay as replays
    from perilune.report.landing_page import render_landing
    from perilune.report.replay_case import replay_of
    from perilune.report.replay_tables import write_tables
    from perilune.report.replay_telemetry import write_telemetry

    folder = folder_made(call.out)
    case: Any = call.arms[0].case
    replay = replay_of(flown, case, seed=call.seed, command=command, published=call.published)
    name = f"run-{call.run}"
    paths = [
        replays.write(replay, folder / f"{name}.npz"),
        write_text(folder / f"{name}.html", render_landing(replay)),
        *write_tables(replay, folder / name),
        *write_telemetry(replay, folder / name),
    ]
    return [str(path) for path in paths]


def _lines(told: dict[str, Any]) -> Iterator[str]:
    named = "" if told["fault"] == "none" else f", {told['fault']}"
    cause = "" if told["first_cause"] == "none" else f"; first came: {told['first_cause']}"
    yield f"{told['mission']}, {told['policy']}{named}: run {told['run']} of seed {told['seed']}"
    yield f"{told['outcome'].replace('_', ' ')}{cause}"
    width = max(map(len, told["row"]))
    for name, value in told["row"].items():
        yield f"  {name:<{width}}  {'-' if value is None else format(value, '.9g')}"
