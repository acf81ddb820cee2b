#!/bin/sh
# make_venv.sh PYTHON FOLDER: make a virtual environment, or say in one line what is missing.
python=$1
folder=$2

fail() {
    echo "perilune: $1" >&2
    exit 1
}

version=$("$python" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null) ||
    fail "no '$python' runs here: install Python 3.11 or newer, or name one with 'make PYTHON=/path/to/python3.12 ...'."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, '$python' is $version: name a newer one with 'make PYTHON=/path/to/python3.12 ...'."
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "'$python' lacks venv: on Debian or Ubuntu run 'sudo apt install python$version-venv', then make again."
"$python" -m venv "$folder" || {
    rm -rf "$folder"
    fail "'$python -m venv $folder' failed (see above)."
}
