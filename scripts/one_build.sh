#!/usr/bin/env bash
# Fails where tests ask more features of shared crates than the program does: `make run` and `make test` would then build
# those crates, and ours, twice. The cure is a line in the feature `one-build` of Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

features() { cargo tree --package snug --package http-tests --features snug/ssr --edges "$1" --prefix none --format '{p} {f}' | sed 's/ (\*)$//' | sort -u; }

# Once of everything, and once without what build scripts and macros are made of: a crate that serves both stands in the first list
# twice, and each may hide the other.
differ=$(
  comm -23 <(features normal,build) <(features normal,build,dev)
  comm -23 <(features normal,no-proc-macro) <(features normal,dev,no-proc-macro)
)
[ -z "$differ" ] || {
  printf 'built twice, because tests ask more features of them:\n%s\n' "$differ" >&2
  exit 1
}
