#!/usr/bin/env bash
# ./dev lint [quick | all]: formatting, the house rules, and clang-tidy on what changed since origin/main (quick: without
# clang-tidy; all: clang-tidy on every file, which takes a long time).
set -euo pipefail
. "$(dirname "$0")/common.sh"
scope=${1:-changed}
case $scope in changed | quick | all) ;; *) usage "lint does not know \"$scope\"" "./dev lint [quick | all]" ;; esac
[ $# -le 1 ] || usage "lint takes one argument, $# were given" "./dev lint [quick | all]"
packages=("$ROOT/tools/dev/packages.txt")
[ "$scope" = quick ] || packages+=("$ROOT/tools/dev/packages-lint.txt" "$ROOT/tools/dev/packages-test.txt")
install_packages "${packages[@]}"
cd "$ROOT"
failed=0
note "format"
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
clang-format-19 --dry-run --Werror "${sources[@]}" || failed=1
note "house rules"
python3 tests/tidy/tidy.py || failed=1

# Files that differ from where this branch left origin/main (without one: from the commit before), committed or not. A
# header is looked at through the source beside it.
changed_sources() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then base=$(git rev-parse -q --verify HEAD~1 || git rev-parse HEAD); fi
  { git diff --name-only "$base" -- '*.cc' '*.h'; git ls-files --others --exclude-standard -- '*.cc' '*.h'; } |
    sed 's/\.h$/.cc/' | sort -u | while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}

if [ "$scope" != quick ]; then
  # Only what is generated is built: clang-tidy compiles for itself.
  build_preset asan lint_inputs
  if [ "$scope" = all ]; then mapfile -t files < <(printf '%s\n' "${sources[@]}" | grep '\.cc$'); else mapfile -t files < <(changed_sources); fi
  note "clang-tidy on ${#files[@]} files ($JOBS at a time)"
  said=$(mktemp)
  trap 'rm -f "$said"' EXIT
  # Its count of what it left out in system headers goes to the error stream; a failure to run says so on the other.
  if [ ${#files[@]} -gt 0 ] && ! printf '%s\0' "${files[@]}" |
    nice xargs -0 -n 1 -P "$JOBS" clang-tidy-19 --quiet --warnings-as-errors='*' -p "$BUILD/asan" >"$said" 2>/dev/null; then failed=1; fi
  # A finding in a header comes once for every file that includes it.
  awk '/^[^ ].*: (warning|error): /{show = !seen[$0]++} show' "$said"
fi
[ "$failed" = 0 ] && note "nothing found"
exit "$failed"
