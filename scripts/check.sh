#!/usr/bin/env bash
# Checks formatting, clippy for both targets, the house rules, and the dependencies. All checks run even if one fails, so that
# you see every problem at once.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

passed=0 failed=0
check() {
  local name=$1
  shift
  local began=$SECONDS
  printf '%scheck: %s%s\n' "$bold" "$name" "$plain"
  if "$@"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    say "failed: $name"
  fi
  say "$((SECONDS - began)) s"
}

check "formatting" cargo fmt --all --check
check "formatting, floor of bench-sessions" rustfmt --check --edition 2024 end2end/bench/floor/src/main.rs
check "house rules" cargo xtask house
check "documents" cargo xtask documents
check "clippy, server" cargo clippy --quiet --release --features ssr --all-targets -- -D warnings
check "clippy, HTTP tests" cargo clippy --quiet --release --package http-tests --all-targets -- -D warnings
check "clippy, browser" cargo clippy --quiet --profile wasm-release --target wasm32-unknown-unknown --lib --features hydrate -- -D warnings
check "dependencies" scripts/audit.sh
check "one build for run and test" scripts/one_build.sh
check "fuzz targets" scripts/check_fuzz.sh
check "clippy, builder" cargo clippy --quiet --package xtask --all-targets -- -D warnings

printf 'checks: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
