#!/usr/bin/env bash
# Checks the example company with validators that others wrote: odcslint (ODCS), dataproduct-cli (Bitol ODPS) and Backstage's
# catalog model. Installs them, pinned, into a cache; needs Python 3 and Node.
#   tests/validators/documents.sh [MODEL]        default: examples/quokka
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
model="$(cd "${1:-$root/examples/quokka}" && pwd)"
cache="${MYELIN_VALIDATORS:-${XDG_CACHE_HOME:-$HOME/.cache}/myelin/validators}"
mkdir -p "$cache"

if [[ ! -x "$cache/python/bin/odcslint" || ! -x "$cache/python/bin/dataproduct" ]]; then
  python3 -m venv "$cache/python"
  "$cache/python/bin/pip" install --quiet --disable-pip-version-check odcslint==0.3.0 dataproduct-cli==0.3.2
fi
if [[ ! -d "$cache/node_modules/@backstage/catalog-model" || ! -d "$cache/node_modules/yaml" ]]; then
  npm install --silent --no-audit --no-fund --prefix "$cache" @backstage/catalog-model@1.10.1 yaml@2.9.1
fi

"$cache/python/bin/odcslint" check "$model/contracts"

products=0
for product in "$model"/products/*.odps.yaml; do
  if ! (cd "$model" && "$cache/python/bin/dataproduct" lint --no-resolve-references "$product") >"$cache/lint.log" 2>&1; then
    cat "$cache/lint.log" >&2
    echo "$product: refused by dataproduct-cli" >&2
    exit 1
  fi
  products=$((products + 1))
done
echo "dataproduct-cli: $products data products are valid."

NODE_PATH="$cache/node_modules" node "$root/tests/validators/backstage.cjs" "$model"/org/*.yaml
