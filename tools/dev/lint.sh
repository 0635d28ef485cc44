#!/usr/bin/env bash
# ./dev lint [all]: formatting, the house rules, and clang-tidy on changed files (all: on every file).
set -euo pipefail
. "$(dirname "$0")/common.sh"
install_packages "$ROOT/tools/dev/packages.txt"
cd "$ROOT"
failed=0
note "format"
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- 'src/*.cc' 'src/*.h' 'bench/*.cc' 'bench/*.h' 'fuzz/*.cc' 'tests/*.cc' 'tools/*.cc' 'tools/*.h')
[ ${#sources[@]} -eq 0 ] || clang-format-19 --dry-run --Werror "${sources[@]}" || failed=1
note "tidy"
python3 tests/tidy/tidy.py || failed=1
if [ "${1:-}" != quick ]; then
  command -v clang-tidy-19 >/dev/null || { note "installing with apt: clang-tidy-19"; as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends clang-tidy-19 >/dev/null; }
  build_preset asan
  if [ "${1:-}" = all ]; then changed=("${sources[@]}"); else mapfile -t changed < <({ git diff --name-only HEAD -- '*.cc'; git diff --name-only HEAD~1 -- '*.cc' 2>/dev/null; git ls-files --others --exclude-standard -- '*.cc'; } | sort -u); fi
  note "clang-tidy on ${#changed[@]} files"
  for file in "${changed[@]}"; do
    case $file in *.cc) [ -f "$file" ] && { clang-tidy-19 --quiet -p "$BUILD/asan" "$file" 2>/dev/null || failed=1; } ;; esac
  done
fi
exit $failed
