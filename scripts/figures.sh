#!/usr/bin/env bash
# `make figures`: what Snug costs on this machine (start, memory, pages, load, Lighthouse). Prints, never judges.
# SNUG_BIN=path measures a server that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=4

step "a browser" "nothing, a minute the first time"
CHROMIUM=$(scripts/browser.sh)
export CHROMIUM
say "$CHROMIUM"
[ -n "${SNUG_BIN:-}" ] || scripts/build.sh
STEP=3
has npm || fail "the figures need Node.js 20 with npm"
npm_ci end2end
step "the figures" "2 minutes"
exec node end2end/bench/figures.mjs
