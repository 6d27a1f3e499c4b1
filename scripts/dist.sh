#!/usr/bin/env bash
# `make dist`: builds what people download, in dist/: a tarball, a package for Debian and an image for containers, each with the one
# program, a list of everything that the program consists of (an SBOM in the format of CycloneDX), and the sums of all these files.
# What a missing tool prevents is skipped, and named at the end. `make test-dist` tests the result.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export STEPS=${STEPS:-6}
# The stripped program with the site in it may have this many bytes.
SIZE_MAX=30000000

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
host=$(rustc -vV | sed -n 's/^host: //p')
[ "$host" = x86_64-unknown-linux-gnu ] || fail "make dist runs on x86_64 Linux with the C library of GNU; this is $host"
# The same commit, built with the same tools in the same folder, gives the same archives. So times and modes in them are fixed.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d /tmp/snug-dist.XXXXXX)
trap 'rm -rf "$work"' EXIT
skipped=()
skip() {
  say "skipped: $1"
  skipped+=("$1")
}

step "the tools for the build" "no time, 10 seconds the first time"
scripts/tools.sh
# Everywhere else, Snug can do without it.
node_modules/.bin/wasm-opt --version >/dev/null 2>&1 ||
  fail "wasm-opt does not run, and without it pages load a tenth more bytes; to install it, run \`npm ci\`, which needs Node.js"

step "the front end" "a minute after a change, 4 minutes the first time"
cargo xtask front

step "the program, with link-time optimisation" "15 minutes the first time"
rm -rf dist
mkdir dist
cargo build --profile dist --features ssr --bin snug
program="${CARGO_TARGET_DIR:-target}/dist/snug"
size=$(stat --format=%s "$program")
say "$size bytes, with the site inside (at most $SIZE_MAX)"

# tarball PROGRAM MACHINE
tarball() {
  local name="snug-$version-$2-linux"
  mkdir "$work/$name"
  cp "$1" Leptos.toml README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT docs/deploy.md packaging/debian/snug.service "$work/$name/"
  tar --create --gzip --file "dist/$name.tar.gz" --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner \
    --mode='u+rwX,go=rX' --mtime="@$SOURCE_DATE_EPOCH" "$name"
}

# For other machines we need the standard library of Rust and a C compiler, because SQLite and the cryptography are written in C.
for_arm() {
  local target=aarch64-unknown-linux-gnu
  if ! has aarch64-linux-gnu-gcc && ! { can_apt && apt_install gcc-aarch64-linux-gnu libc6-dev-arm64-cross; }; then
    skip "the program for aarch64 (the C compiler aarch64-linux-gnu-gcc is missing)"
  elif [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && ! rustup target add "$target" 2>"$work/rustup.log"; then
    skip "the program for aarch64 (rustup can't get Rust's standard library for $target)"
  elif CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    cargo build --profile dist --features ssr --bin snug --target "$target"; then
    tarball "${CARGO_TARGET_DIR:-target}/$target/dist/snug" aarch64
  else
    skip "the program for aarch64 (it does not build, see above)"
  fi
}

step "the archives" "15 minutes if the program for aarch64 can be built"
tarball "$program" x86_64
for_arm

debian() {
  if ! has dpkg-shlibdeps || ! has xz; then
    if ! can_apt || ! apt_install dpkg-dev xz-utils; then
      skip "the package for Debian (dpkg-dev and xz-utils are missing)"
      return
    fi
  fi
  tool cargo-deb 3.6.4 || { skip "the package for Debian (cargo-deb could not be built)"; return; }
  cargo deb --no-build --no-strip --compress-system --profile dist --output dist/
}

# Fills the root folder of the container: the program and every file that `ldd` names, under its own path.
container_root() {
  local root=$1 library
  mkdir -p "$root/data" "$root/etc/ssl/certs" "$root/tmp"
  chmod 0700 "$root/data"
  chmod 1777 "$root/tmp"
  cp "$program" "$root/snug"
  while read -r library; do
    install -D --mode=755 "$(realpath "$library")" "$root$library"
  done < <(ldd "$program" | grep -o '/[^ ]*')
  cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  echo 'snug:x:65532:65532:Snug:/data:/snug' >"$root/etc/passwd"
}

container() {
  local context="$work/container" archive="dist/snug-$version-x86_64-container.tar"
  if [ ! -e /etc/ssl/certs/ca-certificates.crt ] && ! { can_apt && apt_install ca-certificates; }; then
    skip "the container (ca-certificates are missing)"
    return
  fi
  container_root "$context/root"
  cp packaging/Containerfile "$context/"
  # The program must find everything in its root, also if we can't build the image here.
  if [ "$(id -u)" = 0 ]; then
    local says
    says=$(chroot --userspec=65532:65532 "$context/root" /snug --version) || fail "the program does not run in the root of the container"
    say "in the root of the container: $says"
  fi
  if ! has buildah && ! { can_apt && apt_install buildah; }; then
    skip "the image for containers (buildah is missing; its root folder was checked)"
  elif ! buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" build --isolation chroot --network none \
    --timestamp "$SOURCE_DATE_EPOCH" --tag "snug:$version" --file "$context/Containerfile" "$context" ||
    ! buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" push "snug:$version" "docker-archive:$archive:snug:$version"; then
    rm -f "$archive"
    skip "the image for containers (buildah may not build here, see above; its root folder was checked)"
  fi
}

step "the package for Debian and the container" "3 minutes the first time"
debian
container

# cargo-cyclonedx writes one file beside each Cargo.toml of the workspace. People get the program, so only its list counts.
sbom() {
  tool cargo-cyclonedx 0.5.9 || { skip "the SBOM (cargo-cyclonedx could not be built)"; return; }
  cargo cyclonedx --quiet --format json --spec-version 1.5 --features ssr --target "$host" --no-build-deps --override-filename snug-sbom
  mv snug-sbom.json "dist/snug-$version.cdx.json"
  rm -f tests/http/snug-sbom.json xtask/snug-sbom.json
}

step "the SBOM and the sums" "a minute the first time"
sbom
(cd dist && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
ls -l dist
for what in "${skipped[@]}"; do say "skipped: $what"; done
# Everything else is built all the same, because the reason is easier to find with it.
[ "$size" -le "$SIZE_MAX" ] || fail "the program has $size bytes, and should have at most $SIZE_MAX: find out what has grown, or raise the limit"
