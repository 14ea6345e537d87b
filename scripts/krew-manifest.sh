#!/usr/bin/env bash
# Prints the manifest by which krew installs "kubectl gpustack", for the archives of a folder that scripts/archives.sh has made.
# usage: scripts/krew-manifest.sh VERSION FOLDER URL     URL: where the archives will lie
set -euo pipefail
version=$1 folder=$2 url=${3%/}
shopt -s nullglob
archives=("$folder"/kubectl-gpustack_"$version"_*.{tar.gz,zip})
[[ ${#archives[@]} -gt 0 ]] || { echo "$folder holds no kubectl-gpustack_${version}_*; run scripts/archives.sh $version $folder first." >&2 && exit 1; }

cat <<MANIFEST
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: gpustack
spec:
  version: v$version
  homepage: https://github.com/gpustack/gpustack-operator
  shortDescription: Place LLMs on the GPUs of a cluster
  description: |
    Shows where an LLM would run on the GPUs of a cluster and why not elsewhere
    (plan), what memory it needs on every device (estimate), and runs all of it
    on a simulated cluster (demo). It is the program of gpustack-operator, which
    the cluster need not have: plan and estimate work from files, too.
  caveats: |
    For completion, put the file that kubectl asks on your PATH:
      kubectl gpustack completion kubectl > ~/.local/bin/kubectl_complete-gpustack
      chmod +x ~/.local/bin/kubectl_complete-gpustack
  platforms:
MANIFEST
for archive in "${archives[@]}"; do
  name=$(basename "$archive")
  platform=${name#"kubectl-gpustack_${version}_"}
  platform=${platform%%.*} suffix=''
  [[ $platform != windows_* ]] || suffix=.exe
  cat <<PLATFORM
    - selector:
        matchLabels:
          os: ${platform%_*}
          arch: ${platform#*_}
      uri: $url/$name
      sha256: $(sha256sum "$archive" | cut -d ' ' -f 1)
      bin: kubectl-gpustack$suffix
PLATFORM
done
