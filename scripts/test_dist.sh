#!/usr/bin/env bash
# `make test-dist`: installs what `make dist` has built in empty Debian systems, as the README says, and lets two people talk there in
# Chromium, with a certificate of Pebble. Then it upgrades, backs up, restores and removes Snug. It prints how many minutes passed from the
# empty system until the two people heard each other. Builds dist/ first if it is not there. Arguments go to Playwright.
# The systems are folders on machines of the lab (`test_network.sh`). systemd can't run in them, so a script takes its place
# (`end2end/install/stand_ins/`), and systemd itself only checks the unit.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=9

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
archive=dist/snug-$version-x86_64-linux.tar.gz
package=dist/snug_$version-1_amd64.deb

step "the tools for the tests" "no time, a minute the first time"
[ "$(id -u)" = 0 ] || fail "only root may make a system in a folder, so run this as root"
scripts/test_network.sh check || fail "these tests need network namespaces and the programs of \`make test-network\`; the reason is above"
has npx || fail "these tests need Node.js 20 with npm"
missing() {
  local program
  for program in mmdebstrap pebble pebble-challtestsrv sqlite3 dpkg-deb; do has "$program" || printf ' %s' "$program"; done
}
if [ -n "$(missing)" ] && can_apt; then apt_install mmdebstrap pebble sqlite3 dpkg || true; fi
[ -z "$(missing)" ] || fail "not installed:$(missing) (Debian: apt-get install mmdebstrap pebble sqlite3 dpkg)"
npm_ci end2end
CHROMIUM=$(scripts/browser.sh)
export CHROMIUM

if [ -e "$archive" ] && [ -e "$package" ]; then
  say "these files are tested, and \`make dist\` builds them again:"
  ls -l --time-style=long-iso "$archive" "$package" | sed 's/^/    /'
else
  scripts/dist.sh
fi
[ -e "$package" ] || fail "make dist has built no $package; it says above what is missing"
STEP=7

SNUG_DIST_DIR=$(mktemp -d /tmp/snug-dist-test.XXXXXX)
trap 'rm -rf "$SNUG_DIST_DIR"' EXIT
export SNUG_DIST_DIR

# The program needs a C library that is not older than that of this machine, so the empty system has the same release. The package needs
# the others: they are on every server, but not in the smallest Debian. socat belongs to the stand-in of systemd.
step "an empty Debian" "a minute"
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$release" ] || fail "/etc/os-release does not name a release of Debian (VERSION_CODENAME)"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,passwd,procps,socat,sudo,systemd "$release" "$SNUG_DIST_DIR/root" ||
  fail "mmdebstrap could not make an empty Debian $release; it says above why"

# newer_package FILE: the same package with a higher version.
newer_package() {
  local folder="$SNUG_DIST_DIR/newer"
  dpkg-deb --raw-extract "$package" "$folder"
  sed -i "s/^Version: .*/Version: $version-2/" "$folder/DEBIAN/control"
  dpkg-deb --root-owner-group --build "$folder" "$1" >/dev/null
  rm -rf "$folder"
}
mkdir "$SNUG_DIST_DIR/downloads"
cp "$archive" "$package" "$SNUG_DIST_DIR/downloads/"
newer_package "$SNUG_DIST_DIR/downloads/snug_$version-2_amd64.deb"

step "installing, using, upgrading, backing up, restoring and removing" "3 minutes"
SNUG_LAB_CONFIG=install/playwright.config.ts scripts/test_network.sh "$@"
