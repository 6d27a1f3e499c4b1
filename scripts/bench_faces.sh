#!/usr/bin/env bash
# `make bench-faces`: measures the CPU of 40 drawn faces that blink and look around, in Chromium. It only prints figures; no figure makes it
# fail. SNUG_BIN=path measures a server that is built already. SNUG_BENCH_FACES, SNUG_BENCH_SECONDS and SNUG_BENCH_ROUNDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=4

what_is_measured
step "40 faces that move, and 40 that keep still, taking turns" "3 minutes"
exec node end2end/bench/faces.mjs
