#!/usr/bin/env bash
# `make run`: builds what is not built, then becomes the server. Extra words go to the server.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=3
scripts/build.sh
STEP=2
step "start" "a second"
exec "${CARGO_TARGET_DIR:-target}/release/snug" "$@"
