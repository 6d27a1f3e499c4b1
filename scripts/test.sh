#!/usr/bin/env bash
# `make test`: runs all checks and tests. `test.sh unit`, `test.sh e2e` and `test.sh network` run only that part. If a part
# fails, the other parts still run, unless they need the failed part.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
wanted=${1:-all}
case "$wanted" in
  all) STEPS=7 ;;
  unit) STEPS=3 ;;
  e2e | network) STEPS=4 ;;
  *) fail "the argument of test.sh must be all, unit, e2e or network" ;;
esac
export STEPS
shift $(($# > 0))

work=$(mktemp -d /tmp/snug-test.XXXXXX)
chmod 755 "$work"
passed=0 failed=0 times='' troubles=''

finish() {
  # This function also runs after a failure and after Ctrl-C, so that our PostgreSQL never keeps running.
  [ ! -d "$work/postgres" ] || scripts/postgres.sh stop "$work/postgres" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# clocked NAME COMMAND…: runs the command, and prints at once how long it took: a run that is stopped later still tells where its
# time went.
clocked() {
  local name=$1 began=$SECONDS result=0
  shift
  "$@" || result=$?
  printf 'time so far %d s, of which %d s for: %s\n' $SECONDS $((SECONDS - began)) "$name"
  return "$result"
}

# timed NAME COMMAND…: as clocked, also writes the output to $log, and records the time and the troubles for the report.
timed() {
  local name=$1 began=$SECONDS result
  log="$work/log"
  clocked "$@" 2>&1 | tee "$log"
  result=${PIPESTATUS[0]}
  times+=$(printf '%6d s  %s' $((SECONDS - began)) "$name")$'\n'
  troubles+=$(list_troubles)$'\n'
  return "$result"
}

# list_troubles: prints the names of the checks and tests in $log that have failed, or have passed only at another try.
list_troubles() {
  # Playwright draws a line after each name.
  sed -E 's/\x1b\[[0-9;]*m//g; s/ +(─)*$//' "$log" | awk '
    /^  failed: / { print "failed: " substr($0, 11) }
    /^test .* \.\.\. FAILED$/ { print "failed: " substr($0, 6, length($0) - 16) }
    /^  [0-9]+ (failed|flaky|interrupted)$/ { kind = $2; next }
    kind && /^    [^ ]/ { print kind ": " substr($0, 5); next }
    { kind = "" }
  '
}

# count PATTERN: finds all matches of the pattern in $log, and prints the sum of the first number in each.
count() {
  sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -oE "$1" | sed -E 's/^[^0-9]*([0-9]+).*/\1/' |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# tally RESULT PASSED FAILED PART: adds the numbers of a part to the totals. A part that failed without a failed test counts as one
# failure.
tally() {
  if [ "$1" != 0 ] && [ "$3" = 0 ]; then
    set -- "$1" "$2" 1 "$4"
    troubles+="failed: $4"$'\n'
  fi
  passed=$((passed + $2)) failed=$((failed + $3))
}

# tell_troubles: prints at most 20 lines, first what has failed. Often only the end of the output is kept.
tell_troubles() {
  printf '%s' "$troubles" | sed '/^$/d' | sort --stable --key=1,1 | awk -v most=19 '
    { names[NR] = $0 }
    END {
      if (NR) print "not passed, or not at the first try:"
      shown = NR > most ? most - 1 : NR
      for (at = 1; at <= shown; at++) print "  " names[at]
      if (NR > shown) printf "  and %d more, see above\n", NR - shown
    }
  '
}

report() {
  printf '\ntime:\n%s' "$times"
  tell_troubles
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
  exit
}

build() {
  local result=0
  # build.sh counts two steps, but a child process cannot change our STEP.
  timed "build" scripts/build.sh tests || result=$?
  STEP=$((${STEP:-0} + 2))
  [ "$result" = 0 ] && return
  tally 1 0 0 "build"
  report
}

checks() {
  local result=0
  step "formatting, clippy for both targets, house rules" "5 minutes the first time, 25 seconds after"
  timed "checks" scripts/check.sh || result=$?
  tally "$result" "$(count '^checks: [0-9]+ passed')" "$(count ', [0-9]+ failed$')" "checks"
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
    tally 1 0 0 "PostgreSQL does not start"
  fi
}

# The tests of certificates need Pebble, the test server of Let's Encrypt. They find it on PATH.
find_pebble() {
  has pebble || { can_apt && apt_install pebble >/dev/null; } || say "skipped: certificates from Pebble (not installed; Debian: apt-get install pebble)"
}

# The voice tests assert limits of milliseconds, so they run one by one and nothing else uses the processor.
rust_tests() {
  local result=0
  clocked "unit tests" cargo test --release --features ssr --no-fail-fast || result=$?
  clocked "HTTP tests" cargo test --release --package http-tests -- --skip voice || result=$?
  clocked "voice tests over HTTP" cargo test --release --package http-tests voice -- --test-threads=1 || result=$?
  clocked "tests of the builder" cargo test --package xtask || result=$?
  return "$result"
}

unit() {
  local result=0
  step "unit and HTTP tests, on SQLite and PostgreSQL" "3 minutes"
  find_postgres
  find_pebble
  timed "unit and HTTP tests" rust_tests || result=$?
  tally "$result" "$(count '[0-9]+ passed; [0-9]+ failed')" "$(count '[0-9]+ failed; [0-9]+ ignored')" "unit and HTTP tests"
}

# Installs what all tests in a browser need. Says what is missing, and counts it as a failure.
find_npm_packages() {
  if ! has npm && ! { can_apt && apt_install nodejs npm; }; then
    say "failed: the browser tests need Node.js 20 with npm. Install it and run this again."
    tally 1 0 0 "no Node.js"
    return 1
  fi
  npm_ci end2end && return
  say "failed: the npm packages of the browser tests could not be installed; see above"
  tally 1 0 0 "no npm packages"
  return 1
}

e2e() {
  local result=0
  step "browser tests" "17 minutes"
  find_npm_packages || return
  # Some tests lock the server's database from outside, or read a database of the browser.
  if ! has sqlite3 && ! { can_apt && apt_install sqlite3; }; then
    say "failed: the browser tests need the sqlite3 command. Install it and run this again."
    tally 1 0 0 "no sqlite3"
    return
  fi
  export CHROMIUM=$browser CHROMIUM_SHELL=$shell FIREFOX=$firefox WEBKIT_DRIVER=$webkit
  timed "browser tests" playwright "$@" || result=$?
  tally "$result" "$(count '^ +[0-9]+ (passed|flaky)')" "$(count '^ +[0-9]+ failed')" "browser tests"
}

# As in rust_tests, the voice tests run one by one, because they assert limits of milliseconds.
playwright() (
  cd end2end || exit 1
  export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
  if [ $# != 0 ]; then
    npx playwright test --reporter=list "$@"
    exit
  fi
  result=0
  # Screenshots are for people and test nothing, so only `make screenshots` takes them. The accessibility tests (axe) visit the
  # same scenes.
  clocked "pages" npx playwright test --reporter=list --project=pages --grep-invert 'screenshots:' || result=$?
  clocked "voice" npx playwright test --reporter=list --project=voice --workers=1 || result=$?
  local others=()
  [ -z "$FIREFOX" ] || others+=(--project=firefox)
  [ -z "$WEBKIT_DRIVER" ] || others+=(--project=webkit)
  [ ${#others[@]} = 0 ] || clocked "Firefox and WebKit" npx playwright test --reporter=list "${others[@]}" || result=$?
  exit "$result"
)

network() {
  local result=0
  step "voices over bad networks, snug doctor" "9 minutes"
  find_npm_packages || return
  if ! scripts/test_network.sh check; then
    # Somebody who asks for these tests alone wants to know that they did not run.
    [ "$wanted" = all ] || tally 1 0 0 "voices over bad networks"
    return
  fi
  CHROMIUM=$browser timed "voices over bad networks" scripts/test_network.sh "$@" || result=$?
  tally "$result" "$(count '^ +[0-9]+ (passed|flaky)')" "$(count '^ +[0-9]+ failed')" "voices over bad networks"
}

# Find the browsers first, which is quick. Without a browser, it would be useless to wait for the build.
if [ "$wanted" != unit ]; then
  step "browsers" "no time, two minutes the first time"
  browser=$(scripts/browser.sh) || exit 1
  shell=$(scripts/browser.sh shell) || exit 1
  say "$browser, and for pages without voice $shell"
  firefox=$(scripts/browser.sh firefox) || say "skipped: tests in Firefox (not installed)"
  webkit=$(scripts/browser.sh webkit) || say "skipped: tests in WebKitGTK (not installed)"
  [ -z "$firefox$webkit" ] || say "and for some tests" $firefox $webkit
fi
build
case "$wanted" in
  all)
    checks
    unit
    e2e "$@"
    network
    ;;
  *) "$wanted" "$@" ;;
esac
report
