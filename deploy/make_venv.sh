#!/usr/bin/env bash
# Makes the virtual environment; on a Debian without python3-venv it says so, or installs it when run as root.
set -euo pipefail
python=$1 venv=$2
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python$version-venv ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" >/dev/null
  else
    echo "Python cannot make a virtual environment here. Install it (Debian: apt install python$version-venv), then run make again."
    exit 2
  fi
fi
rm -rf "$venv"
"$python" -m venv "$venv"
