#!/usr/bin/env bash
# `make test`: everything that says whether Snug works. `test.sh unit`, `test.sh e2e`: only that part.
# A part that fails does not stop the next, unless that cannot run without it.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
wanted=${1:-all}
case "$wanted" in all) STEPS=6 ;; unit) STEPS=3 ;; e2e) STEPS=4 ;; *) fail "test.sh knows all, unit and e2e" ;; esac
export STEPS
shift $(($# > 0))

work=$(mktemp -d /tmp/snug-test.XXXXXX)
chmod 755 "$work"
passed=0 failed=0 times=''

finish() {
  # Also after a failure and after Ctrl-C: no server of ours stays behind.
  [ ! -d "$work/postgres" ] || scripts/postgres.sh stop "$work/postgres" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# timed NAME COMMAND…: shows its output, keeps it in $log, and remembers how long it took.
timed() {
  local name=$1 began=$SECONDS result
  shift
  log="$work/log"
  "$@" 2>&1 | tee "$log"
  result=${PIPESTATUS[0]}
  times+=$(printf '%6d s  %s' $((SECONDS - began)) "$name")$'\n'
  return "$result"
}

# count PATTERN: the sum of the first numbers of all that matches in $log.
count() {
  sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -oE "$1" | sed -E 's/^[^0-9]*([0-9]+).*/\1/' |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# tally RESULT PASSED FAILED: a part that failed without naming a test counts as one failure.
tally() {
  [ "$1" = 0 ] || [ "$3" != 0 ] || set -- "$1" "$2" 1
  passed=$((passed + $2)) failed=$((failed + $3))
}

report() {
  printf '\ntime:\n%s' "$times"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
  exit
}

build() {
  local result=0
  # Its steps are two of ours; the shell below cannot hand STEP back.
  timed "build" scripts/build.sh tests || result=$?
  STEP=$((${STEP:-0} + 2))
  [ "$result" = 0 ] && return
  tally 1 0 0
  report
}

checks() {
  local result=0
  step "formatting, clippy for both targets, house rules" "5 minutes the first time, 25 seconds after"
  timed "checks" scripts/check.sh || result=$?
  tally "$result" "$(count '^checks: [0-9]+ passed')" "$(count ', [0-9]+ failed$')"
}

find_postgres() {
  local url
  mkdir -p "$work/postgres"
  if url=$(scripts/postgres.sh start "$work/postgres"); then
    export SNUG_TEST_POSTGRES_URL=$url
  elif [ $? = 3 ]; then
    unset SNUG_TEST_POSTGRES_URL
    say "skipped: PostgreSQL (not installed)"
  else
    tally 1 0 0
  fi
}

# Where limits of milliseconds are asserted, nothing else may take the processor: tests of the voice run one by one.
rust_tests() {
  local result=0
  cargo test --release --features ssr --no-fail-fast || result=$?
  cargo test --release --package http-tests -- --skip voice || result=$?
  cargo test --release --package http-tests voice -- --test-threads=1 || result=$?
  cargo test --package xtask || result=$?
  return "$result"
}

unit() {
  local result=0
  step "unit and HTTP tests, on SQLite and PostgreSQL" "3 minutes"
  find_postgres
  timed "unit and HTTP tests" rust_tests || result=$?
  tally "$result" "$(count '[0-9]+ passed; [0-9]+ failed')" "$(count '[0-9]+ failed; [0-9]+ ignored')"
}

e2e() {
  local result=0
  step "browser tests" "17 minutes"
  if ! has npm && ! { can_apt && apt_install nodejs npm; }; then
    say "failed: the browser tests need Node.js 20 with npm. Install it and run this again."
    tally 1 0 0
    return
  fi
  # Some tests lock the database from outside, or look into a browser's own.
  if ! has sqlite3 && ! { can_apt && apt_install sqlite3; }; then
    say "failed: the browser tests need the sqlite3 command. Install it and run this again."
    tally 1 0 0
    return
  fi
  if ! npm_ci end2end; then
    say "failed: the npm packages of the browser tests could not be installed; see above"
    tally 1 0 0
    return
  fi
  CHROMIUM=$browser timed "browser tests" playwright "$@" || result=$?
  tally "$result" "$(count '^ +[0-9]+ (passed|flaky)')" "$(count '^ +[0-9]+ failed')"
}

# Voices are listened to one by one here too.
playwright() (
  cd end2end || exit 1
  export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
  if [ $# != 0 ]; then
    npx playwright test --reporter=list "$@"
    exit
  fi
  result=0
  # Pictures are for people to look at, and judge nothing: `make screenshots` takes them. axe sees the same scenes.
  npx playwright test --reporter=list --project=pages --grep-invert 'screenshots:' || result=$?
  npx playwright test --reporter=list --project=voice --workers=1 || result=$?
  exit "$result"
)

# First, because it is quick and because without one the long wait would be in vain.
if [ "$wanted" != unit ]; then
  step "a browser" "nothing, a minute the first time"
  browser=$(scripts/browser.sh) || exit 1
  say "$browser"
fi
build
[ "$wanted" != all ] || checks
[ "$wanted" = e2e ] || unit
[ "$wanted" = unit ] || e2e "$@"
report
