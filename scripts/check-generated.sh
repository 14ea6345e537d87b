#!/usr/bin/env bash
# Regenerates what is generated and fails when a committed file differs.
# usage: scripts/check-generated.sh [CONFIGURATION]
set -euo pipefail
cd "$(dirname "$0")/.."
operator="src/Operator/bin/${1:-Release}/net10.0/gpustack-operator.dll"
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
generated=(config/crd config/rbac config/webhook charts/gpustack-operator docs/guides)
for folder in "${generated[@]}"; do mkdir -p "$before/$folder" && cp -R "$folder/." "$before/$folder"; done
for what in crd rbac reference; do dotnet "$operator" generate "$what" --out . >/dev/null; done
stale=0
for folder in "${generated[@]}"; do
  diff -ru "$before/$folder" "$folder" || stale=1
done
if [[ $stale != 0 ]]; then
  echo "Generated files are stale: run 'dotnet run --project src/Operator -- generate crd|rbac|reference --out .' and commit." >&2
  exit 1
fi
echo "config/, the chart's copies and the API reference are up to date"
