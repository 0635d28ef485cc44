#!/usr/bin/env bash
# The guides of docs/guides, followed step by step, and what README.md shows; run.sh BINARY.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
code=0
python3 -u "$here/run.py" "$1" || code=1
python3 -u "$here/readme.py" "$1" || code=1
exit $code
