#!/usr/bin/env bash
# Installs the tools for a build if they are missing: a C compiler, the wasm target, and binaryen's wasm-opt.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

has cargo || fail "Rust is missing. Install it from https://rustup.rs (it takes a minute), then run this again."

if ! has cc; then
  can_apt || fail "a C compiler is missing (SQLite and the cryptography library are written in C). On Debian: apt-get install gcc libc6-dev"
  apt_install gcc libc6-dev || fail "the C compiler could not be installed; see above"
fi

if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  has rustup || fail "the Rust target wasm32-unknown-unknown is missing. Install it the way you installed Rust (on Debian: the package libstd-rust-dev-wasm32)."
  rustup target add wasm32-unknown-unknown
fi

# wasm-opt only makes the front end smaller. If it is missing, the build prints what that costs and continues.
if ! has npm; then
  say "skipped: npm packages (Node.js is not installed). Only wasm-opt comes from them."
elif ! npm_ci .; then
  say "skipped: npm packages (npm ci failed, see above). Only wasm-opt comes from them."
fi
