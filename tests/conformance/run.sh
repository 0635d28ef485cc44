#!/usr/bin/env bash
# Who may do what, on every API, and what answers mean on the wire; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
