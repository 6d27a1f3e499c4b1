#!/usr/bin/env bash
# `make soak`: runs the tests that take too long for `make test`. The server must keep serving others during a thousand slow
# connections, and during 512 large bodies without their last byte. It must also survive many cycles of kill -9. SNUG_BIN=path
# tests a server that is built already. SNUG_SOAK_CYCLES changes the number of cycles.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=5

[ -n "${SNUG_BIN:-}" ] || scripts/build.sh tests
STEP=2
has node || fail "the soak needs Node.js 20"
result=0

step "1,000 slow connections (slowhttptest)" "3 minutes"
if has slowhttptest || { can_apt && apt_install slowhttptest; }; then
  node end2end/bench/soak.mjs || result=1
else
  say "skipped: slowhttptest (not installed; Debian: apt-get install slowhttptest)"
fi

step "512 large bodies without their last byte" "1 minute"
node end2end/bench/held_bodies.mjs || result=1

step "kill -9, ${SNUG_SOAK_CYCLES:=200} cycles" "5 minutes"
export SNUG_SOAK_CYCLES
cargo test --quiet --release --package http-tests -- kill || result=1
exit "$result"
