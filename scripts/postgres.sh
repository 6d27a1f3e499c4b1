#!/usr/bin/env bash
# Runs a temporary PostgreSQL server for the tests. `postgres.sh start FOLDER` starts the server and prints its address.
# `postgres.sh halt FOLDER` stops it and keeps its data, and `postgres.sh resume FOLDER` starts it again at the same address.
# `postgres.sh stop FOLDER` stops it and removes the folder. `start` exits with 3 if PostgreSQL is missing and cannot be
# installed. This script never touches another PostgreSQL server.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
order=${1:?start, halt, resume or stop}
folder=${2:?the folder of the cluster}

programs() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -z "$found" ] && has initdb && has pg_ctl; then found=$(dirname "$(readlink -f "$(command -v initdb)")"); fi
  [ -n "$found" ] && [ -x "$found/initdb" ] && printf '%s\n' "$found"
}

# as_user COMMAND…: PostgreSQL refuses to run as root, so root runs the command as the user `postgres`, or as `nobody` if there
# is no such user.
as_user() {
  if [ "$(id -u)" != 0 ]; then
    "$@"
  elif has setpriv; then
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME="$folder" "$@"
  else
    su -s /bin/sh "$user" -c "HOME=$folder $(printf '%q ' "$@")"
  fi
}

if id postgres >/dev/null 2>&1; then user=postgres; else user=nobody; fi
bin=$(programs) || { [ "$order" = start ] && can_apt && apt_install postgresql >/dev/null && bin=$(programs); } || exit 3

# The user that runs PostgreSQL must be able to read the working directory, so change to one that everybody can read.
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd /

if [ "$order" = stop ]; then
  [ ! -d "$folder/data" ] || as_user "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit
fi

# begin OPTIONS: starts the server with these options of `postgres`, in the background, and waits until it is ready.
begin() {
  as_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 30 -o "$1" start >/dev/null 2>&1
}

case "$order" in
  halt)
    as_user "$bin/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null
    exit
    ;;
  resume)
    begin "$(cat "$folder/options")" && exit
    cat "$folder/server.log" >&2
    fail "PostgreSQL did not start again"
    ;;
esac

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$folder/password"
chmod 700 "$folder"
[ "$(id -u)" != 0 ] || chown -R "$user" "$folder"
as_user "$bin/initdb" -D "$folder/data" -U snug --pwfile="$folder/password" --auth=password --encoding=UTF8 --locale=C \
  --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }

# The data are needed only during the tests, so nothing has to reach the disk.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=300 \
 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  if begin "$options -p $port"; then
    printf '%s\n' "$options -p $port" >"$folder/options"
    printf 'postgres://snug:%s@127.0.0.1:%d/postgres\n' "$password" "$port"
    exit
  fi
done
cat "$folder/server.log" >&2
fail "PostgreSQL did not start"
