#!/usr/bin/env bash
# Real Kafka clients against Myelin; run.sh BINARY [NAME...]. Prints PASS, FAIL or SKIP lines. README.md says what is tested.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary=${1:?usage: run.sh BINARY [NAME...]}
shift
exec python3 -u "$here/run.py" --myelin "$binary" "$@"
