#!/usr/bin/env bash
# What is measured, from outside: counted by hand, recomputed byte for byte, over kill -9; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
