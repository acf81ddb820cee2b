"""Rows of a campaign made up from known laws: what the report's tests need and no flight."""

from __future__ import annotations

import numpy as np

from perilune.campaign.summary import Columns, figures
from perilune.constants import MOON_RADIUS_M
from perilune.landing.loop.rows import COLUMNS
from perilune.report.campaign_charts import ArmShown

SITE = 0.829, 0.775
EPOCHS = tuple(f"nees:{10 * k:04d}s" for k in range(30))
NAMES = (*COLUMNS, "input:knowledge_up", "input:main_thrust", *EPOCHS)
COMMAND = "perilune land missions/m3.toml --policy {} --seed 5"


def rows(runs=400, failing=0.04, seed=3):
    """Rows whose failures hang on the first input: beyond its quantile the run crashes."""
    rng = np.random.default_rng(seed)
    found = dict.fromkeys(NAMES, np.full(runs, np.nan))
    up = rng.standard_normal(runs)
    bad = up > np.quantile(up, 1.0 - failing) if failing else np.zeros(runs, dtype=bool)
    along, across = rng.normal(5.0, 30.0, runs), rng.normal(0.0, 15.0, runs)
    found |= {
        "run": np.arange(runs, dtype=float),
        "outcome": np.where(bad, 2.0, 0.0),
        "first_cause": np.where(bad, np.where(up > up[bad].mean() if bad.any() else False, 1.0, 10.0), 0.0),
        "latitude_rad": SITE[0] + along / MOON_RADIUS_M,
        "longitude_rad": SITE[1] + across / (MOON_RADIUS_M * np.cos(SITE[0])),
        "downrange_miss_m": along,
        "crossrange_miss_m": across,
        "miss_m": np.hypot(along, across),
        "vertical_m_s": np.where(bad, 40.0, np.abs(rng.normal(1.2, 0.15, runs))),
        "horizontal_m_s": np.abs(rng.normal(0.0, 0.1, runs)),
        "tilt_rad": np.abs(rng.normal(0.0, 0.01, runs)),
        "propellant_kg": rng.normal(14.0, 2.0, runs),
        "worst_height_error_m": np.abs(rng.normal(0.0, 80.0, runs)),
        "nees": 9.0 * rng.chisquare(60, runs) / 60,
        "nis": rng.chisquare(90, runs) / 90,
        "input:knowledge_up": up,
        "input:main_thrust": rng.standard_normal(runs),
        **{name: rng.chisquare(9, runs) for name in EPOCHS},
    }
    return np.column_stack([found[name] for name in NAMES])


def arm(policy="reacquire", fault="none", point=(), **more):
    table = rows(**more)
    told = figures(Columns(table, NAMES), command=COMMAND.format(policy))
    return ArmShown(policy, told, table, NAMES, fault, point)
