#!/usr/bin/env bash
# Frameworks that run on Kafka, unmodified, against the server: run by ./dev test full; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
