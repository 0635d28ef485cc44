#!/usr/bin/env bash
# ./dev bench [--quick] [--json FILE] [--rounds N] [--scratch DIR]: this machine's floors and Myelin's figures beside them.
# ./dev bench model [--pairs N] [--quick] [--json FILE]: what the operating model costs, beside Apache Kafka's authoriser.
# ./dev bench kafka [STEP...] [--pairs N] [--quick] [--write] [--keep FILE] [--page]: Apache Kafka and Myelin in turns.
set -euo pipefail
. "$(dirname "$0")/common.sh"
program=run.py
if [ "${1:-}" = kafka ]; then
  program=kafka/compare.py
  shift
elif [ "${1:-}" = model ]; then
  program=model/compare.py
  shift
fi
bench=("$ROOT/bench/$program" --programs "$BUILD/release/bin" --myelin "$BUILD/release/bin/myelin" "$@")
python3 -B "${bench[@]}" --only-check-arguments || exit
case " $* " in
  *" --help "* | *" -h "*) exit ;;
  *" --page "* | *" --keep"*) exec python3 -B "${bench[@]}" ;;
esac
install_packages "$ROOT/tools/dev/packages.txt"
install_optional_packages "$ROOT/tools/dev/packages-bench.txt"
note "building the release binary and the measuring programs ($JOBS jobs)"
[ ! -f "$ROOT/tools/dev/console.sh" ] || bash "$ROOT/tools/dev/console.sh"
build_preset release myelin bench_floors bench_load bench_model bench_path
exec python3 -u -B "${bench[@]}"
