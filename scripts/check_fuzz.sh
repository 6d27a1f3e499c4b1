#!/usr/bin/env bash
# Whether the fuzz targets still compile, where nightly is there.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "skipped: fuzz targets (no nightly; rustup toolchain install nightly --profile minimal)"
  exit
fi
exec cargo +nightly check --quiet --manifest-path fuzz/Cargo.toml --bins
