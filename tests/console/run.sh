#!/usr/bin/env bash
# The console: unit tests, then the built page in Chromium, first against made-up answers, then served by the binary with
# real traffic; run.sh [BINARY]. Without a binary the last part is skipped.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
binary=${1:+$(realpath "$1")}
node=$root/build/tools/node/node_modules/node/bin
[ -d "$node" ] && PATH=$node:$PATH

bash "$root/tools/dev/console.sh" || { echo "FAIL the console builds: see above"; exit 1; }
echo "PASS the console builds"
cd "$root/console"

step() {
  local name=$1
  shift
  if "$@" >"$log" 2>&1; then echo "PASS $name"; else
    cat "$log"
    echo "FAIL $name: see above"
  fi
}
log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$log" "$work"; [ -z "${server:-}" ] || kill "$server" 2>/dev/null' EXIT

step "the console's code is formatted and free of lint" npx --no-install biome check .
step "unit tests of the console" npx --no-install vitest run
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
MYELIN_CONSOLE_DIST=$root/build/console MYELIN_CONSOLE_PORT=$(free_port) \
  step "the Map in Chromium: marks, keys, table, states, accessibility" npx --no-install playwright test map states

if [ -z "$binary" ]; then
  echo "SKIP the Map of a running server: no binary given"
  exit 0
fi
kafka=$(free_port)
http=$(free_port)
"$binary" serve --dev --data "$work/data" --listen "plaintext://127.0.0.1:$kafka" --http "127.0.0.1:$http" \
  --model "$root/examples/quokka" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl -fs "http://127.0.0.1:$http/readyz" >/dev/null && break
  sleep 0.1
done
curl -fs "http://127.0.0.1:$http/readyz" >/dev/null || { cat "$work/server.log"; echo "FAIL the server starts: see above"; exit 1; }
MYELIN_URL=http://127.0.0.1:$http MYELIN_KAFKA=127.0.0.1:$kafka \
  step "the Map of a running server with real traffic" npx --no-install playwright test served
