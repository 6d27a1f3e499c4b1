#!/usr/bin/env bash
# Tests voices over bad networks: lost packets, blocked UDP, addresses that change, connections that one side has forgotten. Also tests
# `snug doctor` beside servers on which one thing is wrong. Every person and every server is on a machine of its own (a network namespace)
# behind a router that loses and blocks what a test asks for. The tests have a network without a way out, and everything in it ends with
# them. The server, the site and the npm packages must be there already: `make test-network` (`scripts/test.sh network`) does all of it.
# SNUG_BIN=path tests another server. Arguments go to Playwright.
# SNUG_LAB_CONFIG names other tests that need such a network (`scripts/test_dist.sh`).
# `test_network.sh check` installs what is missing, and ends with status 3 and the reason if this machine can't run the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# apart COMMAND…: runs a command with its own network, mounts and processes. When the command ends, so do they.
apart() { unshare --net --mount --pid --fork --kill-child --mount-proc "$@"; }

# What the tests need and a container may refuse: namespaces, cables between them, packet filters, forwarding.
try_lab='
  mount -t tmpfs lab /run && mkdir /run/netns && ip netns add one && ip link add one type veth peer name eth0 netns one &&
  nft add table inet lab && echo 1 >/proc/sys/net/ipv4/ip_forward
'

missing() {
  local program
  for program in ip nft caddy turnserver certutil openssl /usr/bin/python3; do has "$program" || printf ' %s' "$program"; done
}

# Debian starts some of these as services, which nobody asked for, and coturn would take the port of the voices.
install_missing() {
  apt_install iproute2 nftables caddy coturn libnss3-tools openssl python3 || return
  [ ! -d /run/systemd/system ] || systemctl disable --quiet --now caddy coturn
}

why_not() {
  if [ "$(id -u)" != 0 ]; then
    echo "only root may make network namespaces"
    return
  fi
  if [ -n "$(missing)" ] && can_apt; then install_missing >&2 || true; fi
  if [ -n "$(missing)" ]; then
    echo "not installed:$(missing)"
  elif ! apart sh -c "$try_lab" >/dev/null 2>&1; then
    echo "root may not make network namespaces here"
  fi
}

reason=$(why_not)
if [ -n "$reason" ]; then
  say "skipped: voices over bad networks ($reason)"
  exit 3
fi
[ "${1:-}" != check ] || exit 0

SNUG_LAB_DIR=$(mktemp -d /tmp/snug-lab.XXXXXX)
trap 'rm -rf --one-file-system "$SNUG_LAB_DIR"' EXIT
export SNUG_LAB_DIR TMPDIR=$SNUG_LAB_DIR PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
export NODE_EXTRA_CA_CERTS=$SNUG_LAB_DIR/authority.pem

# certificate NAME SUBJECT OPTION…: writes NAME.pem and NAME.key.
certificate() {
  local name=$1 subject=$2
  shift 2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$subject" -keyout "$name.key" \
    -out "$name.pem" "$@" 2>openssl.log || { cat openssl.log >&2 && return 1; }
}

# An authority of this run, a certificate for the servers, and a home folder in which Chromium finds the authority. Names are in a file
# only: if a program could ask a DNS server, which nobody reaches from here, it would wait for its answer for 5 to 13 seconds. Chromium would
# even ask for names that are in the file, because it does not notice that a mounted file changes.
(
  cd "$SNUG_LAB_DIR"
  certificate authority 'Snug lab'
  certificate lab lab.test -addext 'subjectAltName=DNS:*.lab.test' -addext 'basicConstraints=critical,CA:FALSE' \
    -CA authority.pem -CAkey authority.key
  mkdir -p home/.pki/nssdb
  certutil -d sql:home/.pki/nssdb -N --empty-password
  certutil -d sql:home/.pki/nssdb -A -t C,, -n 'Snug lab' -i authority.pem
  touch hosts
  echo 'hosts: files' >nsswitch.conf
)

apart bash -ec '
  mount -t tmpfs lab /run
  mkdir /run/netns
  mount --bind "$SNUG_LAB_DIR/hosts" /etc/hosts
  [ ! -e /etc/nsswitch.conf ] || mount --bind "$SNUG_LAB_DIR/nsswitch.conf" /etc/nsswitch.conf
  cd end2end
  npx playwright test --config="${SNUG_LAB_CONFIG:-network/playwright.config.ts}" "$@"
' test_network "$@"
