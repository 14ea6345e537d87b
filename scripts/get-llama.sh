#!/usr/bin/env bash
# Brings the real llama.cpp programs into .tools/llama (ignored by git), a folder to chroot into:
#   sudo chroot .tools/llama llama-server --version
# They are Debian's packages, unpacked; nothing is installed on the machine. Needs apt-get and dpkg-deb, and fresh package lists of a
# Debian mirror (apt-get update once). usage: scripts/get-llama.sh [FOLDER]
set -euo pipefail

folder=${1:-"$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools/llama"}
packages=(llama.cpp-tools llama.cpp-tools-extra libggml0-backend-rpc)
apt="$folder.apt"

# An apt of its own: the mirror and keys of this machine, other lists, and no package counted as installed.
# apt fills in the address, not this shell.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$') || {
  echo "apt knows no Debian mirror; run 'apt-get update' on a Debian machine first." >&2
  exit 1
}
mkdir -p "$folder" "$apt"/{lists/partial,archives/partial,state,empty}
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
options=(
  -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/empty" -o Dir::Etc::preferencesparts="$apt/empty"
  -o Dir::State="$apt/state" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache::archives="$apt/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Languages=none -o APT::Install-Recommends=false -o APT::Sandbox::User=root
)
apt-get "${options[@]}" -qq update
apt-get "${options[@]}" -qq -y --download-only install "${packages[@]}"

# Only files: maintainer scripts do not run, and what they would set up is not needed.
for package in "$apt"/archives/*.deb; do dpkg-deb --extract "$package" "$folder"; done
for link in bin sbin lib lib64; do [[ -e $folder/$link ]] || ln -s "usr/$link" "$folder/$link"; done
mkdir -p "$folder"/{tmp,proc,dev,models}
[[ -c $folder/dev/null ]] || mknod -m 666 "$folder/dev/null" c 1 3
[[ -c $folder/dev/urandom ]] || mknod -m 666 "$folder/dev/urandom" c 1 9
rm -rf "$apt"
chroot "$folder" llama-server --version 2>&1 | grep version
