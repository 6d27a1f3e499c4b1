#!/usr/bin/env bash
# Builds the front end, and the server, which contains the front end. The server's library and all that it needs are built at the same
# time as the front end: while one of them links on a single core, the other can use the second. The program itself comes last.
# `build.sh tests` also builds the tests, in the same calls of cargo as the server. Other calls could enable different features of
# shared crates, and cargo would then compile these crates, and ours, a second time.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
STEPS=${STEPS:-2}

step "the tools for the build" "no time, 10 seconds the first time"
scripts/tools.sh

step "the front end and the server" "6 minutes the first time, then a minute for each change"
case "${1:-}" in
  tests) build=(cargo test --release --package snug --package http-tests --features snug/ssr --no-run) ;;
  *) build=(cargo build --release --features ssr) ;;
esac
log=target/front.log
mkdir -p target
# The front end runs in its own process group, so that Ctrl-C here can stop all of it.
set -m
CARGO_TERM_COLOR=never cargo xtask front >"$log" 2>&1 &
front=$!
set +m
trap 'kill -- -$front 2>/dev/null || true' EXIT
say "the output of the front end goes to $log"

# Without the program itself, which would contain the files of the last front end.
server_result=0
"${build[@]}" --lib || server_result=$?
front_result=0
wait "$front" || front_result=$?
trap - EXIT

if [ "$front_result" != 0 ]; then
  cat "$log"
  fail "the front end did not build"
fi
grep -E '^  skipped|^size with brotli' "$log" || true
[ "$server_result" = 0 ] || fail "the server did not build"
# `cargo xtask front` has told cargo whether the files have changed, so this compiles nothing if they have not.
"${build[@]}" || fail "the program did not build"
