#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome that works. If there is none, this script installs Debian's Chromium. `browser.sh shell`
# prints the path of Chromium's headless shell instead, which opens no window and needs half the processor time; if it can't be
# installed, the path of the browser. `browser.sh firefox` prints the path of Firefox, and `browser.sh webkit` that of the WebDriver
# of WebKitGTK. Both are installed if possible. If that fails, the result is 3, and the tests in that browser are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# A program on PATH may be only a stub that asks to install a snap, so check that it prints its version.
answers() { has "$1" && timeout 20 "$1" --version >/dev/null 2>&1; }

# first_of NAME…: prints the path of the first of these programs that works.
first_of() {
  local name
  for name in "$@"; do
    if [ -n "$name" ] && answers "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

find_browser() { first_of "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; }
find_firefox() { first_of "${FIREFOX:-}" firefox-esr firefox; }

# The browser of the driver needs a display, which Xvfb provides.
find_webkit() { has Xvfb && command -v "${WEBKIT_DRIVER:-WebKitWebDriver}"; }

case "${1:-}" in
shell)
  if has chromium-headless-shell || { can_apt && apt_install chromium-headless-shell; }; then
    command -v chromium-headless-shell
    exit
  fi
  ;;
firefox)
  find_firefox || { can_apt && apt_install firefox-esr && find_firefox; } || exit 3
  exit
  ;;
webkit)
  find_webkit || { can_apt && apt_install webkit2gtk-driver xvfb && find_webkit; } || exit 3
  exit
  ;;
esac
find_browser && exit
if can_apt && apt_install chromium; then find_browser && exit; fi
fail "the browser tests need Chromium or Chrome. Install one (Debian: apt-get install chromium) or set CHROMIUM to its path."
