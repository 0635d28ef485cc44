#!/usr/bin/env bash
# Builds the web console into build/console, from where the C++ build embeds it. Does nothing when its inputs are unchanged.
# Uses the machine's Node when it is new enough, else one from the npm registry, kept in build/tools.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
output=$BUILD/console

inputs() {
  (cd "$ROOT" && find console docs/reference/openapi.json -type f \
    -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/e2e/*' -not -path '*/generated/*' -not -path '*/test-results/*' \
    -not -name '*.md' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

node_is_new_enough() {
  command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
}

wanted=$(inputs)
if [ -f "$output/index.html" ] && [ "$(cat "$output/.inputs" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

command -v npm >/dev/null || install_packages "$ROOT/tools/dev/packages-console.txt"
if ! node_is_new_enough; then
  if [ ! -x "$BUILD/tools/node/node_modules/node/bin/node" ]; then
    note "fetching Node 22 from the npm registry: the machine's own is too old for the console"
    npm install --loglevel=error --no-audit --no-fund --prefix "$BUILD/tools/node" node@22.23.3
  fi
  PATH=$BUILD/tools/node/node_modules/node/bin:$PATH
fi

note "building the console"
cd "$ROOT/console"
if ! cmp -s package-lock.json node_modules/.lock-of-install; then
  # Not `npm ci`: it refuses where a registry lacks the optional packages of other platforms. The lock file holds all the same.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --loglevel=error --no-audit --no-fund
  cp package-lock.json node_modules/.lock-of-install
fi
npx --no-install openapi-typescript ../docs/reference/openapi.json -o src/api/generated/schema.ts >/dev/null 2>&1
npx --no-install tsc --noEmit
npx --no-install vite build --logLevel warn --outDir "$output" --emptyOutDir
node scripts/notices.mjs "$output/third-party.txt"
echo "$wanted" >"$output/.inputs"
note "built $(du -sh "$output" | cut -f1) into ${output#"$ROOT"/}"
