#!/usr/bin/env bash
# `make figures`: measures what Snug costs on this machine (start, memory, pages, load, Lighthouse). It only prints figures;
# no figure makes it fail. SNUG_BIN=path measures a server that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=4

what_is_measured
step "the figures" "2 minutes"
exec node end2end/bench/figures.mjs
