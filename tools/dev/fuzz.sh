#!/usr/bin/env bash
# ./dev fuzz [SECONDS] [TARGET...]: runs each fuzz target for that long (60 by default), with the committed seeds.
set -euo pipefail
. "$(dirname "$0")/common.sh"
install_packages "$ROOT/tools/dev/packages.txt" "$ROOT/tools/dev/packages-test.txt"
seconds=60
case ${1:-} in [0-9]*) seconds=$1; shift ;; esac
note "building the fuzz targets"
build_preset fuzz fuzz_targets
mapfile -t targets < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else find "$BUILD/fuzz/fuzz" -maxdepth 1 -type f -executable -name '*_fuzz' -printf '%f\n' | sort; fi)
[ ${#targets[@]} -gt 0 ] || die "no fuzz targets were built"
failed=0 passed=0
for target in "${targets[@]}"; do
  note "$target for $seconds s"
  work=$BUILD/fuzz/work/$target
  mkdir -p "$work/corpus" "$work/findings"
  seeds=()
  for folder in "$ROOT/fuzz/corpus/$target" "$BUILD/fuzz/fuzz/corpus/$target"; do [ -d "$folder" ] && seeds+=("$folder"); done
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
