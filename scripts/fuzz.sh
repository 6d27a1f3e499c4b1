#!/usr/bin/env bash
# `scripts/fuzz.sh picture 1200`, `scripts/fuzz.sh data_url 1200`: feeds a target of fuzz/ for so many seconds, from the seeds in
# fuzz/seeds and what earlier runs found. Needs rustup's nightly; installs cargo-fuzz where it is missing. What it finds lies
# in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
target=${1:?data_url or picture} seconds=${2:-60}
cargo +nightly --version >/dev/null 2>&1 || fail "fuzzing needs nightly: rustup toolchain install nightly --profile minimal"
has cargo-fuzz || cargo install --quiet cargo-fuzz --locked
mkdir -p "fuzz/corpus/$target"
# Wide limits: with the sanitizer, and beside other work, all takes many times longer. No search for leaks: jpeg-decoder's threads
# end a moment after its answer, and what they still hold when the run is over counts as leaked.
limits=(-max_total_time="$seconds" -timeout=300 -report_slow_units=60 -rss_limit_mb=1024 -detect_leaks=0)
[ "$target" = data_url ] || limits+=(-max_len=65536)
exec cargo +nightly fuzz run --release "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- "${limits[@]}"
