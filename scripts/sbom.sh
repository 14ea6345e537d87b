#!/usr/bin/env bash
# Prints the bill of materials of a published operator, CycloneDX 1.6 in JSON: the packages and the parts of .NET that are linked into its one
# file, with versions, licenses and hashes, as restore has resolved them. What only builds (analyzers, linker, compiler) is not in it.
# Same input, same output. Needs jq, and the packages where restore has put them.
# usage: scripts/sbom.sh PROJECT.ASSETS.JSON RUNTIME VERSION   (such as obj/project.assets.json linux-x64 0.1.0)
set -euo pipefail
assets=$1 runtime=$2 version=$3
packages=$(jq -r '.packageFolders | keys[0]' "$assets")

# One line of JSON for each: name, version, what it needs, base64 of SHA-512.
parts=$(jq -c --arg runtime "$runtime" '
  .libraries as $libraries
  | (.targets | to_entries[] | select(.key | endswith("/" + $runtime)) | .value) as $target
  | (if $target == null then error("restored for no such runtime") else . end)
  | ($target | to_entries[]
      | select(.value.type == "package" and (.value.runtime // {} | keys | any(endswith(".dll"))))
      | { name: (.key | split("/")[0]), version: (.key | split("/")[1]), needs: (.value.dependencies // {} | keys), sha512: $libraries[.key].sha512 }),
    (.project.frameworks[].downloadDependencies[]?
      | select(.name | test("^Microsoft\\.(NETCore|AspNetCore)\\.App\\.Runtime\\.") and endswith("." + $runtime))
      | { name, version: (.version | capture("^\\[(?<exact>[^,]+)") | .exact), needs: [], sha512: null })
' "$assets")
[[ -n $parts ]] || { echo "$assets: nothing is restored for $runtime; publish for it first." >&2 && exit 1; }

components='[]'
while IFS= read -r part; do
  name=$(jq -r .name <<<"$part") exact=$(jq -r .version <<<"$part")
  folder="$packages$(tr '[:upper:]' '[:lower:]' <<<"$name")/$exact"
  license=$(sed -nE 's|.*<license type="expression">([^<]+)</license>.*|\1|p' "$folder"/*.nuspec | head -n 1)
  hash=$(jq -r '.sha512 // ""' <<<"$part")
  [[ -n $hash ]] || hash=$(jq -r '.contentHash // ""' "$folder/.nupkg.metadata")
  hash=$(base64 -d <<<"$hash" | od -An -v -tx1 | tr -d ' \n')
  components=$(jq -c --argjson part "$part" --arg license "$license" --arg hash "$hash" '
    . + [{
      type: (if $part.name | test("\\.App\\.Runtime\\.") then "framework" else "library" end),
      "bom-ref": "pkg:nuget/\($part.name)@\($part.version)",
      name: $part.name,
      version: $part.version,
      purl: "pkg:nuget/\($part.name)@\($part.version)",
      hashes: (if $hash == "" then [] else [{ alg: "SHA-512", content: $hash }] end),
      licenses: (if $license == "" then [] elif $license | test(" ") then [{ expression: $license }] else [{ license: { id: $license } }] end),
      needs: $part.needs
    }]' <<<"$components")
done <<<"$parts"

# The same content has the same number.
digest=$(sha256sum <<<"$version $runtime $components" | cut -c 1-32)
serial="urn:uuid:${digest:0:8}-${digest:8:4}-5${digest:13:3}-a${digest:17:3}-${digest:20:12}"
jq --arg version "$version" --arg runtime "$runtime" --arg serial "$serial" '
  sort_by(.name) as $all
  | ($all | map({ key: .name, value: ."bom-ref" }) | from_entries) as $refs
  | "pkg:github/gpustack/gpustack-operator@v\($version)" as $self
  | {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: $serial,
      version: 1,
      metadata: {
        component: {
          type: "application", "bom-ref": $self, name: "gpustack-operator", version: $version, purl: $self,
          licenses: [{ license: { id: "Apache-2.0" } }],
          properties: [{ name: "dotnet:runtime", value: $runtime }]
        }
      },
      components: ($all | map(del(.needs))),
      dependencies: ([{ ref: $self, dependsOn: ($all | map(."bom-ref")) }]
        + ($all | map({ ref: ."bom-ref", dependsOn: (.needs | map($refs[.] // empty)) })))
    }' <<<"$components"
