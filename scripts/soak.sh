#!/usr/bin/env bash
# `make soak`: what takes too long for `make test`. A thousand slow connections and 512 large bodies without their last byte
# while others are served, and many cycles of kill -9. Asserts. SNUG_BIN=path takes a server that is built already; SNUG_SOAK_CYCLES changes the number of cycles.
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
