#!/usr/bin/env bash
# `make soak`: runs the tests that take too long for `make test`. The server must keep serving others during a thousand slow
# connections, and during 512 large bodies without their last byte. It must also survive many cycles of kill -9. A call must
# survive 50 restarts, and a database that is locked for 30 seconds. Known and unknown addresses must look alike.
# SNUG_BIN=path tests a server that is built already.
# SNUG_SOAK_CYCLES, SNUG_SOAK_RESTARTS, SNUG_SOAK_LOCK_S and SNUG_SOAK_CODES change the numbers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=9

if [ -n "${SNUG_BIN:-}" ]; then
  # The HTTP tests run in another folder.
  SNUG_BIN=$(realpath "$SNUG_BIN")
  export SNUG_BIN
else
  scripts/build.sh tests
fi
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

step "512 connections with HTTP/2 whose streams never end, and 512 TLS handshakes" "1 minute"
if has openssl; then
  node end2end/bench/held_streams.mjs || result=1
else
  say "skipped: openssl (not installed; Debian: apt-get install openssl)"
fi

# soak_test NAME: runs one HTTP test, and fails if there is no test with this name.
soak_test() {
  local log
  log=$(cargo test --quiet --release --package http-tests -- --test-threads=1 "$1" 2>&1) || { printf '%s\n' "$log"; return 1; }
  printf '%s\n' "$log" | grep -v '^$' || true
  printf '%s\n' "$log" | grep -q ' [1-9][0-9]* passed' || { say "failed: there is no test $1"; return 1; }
}

step "kill -9, ${SNUG_SOAK_CYCLES:=200} cycles" "5 minutes"
export SNUG_SOAK_CYCLES
soak_test sessions::kill || result=1

step "a call of 20 people and ${SNUG_SOAK_RESTARTS:=50} restarts (SIGTERM and SIGKILL)" "4 minutes"
export SNUG_SOAK_RESTARTS
soak_test voice_restart || result=1

step "a call while SQLite is locked for ${SNUG_SOAK_LOCK_S:=30} s" "1 minute"
export SNUG_SOAK_LOCK_S
soak_test voice_database::while_sqlite_is_locked || result=1

step "codes for known and unknown addresses, ${SNUG_SOAK_CODES:=2000} of each" "1 minute"
export SNUG_SOAK_CODES
soak_test known_or_not::known_and_unknown || result=1
exit "$result"
