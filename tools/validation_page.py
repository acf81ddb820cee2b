"""Write docs/validation.md from validation/*/figures.py, or `--check` that it is current."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from validation.rows import Row  # noqa: E402

PAGE = ROOT / "docs" / "validation.md"
HEAD = """# Validation

What is compared with whom, and how far apart the two are. Written by `tools/validation_page.py` from
`validation/*/figures.py`; how each reference was obtained stands in the `HOW.md` beside it. Where
only rounding is left, the difference is a frozen bound of about twice what was measured.

| quantity | ours | theirs | difference | tolerance | source | how |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    lines = []
    for path in sorted(ROOT.glob("validation/*/figures.py")):
        authority = path.parent.name
        rows: list[Row] = importlib.import_module(f"validation.{authority}.figures").rows()
        how = f"[{authority}](../validation/{authority}/HOW.md)"
        lines += ["| " + " | ".join([*dataclasses.astuple(row), how]) + " |" for row in rows]
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed page and write nothing"
    )
    parser.add_argument("--full", action="store_true", help="as --check; there is nothing more to compare")
    options = parser.parse_args()
    text = page()
    if not (options.check or options.full):
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(
        f"{PAGE.relative_to(ROOT)} is not current; run python {Path(__file__).relative_to(ROOT)}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
