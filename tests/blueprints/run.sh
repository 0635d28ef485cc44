#!/usr/bin/env bash
# What `myelin new` writes: from an empty folder to governed records, by the sample clients as they are; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
