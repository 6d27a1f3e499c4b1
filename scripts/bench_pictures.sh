#!/usr/bin/env bash
# `make bench-pictures`: measures what a photo costs in our pipeline, in the crate `image`, and (if Node.js is installed) in
# sharp and jimp. It makes the photos itself. It only prints figures; no figure makes it fail. SNUG_BENCH_ROUNDS and
# SNUG_BENCH_RUNS set the number of repetitions.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=3

step "the photos" "a minute, and two more to build"
folder=$PWD/target/bench-pictures
cargo bench --quiet --features ssr --bench pictures -- make "$folder"
# Run the program directly and not through cargo, because its memory is measured.
bench=$(cargo bench --quiet --features ssr --bench pictures --no-run --message-format=json |
  sed -n 's/.*"name":"pictures".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)

if ! has npm; then
  step "Snug and the crate image (sharp and jimp need Node.js)" "20 seconds"
  for file in photo12.jpg photo12p.jpg photo2.png; do
    for pipeline in snug image; do
      printf '%-6s %-14s %s\n' "$pipeline" "$file" "$("$bench" "$pipeline" "$folder/$file" 7)"
    done
  done
  exit
fi
step "sharp and jimp from npm" "no time, a minute the first time"
npm_ci end2end/bench/pictures || fail "sharp and jimp could not be installed; see above"
step "measuring all of them, taking turns" "2 minutes"
exec node end2end/bench/pictures.mjs "$bench" "$folder"
