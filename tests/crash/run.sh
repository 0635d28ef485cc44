#!/usr/bin/env bash
# kill -9 in mid traffic, again and again: no acknowledged record is lost, none appears twice; run.sh BINARY [CYCLES [SEED]].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
