#!/usr/bin/env bash
# Our expressions, held against the public conformance data of CEL, the Common Expression Language; run.sh BINARY.
# The data is installed outside the source tree; set MYELIN_TOOLS_DIR to keep it between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${MYELIN_TOOLS_DIR:-$root/build/tools}/cel
mkdir -p "$tools"
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json"; then
  cp "$here/package.json" "$tools/"
  cp "$here/package-lock.json" "$tools/"
  (cd "$tools" && npm ci --no-audit --no-fund --loglevel=error) || { rm -f "$tools/package-lock.json"; exit 1; }
fi
NODE_PATH=$tools/node_modules exec node "$here/run.cjs" "$(dirname "$1")/cel_answers"
