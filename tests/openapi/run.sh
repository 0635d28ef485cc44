#!/usr/bin/env bash
# Checks docs/reference/openapi.json with Redocly's linter, and that the linter refuses a broken copy; run.sh [BINARY].
# The validator is installed outside the source tree; set MYELIN_TOOLS_DIR to keep it between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${MYELIN_TOOLS_DIR:-$root/build/tools}/openapi
document=$root/docs/reference/openapi.json

mkdir -p "$tools"
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json" || [ ! -x "$tools/node_modules/.bin/redocly" ]; then
  cp "$here/package.json" "$here/package-lock.json" "$tools/"
  (cd "$tools" && npm ci --no-audit --no-fund --loglevel=error)
fi

lint() { REDOCLY_TELEMETRY=off "$tools/node_modules/.bin/redocly" lint --extends=recommended-strict --format=stylish "$1" 2>&1; }

if lint "$document"; then
  echo "PASS the description of the HTTP interface is valid OpenAPI 3.1"
else
  echo "FAIL the description of the HTTP interface is valid OpenAPI 3.1: see above"
fi

broken=$(mktemp --suffix=.json)
trap 'rm -f "$broken"' EXIT
sed 's|#/components/schemas/Who"|#/components/schemas/Nobody"|' "$document" >"$broken"
if lint "$broken" >/dev/null; then
  echo "FAIL the linter refuses a dangling reference: it accepted one, so its verdict means nothing"
else
  echo "PASS the linter refuses a dangling reference"
fi
