"""How long a person waits before anything happens: imports, help, and an arc in a new process.

    python -m benchmarks startup

Each command runs in processes of its own; the least of several counts, and Python's own start is taken
off where the target is about what we add.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import verdict

ARC = """\
epoch = "2027-03-01T12:00:00 UTC"
centre = "earth"
position = ["6500.25 km", "-1200.5 km", "-800.125 km"]
velocity = ["2.0 km/s", "9.35 km/s", "4.9 km/s"]
duration = "36 h"
[spacecraft]
dry_mass = "1000 kg"
propellant = "756 kg"
[forces]
point_masses = ["earth", "moon", "sun", "jupiter"]
solar_pressure = { area = "10 m^2", reflectivity = 1.5, shadow = true }
"""


def least_s(command: list[str], runs: int = 7) -> float:
    """Return the least wall time of a command, which must succeed."""
    best_s = float("inf")
    for _ in range(runs):
        begin_s = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        best_s = min(best_s, time.perf_counter() - begin_s)
    return best_s


def lines() -> list[str]:
    """Return the figures, each with its target."""
    python = sys.executable
    perilune = str(Path(python).with_name("perilune"))
    bare_s = least_s([python, "-c", "pass"])
    added_s = least_s([python, "-c", "import perilune"]) - bare_s
    help_s = least_s([perilune, "--help"])
    with tempfile.TemporaryDirectory() as folder:
        arc = Path(folder) / "arc.toml"
        arc.write_text(ARC)
        command = [perilune, "propagate", str(arc), "--json"]
        subprocess.run(command, check=True, capture_output=True)  # fills the cache of compiled kernels
        again_s = least_s(command, 5)
    return [
        f"python -c pass: {bare_s:.3f} s",
        verdict("import perilune adds, in s", added_s, 0.1, at_least=False),
        verdict("perilune --help, in s", help_s, 0.3, at_least=False),
        verdict("a second perilune propagate, in s", again_s, 1.5, at_least=False),
    ]
