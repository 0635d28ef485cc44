#!/usr/bin/env bash
# A flipped bit in what rests on disk: found, kept from readers, passed over on request; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
