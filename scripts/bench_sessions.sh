#!/usr/bin/env bash
# `make bench-sessions`: what rotations, token checks and pages cost the server, side by side with the Express twin in
# end2end/bench/peer and the least that a rotation can cost (end2end/bench/floor). Prints, never judges. SNUG_BIN=path
# measures a server that is built already; SNUG_BENCH_SESSIONS and SNUG_BENCH_ROUNDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=5

[ -n "${SNUG_BIN:-}" ] || scripts/build.sh
STEP=2
has npm || fail "the figures need Node.js 20 with npm"
step "the peer" "nothing, 2 minutes the first time"
# Not npm_ci: its SQLite is compiled by a script of the package, where no built one can be had.
peer=end2end/bench/peer
if [ ! -e "$peer/node_modules/.package-lock.json" ] || [ "$peer/package-lock.json" -nt "$peer/node_modules/.package-lock.json" ]; then
  (cd "$peer" && npm ci --no-audit --no-fund --loglevel=error) || fail "the peer could not be installed; see above"
fi
step "the least that a rotation can cost" "nothing, 1 minute the first time"
cargo build --quiet --release --locked --manifest-path end2end/bench/floor/Cargo.toml --target-dir target/floor ||
  fail "the floor could not be built; see above"
step "Snug and the others in turns" "7 minutes"
exec node end2end/bench/sessions.mjs
