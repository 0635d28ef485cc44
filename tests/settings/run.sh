#!/usr/bin/env bash
# The reference pages are what the binary prints, and settings are refused with their range; run.sh BINARY [NAME...].
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHONDONTWRITEBYTECODE=1 exec python3 -u "$here/settings.py" "$@"
