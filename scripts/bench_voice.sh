#!/usr/bin/env bash
# `make bench-voice`: what the voice costs on this machine. Prints, never judges. SNUG_BIN=path measures a server that is
# built already; SNUG_BENCH_LISTENERS and SNUG_BENCH_SECONDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=5

step "a browser" "nothing, a minute the first time"
CHROMIUM=$(scripts/browser.sh)
export CHROMIUM
say "$CHROMIUM"
[ -n "${SNUG_BIN:-}" ] || scripts/build.sh
STEP=3
step "listeners and speakers on str0m" "a minute, and one to build"
cargo bench --quiet --features ssr --bench voice
has npm || fail "the figures in Chromium need Node.js 20 with npm"
npm_ci end2end
step "first audio, and from mouth to ear, in Chromium" "a minute"
exec node end2end/bench/voice.mjs
