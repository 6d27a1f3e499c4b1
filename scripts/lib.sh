# What the scripts share: how they speak, and how they get what is missing. Sourced, never run.

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

# step "what happens" "how long it usually takes on two idle cores"
# The caller sets STEPS, the number of steps in all; STEP counts across scripts that call each other.
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

# True on a Debian (or a child of it) where we may install: as root, or by a sudo that does not ask.
can_apt() { has apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

# apt_install PACKAGE…: quietly, without what is only recommended. Its output goes to stderr.
apt_install() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  say "installing $* (apt-get)" >&2
  "${as_root[@]}" apt-get update -qq >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# what_is_measured: a browser in $CHROMIUM, and a server and a site that are built. Three steps.
what_is_measured() {
  step "a browser" "nothing, a minute the first time"
  CHROMIUM=$(scripts/browser.sh)
  export CHROMIUM
  say "$CHROMIUM"
  [ -n "${SNUG_BIN:-}" ] || scripts/build.sh
  STEP=3
  has npm || fail "the figures need Node.js 20 with npm"
  npm_ci end2end
}

# npm_ci FOLDER: installs what its lock file says, unless that is there already. No scripts of packages are run.
npm_ci() {
  local mark="$1/node_modules/.package-lock.json"
  if [ -e "$mark" ] && [ ! "$1/package-lock.json" -nt "$mark" ]; then return 0; fi
  (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
}
