#!/usr/bin/env bash
# Lints the shell scripts, the Dockerfile, the Helm chart and the kustomize folders.
set -euo pipefail
cd "$(dirname "$0")/.."
shellcheck -x test .ci/run scripts/*.sh src/Operator/Commands/Completion/Shells/completion.{bash,kubectl}
scripts/check-image.sh --lint
helm lint --strict --quiet charts/gpustack-operator
scripts/check-alerts.sh
kubectl kustomize config/default >/dev/null
echo "scripts, chart and kustomize folders are fine"
