"""The transfer as a drawing that can be turned and played: data and a small script inside the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

import numpy as np

from perilune.epoch import Epoch
from perilune.mission.delivery import Delivery, Leg
from perilune.report.geometry import Array, about, ecliptic, of_phase, thinned
from perilune.report.words import short
from perilune.world import ephemeris

_MOST_STATES_A_LEG = 900
_CONTROLS = (
    '<p class="controls"><button type="button" data-do="play" aria-pressed="false">Play</button>'
    '<button type="button" data-do="rotating" aria-pressed="false">Turn with the Sun</button>'
    '<button type="button" data-do="in" aria-label="zoom in">+</button>'
    '<button type="button" data-do="out" aria-label="zoom out">\u2212</button>'
    '<input type="range" min="0" step="any" aria-label="time"></p>'
)


def viewer(delivery: Delivery) -> str:
    """Return the section with the drawing, its data and its script; nothing where no transfer was flown."""
    legs = of_phase(delivery.legs, "phasing", "transfer")
    if not legs:
        return ""
    data = json.dumps(_flight(delivery, legs), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    script = resources.files("perilune.report").joinpath("viewer.js").read_text(encoding="utf-8")
    return (
        '<section><figure id="viewer"><figcaption>The way to the Moon, in three dimensions</figcaption>'
        f'<canvas role="img" aria-label="transfer in three dimensions"></canvas>{_CONTROLS}'
        '<p class="sub"><output></output> \u00b7 drag to turn, shift and wheel to zoom</p></figure>'
        f'<script type="application/json" id="flight">{data}</script>\n<script>\n{script}</script></section>'
    )


def _flight(delivery: Delivery, legs: Sequence[Leg]) -> dict[str, object]:
    """Return the transfer about the Earth in ecliptic axes, in 1000 km, and the Sun's longitude."""
    start = legs[0].start
    day, craft = _states(legs, start)
    seconds = day * 86400.0
    moon = ecliptic(ephemeris.positions("moon", "earth", start, seconds))
    sun = ecliptic(ephemeris.positions("sun", "earth", start, seconds))
    return {
        "start": _unix_ms(start),
        "day": np.round(day, 5).tolist(),
        "craft": np.round(craft / 1e6, 2).tolist(),
        "moon": np.round(moon / 1e6, 2).tolist(),
        "sun": np.round(np.arctan2(sun[:, 1], sun[:, 0]), 5).tolist(),
        "flyby": _index(day, start, delivery.transfer.flyby.epoch) if delivery.transfer.flyby else 0,
        "marks": _marks(delivery, day, start),
    }


def _states(legs: Sequence[Leg], start: Epoch) -> tuple[Array, Array]:
    """Return days (n,) after the start, rising, and positions (n, 3) of all legs in one."""
    few = [thinned(leg, _MOST_STATES_A_LEG) for leg in legs]
    day = np.concatenate([(leg.time_s + (leg.base - start)) / 86400.0 for leg in few])
    craft = np.concatenate([ecliptic(about(leg, "earth")) for leg in few])
    day, first = np.unique(day, return_index=True)
    return day, craft[first]


def _unix_ms(epoch: Epoch) -> float:
    """Return milliseconds since 1970 as a browser counts them, without leap seconds."""
    return float(np.datetime64(epoch.iso("UTC", 3), "ms").astype(np.int64))


def _index(day: Array, start: Epoch, epoch: Epoch) -> int:
    return int(np.argmin(np.abs(day - (epoch - start) / 86400.0)))


def _marks(delivery: Delivery, day: Array, start: Epoch) -> list[dict[str, object]]:
    transfer = delivery.transfer
    named = [
        (short(burn.name), burn.start_epoch) for burn in transfer.manoeuvres if burn.phase == "deep_space"
    ]
    if transfer.flyby is not None:
        named.append(("flyby", transfer.flyby.epoch))
    if transfer.max_earth_distance_epoch is not None:
        named.append(("farthest", transfer.max_earth_distance_epoch))
    if transfer.insertion is not None:
        named.append(("insertion", transfer.insertion.epoch))
    return [{"name": name, "i": _index(day, start, epoch)} for name, epoch in named]
