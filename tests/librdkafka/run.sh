#!/usr/bin/env bash
# librdkafka's own test programs against Myelin; run.sh BINARY [--long] [NAME...]. README.md says which.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
