#!/usr/bin/env bash
# `make bench-rooms`: measures what a long list of rooms costs on this machine. It only prints figures; no figure
# makes it fail. SNUG_BIN=path measures a server that is built already. SNUG_BENCH_ROOMS and SNUG_BENCH_PEOPLE change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=3

[ -n "${SNUG_BIN:-}" ] || scripts/build.sh
STEP=2
step "500 rooms of 20 people" "two minutes, and one more to build"
exec cargo bench --quiet --features ssr --bench rooms
