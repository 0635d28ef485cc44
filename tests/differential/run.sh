#!/usr/bin/env bash
# Bad input beside Apache Kafka: each answer is Kafka's, or a difference that is listed with its reason. run.sh BINARY [--write].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
