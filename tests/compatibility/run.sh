#!/usr/bin/env bash
# The tables of docs/compatibility.md are what a server answers; run.sh BINARY [--write].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
