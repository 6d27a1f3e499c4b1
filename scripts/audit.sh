#!/usr/bin/env bash
# What our dependencies may be: their licences, where they come from, and what the advisories say of them. `make check` runs it.
# Nothing is installed here, for building the tools takes minutes: what is missing or out of reach is skipped, with a line.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

failed=0

# advisories COMMAND…: fails for what the advisories say, and is skipped where their database can't be fetched.
advisories() {
  local told
  if told=$("$@" 2>&1); then return; fi
  if grep -qiE "(failed to|couldn't) fetch advisory database" <<<"$told"; then
    say "skipped: $1 $2, advisories (their database at github.com can't be reached)"
    return
  fi
  printf '%s\n' "$told"
  failed=1
}

if has cargo-deny; then
  cargo deny --log-level error --offline check bans licenses sources || failed=1
  advisories cargo deny check advisories
else
  say "skipped: cargo deny (not installed; cargo install --locked cargo-deny)"
fi
if has cargo-audit; then
  advisories cargo audit --quiet
else
  say "skipped: cargo audit (not installed; cargo install --locked cargo-audit)"
fi
exit "$failed"
