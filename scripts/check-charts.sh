#!/usr/bin/env bash
# Lints the shell scripts, the Helm chart and the kustomize folders.
set -euo pipefail
cd "$(dirname "$0")/.."
shellcheck -x test .ci/run scripts/*.sh
helm lint --strict --quiet charts/gpustack-operator
helm template gpustack-operator charts/gpustack-operator --namespace gpustack-system --include-crds >/dev/null
helm template gpustack-operator charts/gpustack-operator --namespace gpustack-system --set 'gpuProducts[0].vendor=nvidia,gpuProducts[0].name=X1' |
  grep -F '{"products":[{"name":"X1","vendor":"nvidia"}]}' >/dev/null
[ "$(helm template gpustack-operator charts/gpustack-operator --namespace gpustack-system --set 'engineImages.vllm.nvidia=r/vllm:1,engineImages.llamaCpp.cpu=r/l:1' |
  grep -c -F -e '"--vllm-image=nvidia=r/vllm:1"' -e '"--llama-cpp-image==r/l:1"')" = 2 ]
kubectl kustomize config/default >/dev/null
echo "scripts, chart and kustomize folders are fine"
