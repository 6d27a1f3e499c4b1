#!/usr/bin/env bash
# `scripts/fuzz.sh picture 1200`: runs a target of fuzz/ for 1200 seconds. The targets are data_url, picture, red, rtp, sdp and stun.
# It begins with the seeds in fuzz/seeds and the inputs that earlier runs found, and writes failing inputs to fuzz/artifacts. It
# needs rustup's nightly toolchain, and installs cargo-fuzz if that is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
target=${1:?data_url, picture, red, rtp, sdp or stun} seconds=${2:-60}
cargo +nightly --version >/dev/null 2>&1 || fail "fuzzing needs nightly: rustup toolchain install nightly --profile minimal"
has cargo-fuzz || cargo install --quiet cargo-fuzz --locked
mkdir -p "fuzz/corpus/$target"
# The limits are generous, because everything takes many times longer with the sanitizer and beside other work. We do not look
# for leaks: the threads of jpeg-decoder end a moment after its result, so their memory would count as leaked at the end of a
# run.
limits=(-max_total_time="$seconds" -timeout=300 -report_slow_units=60 -rss_limit_mb=1024 -detect_leaks=0)
case "$target" in
  picture) limits+=(-max_len=65536) ;;
  # The server refuses longer offers (`OFFER_MAX_BYTES` in src/server/voice/peer/offer.rs).
  sdp) limits+=(-max_len=16384) ;;
  # Some dozens of datagrams. A step has three octets and at most 255 more.
  red | rtp | stun) limits+=(-max_len=8192) ;;
esac
exec cargo +nightly fuzz run --release "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- "${limits[@]}"
