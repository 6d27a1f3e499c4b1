#!/usr/bin/env bash
# Checks that the fuzz targets compile. Only fuzzing itself needs the nightly toolchain. The target directory is that of the
# workspace, so that cargo checks none of the shared crates twice.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo check --quiet --release --locked --manifest-path fuzz/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}" --bins
