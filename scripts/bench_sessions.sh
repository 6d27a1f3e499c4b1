#!/usr/bin/env bash
# `make bench-sessions`: measures what rotations, token checks and pages cost the server. It compares them with a similar
# Express server (end2end/bench/peer) and with the least that a rotation can cost (end2end/bench/floor). It only prints
# figures; no figure makes it fail. SNUG_BIN=path measures a server that is built already. SNUG_BENCH_SESSIONS and
# SNUG_BENCH_ROUNDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=5

[ -n "${SNUG_BIN:-}" ] || scripts/build.sh
STEP=2
has npm || fail "the figures need Node.js 20 with npm"
step "the Express server" "no time, 2 minutes the first time"
# Don't use npm_ci here. It runs no scripts of packages, but better-sqlite3 has a script that downloads or compiles SQLite.
peer=end2end/bench/peer
if [ ! -e "$peer/node_modules/.package-lock.json" ] || [ "$peer/package-lock.json" -nt "$peer/node_modules/.package-lock.json" ]; then
  (cd "$peer" && npm ci --no-audit --no-fund --loglevel=error) || fail "the packages of the Express server could not be installed; see above"
fi
step "the least that a rotation can cost" "no time, 1 minute the first time"
cargo build --quiet --release --locked --manifest-path end2end/bench/floor/Cargo.toml --target-dir target/floor ||
  fail "the floor could not be built; see above"
step "measuring all of them, taking turns" "7 minutes"
exec node end2end/bench/sessions.mjs
