#!/usr/bin/env bash
# Sums the counters of all .trx files in a folder and prints "N passed, N failed, N skipped".
# Fails when a file is missing its counters, a test failed, or no test ran.
# usage: scripts/sum-results.sh FOLDER
set -euo pipefail
passed=0 failed=0 skipped=0
shopt -s nullglob
for file in "$1"/*.trx; do
  counters=$(grep -o '<Counters [^>]*>' "$file")
  value() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  total=$(value total) ok=$(value passed) bad=$(value failed)
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
done
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[[ $failed -eq 0 && $passed -gt 0 ]]
