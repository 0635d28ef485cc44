#!/usr/bin/env bash
# What hostile or unlucky input does to Myelin: nothing but a refusal that says what to do; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
