#!/usr/bin/env bash
# `make bench-inp`: measures how fast the page of a room of 50 people answers presses, in Chromium at a quarter of the CPU. It only prints
# figures; no figure makes it fail. SNUG_BIN=path measures a server that is built already. SNUG_BENCH_PEOPLE and SNUG_BENCH_ROUNDS change
# the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=4

what_is_measured
step "presses in a room of 50 people" "a minute"
exec node end2end/bench/room_inp.mjs
