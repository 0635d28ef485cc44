#!/usr/bin/env bash
# ./dev test [full | SECTION...]: builds and runs the tests; closes with "N passed, N failed".
set -euo pipefail
. "$(dirname "$0")/common.sh"
install_packages "$ROOT"/tools/dev/packages.txt "$ROOT"/tools/dev/packages-test.txt "$ROOT"/tools/quokka/packages.txt
exec python3 "$ROOT/tools/dev/run_tests.py" --root "$ROOT" --build "$BUILD" --jobs "$JOBS" "$@"
