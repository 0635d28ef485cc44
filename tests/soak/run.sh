#!/usr/bin/env bash
# What takes minutes to hours; run.sh BINARY [PART...]. The parts run by name through ./dev soak, which builds first.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
