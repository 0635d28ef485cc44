#!/usr/bin/env bash
# What we write and expect others to write, held against validators that others wrote: odcslint and Ajv with the official
# JSON Schema (ODCS), dataproduct-cli and Ajv (Bitol ODPS), Backstage's catalog model, Prometheus' promtool; and their
# documents held against our loader; run.sh BINARY [NAME...].
# Each validator must also refuse a broken document. They are installed outside the source tree; set MYELIN_TOOLS_DIR to
# keep them between runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${MYELIN_TOOLS_DIR:-$root/build/tools}/validators
mkdir -p "$tools"

if ! cmp -s "$here/requirements.txt" "$tools/requirements.txt"; then
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  # Its wheel carries the official schemas; the rest of it is half a gigabyte and not needed.
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$tools/schemas" datacontract-cli==1.2.8
  cp "$here/requirements.txt" "$tools/"
fi
# Its source distribution carries the standard's full example; its wheel does not.
if [[ ! -d "$tools/open_data_contract_standard-3.2.0" ]]; then
  "$tools/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$tools" open-data-contract-standard==3.2.0
  tar -xf "$tools/open_data_contract_standard-3.2.0.tar.gz" -C "$tools"
fi
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json"; then
  cp "$here/package.json" "$tools/"
  cp "$here/package-lock.json" "$tools/lock.new.json"
  mv "$tools/lock.new.json" "$tools/package-lock.json"
  (cd "$tools" && npm ci --no-audit --no-fund --loglevel=error) || { rm -f "$tools/package-lock.json"; exit 1; }
fi
# Unpacked, not installed: the package would start a server.
if [[ ! -x "$tools/prometheus/usr/bin/promtool" ]]; then
  (cd "$tools" && apt-get download --quiet=2 prometheus && dpkg --extract prometheus_*.deb prometheus && rm -f prometheus_*.deb) || true
fi

MYELIN_VALIDATORS=$tools PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/run.py" "$@"
