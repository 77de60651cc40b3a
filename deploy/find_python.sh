#!/usr/bin/env bash
# Prints the newest Python of at least 3.11 that runs. A name on the path proves nothing: version managers leave
# launchers there for versions that are not chosen, so each candidate is asked.
set -euo pipefail
for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
  [ -n "$name" ] || continue
  found=$(command -v "$name") || continue
  "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$found"; exit 0; }
done
echo "EduNOC needs Python 3.11 or newer, and none that runs was found. Install it (Debian: apt install python3), then run make again." >&2
exit 2
