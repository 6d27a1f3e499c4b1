#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome that works. If there is none, this script installs Debian's Chromium. `browser.sh shell`
# prints the path of Chromium's headless shell instead, which opens no window and needs half the processor time; if it can't be
# installed, the path of the browser.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# A program on PATH may be only a stub that asks to install a snap, so check that it prints its version.
answers() { has "$1" && timeout 20 "$1" --version >/dev/null 2>&1; }

find_browser() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && answers "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

if [ "${1:-}" = shell ]; then
  if has chromium-headless-shell || { can_apt && apt_install chromium-headless-shell; }; then
    command -v chromium-headless-shell
    exit
  fi
fi
find_browser && exit
if can_apt && apt_install chromium; then find_browser && exit; fi
fail "the browser tests need Chromium or Chrome. Install one (Debian: apt-get install chromium) or set CHROMIUM to its path."
