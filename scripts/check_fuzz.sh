#!/usr/bin/env bash
# Checks that the fuzz targets compile, if the nightly toolchain is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "skipped: fuzz targets (no nightly; rustup toolchain install nightly --profile minimal)"
  exit
fi
exec cargo +nightly check --quiet --manifest-path fuzz/Cargo.toml --bins
