#!/usr/bin/env bash
# `make bench-pictures`: what a photo costs this program's pipeline, plain `image`, and (where Node.js is) sharp and jimp, on
# photos that it makes itself. Prints, never judges. SNUG_BENCH_ROUNDS and SNUG_BENCH_RUNS change how often.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=3

step "the photos" "a minute, and two to build"
folder=$PWD/target/bench-pictures
cargo bench --quiet --features ssr --bench pictures -- make "$folder"
# Run by itself, not through cargo: its memory is measured.
bench=$(cargo bench --quiet --features ssr --bench pictures --no-run --message-format=json |
  sed -n 's/.*"name":"pictures".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)

if ! has npm; then
  step "this program and plain image (no Node.js: no sharp, no jimp)" "20 seconds"
  for file in photo12.jpg photo12p.jpg photo2.png; do
    for pipeline in snug image; do
      printf '%-6s %-14s %s\n' "$pipeline" "$file" "$("$bench" "$pipeline" "$folder/$file" 7)"
    done
  done
  exit
fi
step "sharp and jimp from npm" "nothing, a minute the first time"
npm_ci end2end/bench/pictures || fail "sharp and jimp could not be installed; see above"
step "all in turns" "2 minutes"
exec node end2end/bench/pictures.mjs "$bench" "$folder"
