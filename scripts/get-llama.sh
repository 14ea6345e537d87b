#!/usr/bin/env bash
# Brings the real llama.cpp programs into .tools/llama (ignored by git) and prints the folder to put first on PATH:
#   PATH="$(scripts/get-llama.sh):$PATH" llama-server --version
# They are Debian's packages (sid), unpacked together with all their libraries: nothing is installed on the machine, and its own libraries do
# not matter. Takes some ten seconds once and nothing after that; --again brings them anew. Needs Debian's apt-get and dpkg-deb, and root only
# when 'apt-get update' was never run here. usage: scripts/get-llama.sh [--again] [FOLDER]
set -euo pipefail

again=0
if [[ ${1:-} == --again ]]; then again=1 && shift; fi
folder=${1:-"$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools/llama"}
packages=(llama.cpp-tools llama.cpp-tools-extra libggml0-backend-rpc)

fail() {
  echo "The llama.cpp programs cannot be brought: $*" >&2
  exit 1
}

mkdir -p "$(dirname "$folder")"
folder="$(cd "$(dirname "$folder")" && pwd)/$(basename "$folder")"
# Test projects may ask at the same time; whoever comes second finds the work done.
exec 9>"$folder.lock"
flock 9
if [[ $again == 0 && -x $folder/programs/llama-server && -x $folder/programs/ggml-rpc-server ]]; then
  echo "$folder/programs"
  exit 0
fi

for needed in apt-get dpkg-deb; do
  command -v "$needed" >/dev/null || fail "this machine has no $needed; run this on Debian."
done
# apt fills in the address, not this shell.
# shellcheck disable=SC2016
mirrors() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk '/\/debian\/$/ && !seen++'; }
mirror=$(mirrors) || fail "apt does not tell its mirrors."
if [[ -z $mirror ]]; then
  apt-get -qq update >/dev/null || fail "'apt-get update' failed; is there a network?"
  mirror=$(mirrors) || fail "apt does not tell its mirrors."
  [[ -n $mirror ]] || fail "apt knows no Debian mirror; run this on Debian."
fi

# An apt of its own: the mirror and keys of this machine, other lists, and no package counted as installed.
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt="$work/apt" root="$work/root"
mkdir -p "$root" "$apt"/{lists/partial,archives/partial,state,empty}
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
options=(
  -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/empty" -o Dir::Etc::preferencesparts="$apt/empty"
  -o Dir::State="$apt/state" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache::archives="$apt/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Languages=none -o APT::Install-Recommends=false
  -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=true -o APT::Update::Error-Mode=any
)
apt-get "${options[@]}" -qq update >&2 || fail "the package lists of $mirror cannot be had; is there a network?"
apt-get "${options[@]}" -qq -y --download-only install "${packages[@]}" >&2 || fail "the packages of $mirror cannot be had; is there a network?"

# Only files: maintainer scripts do not run, and what they would set up is not needed.
for package in "$apt"/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
# The folder can also be changed root into, by root.
for link in bin sbin lib lib64; do [[ -e $root/$link ]] || ln -s "usr/$link" "$root/$link"; done
mkdir -p "$root"/{tmp,proc,dev,models,programs}
if [[ $(id -u) == 0 ]]; then
  { mknod -m 666 "$root/dev/null" c 1 3 && mknod -m 666 "$root/dev/urandom" c 1 9; } 2>/dev/null || true
fi

# Each program by its name, under the loader and with the libraries that came with it, and in its own process. ggml looks for its backends
# where Debian installs them and in the current folder, so that is where the programs run: paths given to them must be absolute.
loader=$(cd "$root" && find usr/lib -name 'ld-linux*.so.*' -path '*-linux-gnu*' -print -quit)
libraries=$(dirname "$loader")
backends=$(cd "$root" && find "$libraries/ggml" -name 'libggml-rpc.so' -printf '%h\n' -quit)
[[ -n $loader && -n $backends ]] || fail "the packages are not laid out as they were; look into scripts/get-llama.sh."
for name in llama-server ggml-rpc-server; do
  program=$(cd "$root" && find usr/bin usr/libexec -name "$name" -print -quit)
  [[ -n $program ]] || fail "the packages have no $name any more; look into scripts/get-llama.sh."
  cat >"$root/programs/$name" <<PROGRAM
#!/bin/sh
root=\$(CDPATH= cd -- "\$(dirname -- "\$0")/.." && pwd) && cd "\$root/$backends" &&
  exec "\$root/$loader" --argv0 "$name" --library-path "\$root/$libraries:\$root/$libraries/llama" "\$root/$program" "\$@"
PROGRAM
  chmod 755 "$root/programs/$name"
done
"$root/programs/llama-server" --version 2>&1 | grep ^version >&2 || fail "llama-server does not run here."

rm -rf "$folder"
mv "$root" "$folder"
echo "$folder/programs"
