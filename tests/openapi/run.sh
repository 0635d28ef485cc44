#!/usr/bin/env bash
# Checks docs/reference/openapi.json with Redocly's linter, and that the linter refuses a broken copy.
# The validator is installed outside the source tree; set MYELIN_TOOLS_DIR to keep it between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${MYELIN_TOOLS_DIR:-$root/build/tools}/openapi
document=$root/docs/reference/openapi.json

mkdir -p "$tools"
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json" || [ ! -x "$tools/node_modules/.bin/redocly" ]; then
  cp "$here/package.json" "$here/package-lock.json" "$tools/"
  (cd "$tools" && npm ci --no-audit --no-fund --silent)
fi

lint() { REDOCLY_TELEMETRY=off "$tools/node_modules/.bin/redocly" lint --extends=recommended-strict --format=stylish "$1" 2>&1; }

if ! lint "$document"; then
  echo "openapi: docs/reference/openapi.json is not valid; see above" >&2
  exit 1
fi

broken=$(mktemp --suffix=.json)
trap 'rm -f "$broken"' EXIT
sed 's|#/components/schemas/Who"|#/components/schemas/Nobody"|' "$document" >"$broken"
if lint "$broken" >/dev/null; then
  echo "openapi: the linter accepted a dangling reference, so its verdict means nothing" >&2
  exit 1
fi
echo "2 passed, 0 failed"
