#!/usr/bin/env bash
# ./dev demo: builds, then runs Quokka Incorporated through Myelin and compares with the truth. Options: ./dev demo --help
set -euo pipefail
. "$(dirname "$0")/common.sh"
demo=("$ROOT/tools/quokka/demo.py" --myelin "$BUILD/release/bin/myelin" --application "$BUILD/release/bin/quokka_app" "$@")
install_packages "$ROOT/tools/dev/packages.txt" "$ROOT/tools/quokka/packages.txt"
python3 -B "${demo[@]}" --only-check-arguments || exit
case " $* " in *" --help "* | *" -h "*) exit ;; esac
note "building (the first time takes some minutes)"
[ ! -f "$ROOT/tools/dev/console.sh" ] || bash "$ROOT/tools/dev/console.sh"
build_preset release
exec python3 -u "${demo[@]}"
