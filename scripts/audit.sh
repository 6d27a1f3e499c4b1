#!/usr/bin/env bash
# Checks our dependencies: their licences, their sources, and the security advisories about them (those of RustSec, which
# cargo-audit reads too). `make check` runs it.
# If a tool is missing, the script builds it once, which takes up to two minutes. If a tool cannot be built, or a server cannot be
# reached, the script says so and skips the check.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

failed=0

# advisories COMMAND…: notes a failure if there is an advisory about a dependency. If the database of advisories cannot be
# fetched, the check is skipped.
advisories() {
  local told
  if told=$("$@" 2>&1); then return; fi
  if grep -qiE "(failed to|couldn't) fetch advisory database" <<<"$told"; then
    say "skipped: $1 $2, advisories (the database at github.com can't be reached)"
    return
  fi
  printf '%s\n' "$told"
  failed=1
}

if tool cargo-deny 0.20.2; then
  # cargo-deny reads the dependencies of all platforms, so fetch also those that this platform does not need.
  if cargo fetch --quiet --locked; then
    cargo deny --log-level error --offline check bans licenses sources || failed=1
  else
    say "skipped: cargo deny, licences and sources (not all dependencies can be fetched, see above)"
  fi
  advisories cargo deny --locked check advisories
fi
exit "$failed"
