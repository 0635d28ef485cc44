#!/usr/bin/env bash
# Kafka's own dump tool reads the files that Myelin leaves behind and finds nothing wrong; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
