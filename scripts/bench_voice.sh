#!/usr/bin/env bash
# `make bench-voice`: measures what voice costs on this machine. It only prints figures; no figure makes it fail.
# SNUG_BIN=path measures a server that is built already. SNUG_BENCH_LISTENERS and SNUG_BENCH_SECONDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=5

what_is_measured
step "listeners and speakers on str0m" "a minute, and one more to build"
cargo bench --quiet --features ssr --bench voice
step "first audio, and from mouth to ear, in Chromium" "a minute"
exec node end2end/bench/voice.mjs
