#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version, once the project and the chart speak of that version too. The chart has a version of its own,
# which is to be new as well, and which only a registry can judge.
# usage: scripts/release-notes.sh X.Y.Z [REPOSITORY]
set -euo pipefail
version=$1
cd "${2:-"$(dirname "${BASH_SOURCE[0]}")/.."}"
fail() { echo "No release $version: $*" >&2 && exit 1; }
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "that is no version; tags are called v1.2.3."

is() { [[ $2 == "$version" ]] || fail "$1 says '$2'; write $version."; }
is "VersionPrefix in Directory.Build.props" "$(sed -nE 's|.*<VersionPrefix>(.*)</VersionPrefix>.*|\1|p' Directory.Build.props)"
is "appVersion in charts/gpustack-operator/Chart.yaml" "$(sed -nE 's/^appVersion: "?([^"]*)"?$/\1/p' charts/gpustack-operator/Chart.yaml)"
is "the image in the annotations of charts/gpustack-operator/Chart.yaml" "$(sed -nE 's|^ +image: ghcr.io/gpustack/gpustack-operator:(.*)$|\1|p' charts/gpustack-operator/Chart.yaml)"

notes=$(awk -v heading="## [$version]" 'index($0, "## ") == 1 { inside = index($0, heading) == 1; next } inside' CHANGELOG.md | sed -e '/./,$!d')
[[ -n $notes ]] || fail "CHANGELOG.md has no text below '## [$version]'."
printf '%s\n' "$notes"
