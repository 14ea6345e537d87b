#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version, once Directory.Build.props and Chart.yaml have that version too: a release is made of one version.
# usage: scripts/release-notes.sh X.Y.Z [REPOSITORY]
set -euo pipefail
version=$1
cd "${2:-"$(dirname "${BASH_SOURCE[0]}")/.."}"
fail() { echo "No release $version: $*" >&2 && exit 1; }
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "that is no version; tags are called v1.2.3."

is() { [[ $2 == "$version" ]] || fail "$1 says '$2'; write $version."; }
is "VersionPrefix in Directory.Build.props" "$(sed -nE 's|.*<VersionPrefix>(.*)</VersionPrefix>.*|\1|p' Directory.Build.props)"
is "version in charts/gpustack-operator/Chart.yaml" "$(sed -nE 's/^version: "?([^"]*)"?$/\1/p' charts/gpustack-operator/Chart.yaml)"
is "appVersion in charts/gpustack-operator/Chart.yaml" "$(sed -nE 's/^appVersion: "?([^"]*)"?$/\1/p' charts/gpustack-operator/Chart.yaml)"

notes=$(awk -v heading="## [$version]" 'index($0, "## ") == 1 { inside = index($0, heading) == 1; next } inside' CHANGELOG.md | sed -e '/./,$!d')
[[ -n $notes ]] || fail "CHANGELOG.md has no text below '## [$version]'."
printf '%s\n' "$notes"
