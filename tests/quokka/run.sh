#!/usr/bin/env bash
# The company through Myelin, compared with the truth; run.sh BINARY [TEST...]. Prints PASS, FAIL or SKIP lines.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary=$(readlink -f "${1:?usage: run.sh BINARY [TEST...]}")
shift
exec python3 -u "$here/run.py" --myelin "$binary" --application "$(dirname "$binary")/quokka_app" "$@"
