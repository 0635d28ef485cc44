#!/usr/bin/env bash
# The JSON Schemas of our own kinds of documents, held against Ajv, against the loader and against the reference page;
# run.sh BINARY [NAME...]. Ajv is installed outside the source tree; set MYELIN_TOOLS_DIR to keep it between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${MYELIN_TOOLS_DIR:-$root/build/tools}/schemas
mkdir -p "$tools"
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json"; then
  cp "$here/package.json" "$tools/"
  cp "$here/package-lock.json" "$tools/"
  (cd "$tools" && npm ci --no-audit --no-fund --loglevel=error) || { rm -f "$tools/package-lock.json"; exit 1; }
fi
NODE_PATH=$tools/node_modules PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
