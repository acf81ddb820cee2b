"""The rules of docs/architecture.md that a few lines can hold: light imports, units in names, sizes."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "perilune"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: Rooms that speak with people and files; elsewhere everything is SI and radians.
SPEAKING = {"exchange", "report", "cli", "mission"}
FOREIGN_UNITS = (
    "_km",
    "_km_s",
    "_km2",
    "_km3_s2",
    "_deg",
    "_deg_s",
    "_au",
    "_days",
    "_hours",
    "_minutes",
    "_ms",
)
HEAVY = {"numba", "llvmlite", "scipy", "pydantic", "matplotlib", "numpy", "erfa", "pooch", "rich"}

SI_UNITS = {
    "m",
    "s",
    "kg",
    "n",
    "w",
    "j",
    "k",
    "pa",
    "rad",
    "hz",
    "c",
    "m2",
    "m3",
    "s2",
    "s3",
    "s4",
    "m4",
    "kg2",
    "si",
}
#: Words for numbers without a unit; what is asked of a name is that one of these or a unit ends it.
PURE_NUMBERS = {
    "ratio", "fraction", "tolerance", "reflectivity", "eccentricity", "throttle", "share", "factor",
    "scale", "weight", "probability", "flattening", "gain", "damping", "efficiency", "exponent",
    "count", "value", "confidence", "sigma", "chance", "odds", "votes", "rejects", "readings", "matches",
    "electrons", "albedo", "threshold", "energy", "slope", "slack", "least", "underfill", "margin",
    "coefficient", "cosine", "sine", "jd", "low", "high", "checks", "adapts", "map", "cutoff", "right",
    # Their unit stands in a field beside them, or is per root second, said on their line.
    "size", "mean", "at", "walk", "noise", "limit", "gap",
    "x", "y", "z", "u", "v", "w",
}  # fmt: skip


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "ground"


def modules_inside() -> list[Path]:
    """Modules where only SI is spoken."""
    return [path for path in MODULES if room(path) not in SPEAKING]


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def is_float(annotation: ast.expr | None) -> bool:
    text = ast.unparse(annotation) if annotation is not None else ""
    return text in {"float", "float | None", "Optional[float]"}


def public_floats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Parameters and fields annotated `float` of what a module offers."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for item in node.body:
                if (
                    isinstance(item, ast.AnnAssign)
                    and isinstance(item.target, ast.Name)
                    and is_float(item.annotation)
                ):
                    yield item.lineno, item.target.id
        functions = [node] if isinstance(node, ast.FunctionDef) else getattr(node, "body", [])
        for function in functions:
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
                yield from ((a.lineno, a.arg) for a in arguments if is_float(a.annotation))


def says_its_unit(name: str) -> bool:
    words = [word for word in name.lower().split("_") if word not in {"", "min", "max"}]
    return bool(words) and (words[-1] in SI_UNITS or words[-1] in PURE_NUMBERS)


@pytest.mark.parametrize("name", ["perilune", "perilune.cli.main"])
def test_importing_stays_light(name: str) -> None:
    if not (PACKAGE / "cli" / "main.py").exists() and name.endswith("main"):
        pytest.skip("no command line yet")
    heavy = HEAVY - ({"rich"} if name.endswith("main") else set())
    code = f"import sys, {name}; print(*sorted(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_only_si_units_stand_in_names_inside() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in modules_inside()
        for line, name in names(ast.parse(path.read_text()))
        if name.lower().endswith(FOREIGN_UNITS)
    ]
    assert found == []


def test_public_floats_say_their_unit() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in modules_inside()
        if room(path) != "maths"
        for line, name in public_floats(ast.parse(path.read_text()))
        if not says_its_unit(name)
    ]
    assert found == []


def test_modules_stay_readable_in_one_sitting() -> None:
    """Split at 400 lines; tables of coefficients are no reading matter."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in MODULES
        if (count := len(path.read_text().splitlines())) > 400 and not path.stem.endswith("_table")
    }
    assert long == {}


def test_nothing_reads_outside_the_package() -> None:
    found = [str(path.relative_to(ROOT)) for path in MODULES if "shared/" in path.read_text()]
    assert found == []


def test_every_room_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_import_contracts_hold() -> None:
    lint = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if lint is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run([lint, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout
