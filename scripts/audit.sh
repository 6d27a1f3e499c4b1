#!/usr/bin/env bash
# Asks the advisories about our dependencies, with the tools that are installed. It needs the network.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

failed=0
if has cargo-deny; then cargo deny check || failed=1; else say "skipped: cargo deny (not installed; cargo install cargo-deny)"; fi
if has cargo-audit; then cargo audit || failed=1; else say "skipped: cargo audit (not installed; cargo install cargo-audit)"; fi
exit "$failed"
