#!/bin/sh
# Print the first Python on the path that is new enough; `python3` where none is (tools/make_venv.sh then says why).
for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
echo python3
