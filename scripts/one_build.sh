#!/usr/bin/env bash
# Fails if tests enable more features of shared crates than the program does: `make run` and `make test` would then build those
# crates, and ours, twice. To fix that, add the features to `one-build` in Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

features() { cargo tree --package snug --package http-tests --features snug/ssr --edges "$1" --prefix none --format '{p} {f}' | sed 's/ (\*)$//' | sort -u; }

# The first list can contain a crate twice: once for the program, and once for a build script or a macro. One entry can then hide
# a difference in the other. So compare again without the dependencies of build scripts and macros.
differ=$(
  comm -23 <(features normal,build) <(features normal,build,dev)
  comm -23 <(features normal,no-proc-macro) <(features normal,dev,no-proc-macro)
)
[ -z "$differ" ] || {
  printf 'these crates would be built twice, because tests enable more features of them:\n%s\n' "$differ" >&2
  printf 'Add the features to one-build in Cargo.toml.\n' >&2
  exit 1
}
