#!/usr/bin/env bash
# ./dev bench [--quick] [--json FILE] [--rounds N] [--scratch DIR]: this machine's floors and Myelin's figures beside them.
set -euo pipefail
. "$(dirname "$0")/common.sh"
install_packages "$ROOT/tools/dev/packages.txt"
bench=("$ROOT/bench/run.py" --programs "$BUILD/release/bin" --myelin "$BUILD/release/bin/myelin" "$@")
python3 -B "${bench[@]}" --only-check-arguments || exit
case " $* " in *" --help "* | *" -h "*) exit ;; esac
install_optional_packages "$ROOT/tools/dev/packages-bench.txt"
note "building the release binary and the measuring programs ($JOBS jobs)"
[ ! -f "$ROOT/tools/dev/console.sh" ] || bash "$ROOT/tools/dev/console.sh"
build_preset release myelin bench_floors bench_load bench_path
exec python3 -B "${bench[@]}"
