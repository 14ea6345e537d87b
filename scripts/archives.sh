#!/usr/bin/env bash
# Makes a release's files: for each platform an archive of the program as kubectl plugin, with its samples, license and, beside it, its bill of
# materials, and checksums.txt over all of them. Any platform's program is made on any other.
# usage: scripts/archives.sh VERSION FOLDER [PLATFORM…]     such as linux_arm64; all six without one
#    or: scripts/archives.sh VERSION FOLDER --published PLATFORM PROGRAM_FOLDER PROJECT.ASSETS.JSON     packs what is published already
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
version=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDTERMINALLOGGER=off

runtime_of() {
  local system=${1%_*} architecture=${1#*_}
  case $system in linux) ;; darwin) system=osx ;; windows) system=win ;; *) echo "$1 is no platform; they are called linux_amd64." >&2 && return 1 ;; esac
  case $architecture in amd64) architecture=x64 ;; arm64) ;; *) echo "$1 is no platform; they are called linux_amd64." >&2 && return 1 ;; esac
  printf '%s-%s' "$system" "$architecture"
}

# pack PLATFORM PROGRAM_FOLDER PROJECT.ASSETS.JSON
pack() {
  local name="kubectl-gpustack_${version}_$1" files=(LICENSE samples) suffix=''
  [[ $1 != windows_* ]] || suffix=.exe
  mkdir -p "$work/pack"
  cp "$root/LICENSE" "$work/pack/"
  cp -R "$2/samples" "$work/pack/"
  cp "$2/gpustack-operator$suffix" "$work/pack/kubectl-gpustack$suffix"
  files+=("kubectl-gpustack$suffix")
  if [[ -z $suffix ]]; then
    # kubectl asks this file for completions.
    cp "$root/src/Operator/Commands/Completion/Shells/completion.kubectl" "$work/pack/kubectl_complete-gpustack"
    chmod 755 "$work/pack/kubectl-gpustack" "$work/pack/kubectl_complete-gpustack"
    files+=(kubectl_complete-gpustack)
    # Equal content makes an equal archive.
    tar -C "$work/pack" --sort=name --owner=0 --group=0 --numeric-owner --mtime='2000-01-01 00:00Z' -cf - "${files[@]}" | gzip -9n >"$folder/$name.tar.gz"
  else
    find "$work/pack" -exec touch -d '2000-01-01 00:00Z' {} +
    (cd "$work/pack" && find "${files[@]}" -type f | LC_ALL=C sort | TZ=UTC zip -q -X -9 "$folder/$name.zip" -@)
  fi
  rm -rf "$work/pack"
  "$root/scripts/sbom.sh" "$3" "$(runtime_of "$1")" "$version" >"$folder/gpustack-operator_${version}_$1.cdx.json"
}

if [[ ${1:-} == --published ]]; then
  pack "$2" "$3" "$4"
else
  [[ $# -gt 0 ]] || set -- linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64 windows_arm64
  for platform in "$@"; do
    runtime=$(runtime_of "$platform")
    dotnet publish "$root/src/Operator/Operator.csproj" --configuration Release --runtime "$runtime" --artifacts-path "$work/build" \
      --output "$work/$platform" -p:Version="$version" -p:DebugType=none --verbosity quiet
    pack "$platform" "$work/$platform" "$work/build/obj/Operator/project.assets.json"
    rm -rf "${work:?}/$platform"
  done
fi
cd "$folder"
sha256sum kubectl-gpustack_* gpustack-operator_*.cdx.json >checksums.txt
