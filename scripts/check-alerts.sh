#!/usr/bin/env bash
# Checks the alerts and the Grafana dashboards that the chart ships: their syntax, by Prometheus' own promtool; that alerts fire and do not
# fire as tests/alerts says; that every metric they name is in the generated table, with every label; that every alert has a test and a runbook.
# Needs promtool (scripts/tools.sh brings it) and node, which came with npm.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.tools/bin:$PATH"
alerts=charts/gpustack-operator/files/alerts.yaml
dashboards=(charts/gpustack-operator/files/dashboards/*.json)
table=docs/guides/metrics.md
runbooks=docs/guides/runbooks.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
wrong() { echo "$*" >&2 && failed=1; }

promtool check rules "$alerts" >/dev/null
promtool test rules tests/alerts/*.yaml >"$work/tests" 2>&1 || { cat "$work/tests" >&2 && exit 1; }

mapfile -t alert_names < <(sed -n 's/^ *- alert: *//p' "$alerts")
for alert in "${alert_names[@]}"; do
  grep -qE "alertname[:=] ?\"?$alert\b" tests/alerts/*.yaml || wrong "$alerts: no test of tests/alerts is about $alert."
  grep -qx "## $alert" "$runbooks" || wrong "$runbooks: there is no section '## $alert'."
  grep -q "runbook_url: https://.*/$runbooks#${alert,,}$" "$alerts" || wrong "$alerts: $alert has no runbook_url that ends with $runbooks#${alert,,}."
done
mapfile -t sections < <(sed -n 's/^## //p' "$runbooks")
for section in "${sections[@]}"; do
  grep -q -- "- alert: $section\$" "$alerts" || wrong "$runbooks: '## $section' is no alert of $alerts."
done

# Every expression of a dashboard becomes a rule; Grafana's own variables get values.
node - "$work" "${dashboards[@]}" <<'SCRIPT'
const fs = require('fs');
const [folder, ...files] = process.argv.slice(2);
const uids = new Map(), rules = [];
const fail = text => { console.error(text); process.exitCode = 1; };
const expressions = (file, value, key) => {
  if (Array.isArray(value)) value.forEach(entry => expressions(file, entry, key));
  else if (value && typeof value === 'object') for (const [name, entry] of Object.entries(value)) {
    if (name === 'datasource' && entry.uid !== '${datasource}') fail(`${file}: the datasource ${JSON.stringify(entry)} is not the variable.`);
    expressions(file, entry, name);
  }
  else if (key === 'expr') rules.push(value.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll('$__interval', '1m'));
};
for (const file of files) {
  const board = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!board.uid || uids.has(board.uid)) fail(`${file}: uid '${board.uid}' is missing or used by ${uids.get(board.uid)} as well.`);
  uids.set(board.uid, file);
  const variables = board.templating?.list ?? [];
  if (!variables.some(one => one.type === 'datasource' && one.query === 'prometheus')) fail(`${file}: there is no variable of the type datasource for Prometheus.`);
  const ids = board.panels.map(panel => panel.id);
  if (new Set(ids).size !== ids.length) fail(`${file}: two panels have one id.`);
  expressions(file, board, '');
  // The metrics that variables are made from.
  for (const one of variables) for (const match of (one.query?.query ?? '').matchAll(/label_values\(([^,]+)/g)) rules.push(match[1]);
}
const yaml = rules.map((rule, i) => `      - {record: "x:${i}", expr: ${JSON.stringify(rule)}}`).join('\n');
fs.writeFileSync(`${folder}/dashboards.yaml`, `groups:\n  - name: dashboards\n    rules:\n${yaml}\n`);
SCRIPT
promtool check rules "$work/dashboards.yaml" >"$work/checked" 2>&1 || { cat "$work/checked" >&2 && exit 1; }

# Label names such as job and labels' values such as 'modeldeployment' have no prefix of a metric.
mapfile -t names < <(grep -hoE '\b(gpustack|controller_runtime|workqueue|rest_client|leader_election|process)_[a-z_]+' "$alerts" "$work/dashboards.yaml" tests/alerts/*.yaml | sort -u)
for name in "${names[@]}"; do
  grep -qE "^\| \`($name|${name%_bucket}|${name%_count}|${name%_sum})\` \|" "$table" || wrong "$name is named by an alert or a dashboard and is no metric of $table."
done

# Labels that are matched, grouped or joined by, or stand in a legend. What a scrape adds has no row.
node - "$table" "$alerts" "$work/dashboards.yaml" "${dashboards[@]}" <<'SCRIPT' || failed=1
const fs = require('fs');
const [table, ...files] = process.argv.slice(2);
const scraped = ['job', 'instance', 'le'];
const labels = new Map(), all = new Set(scraped);
for (const [, name, , , cell] of fs.readFileSync(table, 'utf8').matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|/gm)) {
  labels.set(name, new Set(scraped.concat([...cell.matchAll(/`(\w+)`/g)].map(match => match[1]))));
  labels.get(name).forEach(label => all.add(label));
}
const fail = text => { console.error(text); process.exitCode = 1; };
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8').replaceAll('\\"', '"');
  for (const [, name, matchers] of text.matchAll(/\b([a-z_]+)\{([^{}]*)\}/g)) {
    const own = labels.get(name) ?? labels.get(name.replace(/_(bucket|count|sum)$/, ''));
    for (const [, label] of own ? matchers.matchAll(/(\w+) *(?:=~|!=|!~|=)/g) : [])
      if (!own.has(label)) fail(`${file}: ${name} has no label ${label}.`);
  }
  for (const [, list] of text.matchAll(/\b(?:by|on|without|group_left|group_right) *\(([^()]*)\)/g))
    for (const label of list.split(',').map(one => one.trim()).filter(one => one))
      if (!all.has(label)) fail(`${file}: no metric has the label ${label}.`);
  for (const [, label] of text.matchAll(/\{\{ *(?:\$labels\.)?([a-z_]+) *\}\}/g))
    if (!all.has(label)) fail(`${file}: no metric has the label ${label}.`);
}
SCRIPT
[[ $failed == 0 ]]
echo "${#alert_names[@]} alerts and ${#dashboards[@]} dashboards are fine"
