#!/bin/sh
# Write the lock files again: run, test, validate and bench, each with hashes and without any index address.
#
#   tools/lock.sh              keep the versions that still fit
#   tools/lock.sh --upgrade    take the newest of everything
#   tools/lock.sh --check      say whether the locks fit pyproject.toml (offline: compares what each was made from)
#
# The packages come from PyPI by uv's own default; settings of the machine's pip do not reach the locks.
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
[ -x "$python" ] || python=$(tools/find_python.sh)

made_from() { # the digest of everything a lock is made from
    "$python" - <<'PY'
import hashlib, json, pathlib, tomllib
text = tomllib.loads(pathlib.Path("pyproject.toml").read_text())
project = text["project"]
parts = [project["requires-python"], project["dependencies"], project["optional-dependencies"], text["dependency-groups"],
         pathlib.Path("locks/build.in").read_text()]
print(hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16])
PY
}

if [ "${1:-}" = "--check" ]; then
    want="# made from $(made_from)"
    for lock in run test validate bench; do
        if [ "$(head -n 1 "locks/$lock.txt")" != "$want" ]; then
            echo "locks/$lock.txt does not fit pyproject.toml: run 'make lock'." >&2
            exit 1
        fi
    done
    exit 0
fi

uv=${UV:-.venv-lock/bin/uv}
if [ ! -x "$uv" ]; then
    "$python" -m venv .venv-lock && .venv-lock/bin/pip install -q uv
fi

compile() { # compile NAME ARGUMENT…
    name=$1
    shift
    "$uv" --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate --only-binary :all: \
        --output-file "locks/$name.txt" "$@" pyproject.toml locks/build.in
    sed -i '/^# made from /d' "locks/$name.txt"
    sed -i "1i # made from $(made_from)" "locks/$name.txt"
    echo "locks/$name.txt"
}

compile run --extra eop "$@"
compile test --extra eop --group test --constraint locks/run.txt "$@"
compile validate --extra eop --group validate --constraint locks/test.txt "$@"
# Basilisk wants an older numpy than the newest: the peers have an environment of their own.
compile bench --extra eop --group bench "$@"
