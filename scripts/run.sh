#!/usr/bin/env bash
# `make run`: builds everything that is not built yet, then runs the server. Passes its arguments to the server.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=3
scripts/build.sh
STEP=2
step "start the server" "a second"
exec "${CARGO_TARGET_DIR:-target}/release/snug" "$@"
