# Functions that the scripts share: for printing messages, and for installing missing programs. The scripts source this file.

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

# step "what happens" "how long it usually takes on two idle cores"
# The caller sets STEPS to the number of all steps. Scripts that the caller runs continue its count, which is in STEP.
step() {
  STEP=$((${STEP:-0} + 1))
  export STEP STEPS
  printf '%sstep %d of %d: %s%s (usually %s)\n' "$bold" "$STEP" "$STEPS" "$1" "$plain" "$2"
}

say() { printf '  %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# True on Debian and its derivatives if we may install packages: as root, or with a sudo that does not ask for a password.
can_apt() { has apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

# apt_install PACKAGE…: installs packages quietly, without recommended ones. The output goes to stderr, because some callers
# print their result to stdout.
apt_install() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  say "installing $* (apt-get)" >&2
  "${as_root[@]}" apt-get update -qq >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# what_is_measured: finds a browser, exports its path as $CHROMIUM, and builds the server and the site. All this counts as
# three steps.
what_is_measured() {
  step "a browser" "no time, a minute the first time"
  CHROMIUM=$(scripts/browser.sh)
  export CHROMIUM
  say "$CHROMIUM"
  [ -n "${SNUG_BIN:-}" ] || scripts/build.sh
  STEP=3
  has npm || fail "the figures need Node.js 20 with npm"
  npm_ci end2end
}

# npm_ci FOLDER: installs the packages of the lock file in FOLDER, unless they are installed already. It runs no scripts of
# packages.
npm_ci() {
  local mark="$1/node_modules/.package-lock.json"
  if [ -e "$mark" ] && [ ! "$1/package-lock.json" -nt "$mark" ]; then return 0; fi
  (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
}

# tool NAME VERSION: makes sure that a tool from crates.io is on PATH, and builds it if needed. The build does not optimise the tool,
# because the tool only runs for a few seconds.
tool() {
  local tools="${CARGO_TARGET_DIR:-target}/tools"
  case $tools in /*) ;; *) tools="$PWD/$tools" ;; esac
  local root="$tools/$1-$2"
  if [ -x "$root/bin/$1" ]; then
    PATH="$root/bin:$PATH"
    return
  fi
  say "building $1 $2 (a minute or two, once)"
  if CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --debug --locked --root "$root" --target-dir "$root/build" "$1@$2"; then
    rm -rf "$root/build"
    PATH="$root/bin:$PATH"
    return
  fi
  say "skipped: $1 (it could not be built, see above)"
  return 1
}
