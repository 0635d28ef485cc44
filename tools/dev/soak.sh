#!/usr/bin/env bash
# ./dev soak [PART...]: long tests, one part after the other.
set -euo pipefail
. "$(dirname "$0")/common.sh"
case " $* " in *" -h "* | *" --help "*) exec bash "$ROOT/tests/soak/run.sh" none --help ;; esac
install_packages "$ROOT"/tools/dev/packages.txt "$ROOT"/tools/dev/packages-test.txt
build_preset release myelin
exec bash "$ROOT/tests/soak/run.sh" "$BUILD/release/bin/myelin" "$@"
