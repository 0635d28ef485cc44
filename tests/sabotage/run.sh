#!/usr/bin/env bash
# Builds a server with faults put in on purpose, and shows that the tests find each; run.sh BINARY [PART OF A NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../tools/dev/common.sh"
build_preset sabotage myelin storage_test
SABOTAGE_BUILD=$BUILD/sabotage PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
