#!/usr/bin/env bash
# ./dev fuzz [SECONDS] [TARGET...]: runs each fuzz target for that long (60 by default), with the committed seeds.
set -euo pipefail
. "$(dirname "$0")/common.sh"
seconds=60
case ${1:-} in
  *[!0-9]* | '') ;;
  *) seconds=$1; shift ;;
esac
mapfile -t known < <(sed -n 's/^myelin_fuzz(\([a-z_]*\) .*/\1/p' "$ROOT/fuzz/CMakeLists.txt" | sort)
targets=("$@")
[ $# -gt 0 ] || targets=("${known[@]}")
for target in "${targets[@]}"; do
  case " ${known[*]} " in *" $target "*) ;; *) usage "there is no fuzz target \"$target\"; there are: ${known[*]}" "./dev fuzz [SECONDS] [TARGET...]" ;; esac
done
install_packages "$ROOT/tools/dev/packages.txt" "$ROOT/tools/dev/packages-test.txt"
note "building the fuzz targets"
build_preset fuzz fuzz_seeds "${targets[@]}"
failed=0 passed=0
for target in "${targets[@]}"; do
  note "$target for $seconds s"
  work=$BUILD/fuzz/work/$target
  mkdir -p "$work/corpus" "$work/findings"
  seeds=()
  for folder in "$ROOT/fuzz/corpus/$target" "$BUILD/fuzz/fuzz/corpus/$target"; do [ ! -d "$folder" ] || seeds+=("$folder"); done
  if "$BUILD/fuzz/fuzz/$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$work/findings/" "$work/corpus" "${seeds[@]}" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    grep -E 'number_of_executed_units|peak_rss' "$work/log" | sed 's/^stat:://; s/^/    /'
  else
    failed=$((failed + 1))
    tail -25 "$work/log"
    echo "    finding kept in $work/findings"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
