# Sourced by the commands of ./dev: where things are, what must be installed, how a tree is built.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${MYELIN_BUILD_DIR:-$ROOT/build}
JOBS=${MYELIN_JOBS:-$(nproc)}
export CCACHE_COMPILERCHECK=content CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1

note() { printf '==> %s\n' "$*"; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }
# Wrong arguments: what was given, then how it is used.
usage() { printf 'dev: %s\nusage: %s\n' "$1" "$2" >&2; exit 2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "\"$*\" needs root and sudo is not installed; run it as root once, then repeat ./dev"
  fi
}

# packages_missing FILE...: of each line "a | b", the first name apt knows, unless one of them is installed. A line
# "a unless COMMAND" counts only where there is no such command.
packages_missing() {
  local line name alternatives wanted
  grep -hv '^#' "$@" | while read -r line; do
    [ -n "$line" ] || continue
    case $line in *" unless "*) command -v "${line##* unless }" >/dev/null && continue; line=${line%% unless *} ;; esac
    wanted=
    IFS='|' read -ra alternatives <<<"${line// /}"
    for name in "${alternatives[@]}"; do
      if dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then wanted=; continue 2; fi
      if [ -z "$wanted" ] && apt-cache show "$name" >/dev/null 2>&1; then wanted=$name; fi
    done
    echo "${wanted:-${alternatives[0]}}"
  done
}

# install_packages FILE...: says what it installs, then installs it. Does nothing when all is there.
install_packages() {
  local files=("$@") missing
  command -v apt-get >/dev/null || die "only Debian and Ubuntu are prepared automatically; install what ${files[*]#"$ROOT"/} list"
  mapfile -t missing < <(packages_missing "${files[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0
  note "refreshing apt's package lists"
  as_root apt-get -q update >/dev/null
  mapfile -t missing < <(packages_missing "${files[@]}")
  note "installing with apt: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >/dev/null
}

# install_optional_packages FILE: as above, but goes on without what apt does not know or can't install, and says so.
install_optional_packages() {
  local name
  for name in $(packages_missing "$1"); do
    note "installing with apt: $name"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "$name" >/dev/null 2>&1 ||
      note "going on without $name: apt could not install it"
  done
}

# build_preset PRESET [TARGET...]: configures once, then builds into $BUILD/PRESET.
build_preset() {
  local preset=$1
  shift
  [ -f "$BUILD/$preset/build.ninja" ] || cmake --preset "$preset" -S "$ROOT" -B "$BUILD/$preset" ${MYELIN_CMAKE_ARGS:-} >/dev/null
  nice ninja -C "$BUILD/$preset" -j "$JOBS" --quiet "$@"
}
