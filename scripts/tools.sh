#!/usr/bin/env bash
# Installs what a build needs and is missing: a C compiler, the wasm target, binaryen's wasm-opt.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

has cargo || fail "Rust is missing. https://rustup.rs installs it in a minute; then run this again."

if ! has cc; then
  can_apt || fail "a C compiler is missing (SQLite and the cryptography are C). On Debian: apt-get install gcc libc6-dev"
  apt_install gcc libc6-dev || fail "the C compiler could not be installed; see above"
fi

if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  has rustup || fail "the Rust target wasm32-unknown-unknown is missing. Install it with your Rust (on Debian: libstd-rust-dev-wasm32)."
  rustup target add wasm32-unknown-unknown
fi

# wasm-opt only makes the front end smaller: without it the builder says what that costs, and goes on.
if ! has npm; then
  say "skipped: npm packages (there is no Node.js). Only wasm-opt comes from there."
elif ! npm_ci .; then
  say "skipped: npm packages (npm ci failed, see above). Only wasm-opt comes from there."
fi
