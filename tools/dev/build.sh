#!/usr/bin/env bash
# ./dev build: the release binary.
set -euo pipefail
. "$(dirname "$0")/common.sh"
[ $# = 0 ] || usage "build takes no arguments, \"$1\" was given" "./dev build"
install_packages "$ROOT/tools/dev/packages.txt"
note "building the release binary ($JOBS jobs)"
[ -x "$ROOT/tools/dev/console.sh" ] && bash "$ROOT/tools/dev/console.sh"
build_preset release
note "built ${BUILD#"$ROOT"/}/release/bin/myelin"
