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
  # Only what is generated is built: clang-tidy compiles for itself. Programs that are not Myelin's own, and so not built
  # with sanitizers, are looked at as the release builds them.
  build_preset asan lint_inputs
  build_preset release lint_inputs
  if [ "$scope" = all ]; then mapfile -t files < <(printf '%s\n' "${sources[@]}" | grep '\.cc$'); else mapfile -t files < <(changed_sources); fi
  note "clang-tidy on ${#files[@]} files ($JOBS at a time)"
  said=$(mktemp)
  trap 'rm -f "$said"' EXIT
  # look PRESET [FILE...]. Its count of what it left out in system headers goes to the error stream; a failure to run says
  # so on the other.
  look() {
    local preset=$1
    shift
    [ $# = 0 ] || printf '%s\0' "$@" |
      nice xargs -0 -n 1 -P "$JOBS" clang-tidy-19 --quiet --warnings-as-errors='*' -p "$BUILD/$preset" >>"$said" 2>/dev/null || failed=1
  }
  ours=() others=()
  for file in "${files[@]}"; do
    case $file in src/* | fuzz/*) ours+=("$file") ;; *) others+=("$file") ;; esac
  done
  look asan "${ours[@]}"
  look release "${others[@]}"
  # A finding in a header comes once for every file that includes it.
  awk '/^[^ ].*: (warning|error): /{show = !seen[$0]++} show' "$said"
fi
[ "$failed" = 0 ] && note "nothing found"
exit "$failed"
