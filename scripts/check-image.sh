#!/usr/bin/env bash
# Checks the image without a container engine: lints the Dockerfile, runs the steps of its first stage in a folder that holds what the
# Dockerfile copies and nothing else, lays out the second stage's files, looks at them, and starts the program as the image's user would find it.
# The last lines are its size and the time of its start, for docs/benchmarks.md.
#   scripts/check-image.sh [--lint] [--folder FOLDER] [OPTION OF dotnet publish …]
# --lint: the Dockerfile alone, in a second. FOLDER (default .tools/image) is kept, so that a second run takes seconds.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
folder="$root/.tools/image" lint_only=0
while [[ ${1:-} == --lint || ${1:-} == --folder ]]; do
  if [[ $1 == --lint ]]; then lint_only=1; shift; else folder=$2; shift 2; fi
done

problems=0
problem() { printf '%s\n' "$*" >&2 && problems=1; }

# One instruction a line: comments and empty lines gone, continued lines joined.
mapfile -t instructions < <(sed -E '/^[[:space:]]*(#|$)/d' "$root/Dockerfile" | sed -E ':again; /\\$/ { N; s/[[:space:]]*\\\n[[:space:]]*/ /; b again }')

declare -A arguments=()
# Replaces the arguments of FROM, which are all that this file uses outside RUN and LABEL.
resolved() {
  local text=$1 name
  for name in "${!arguments[@]}"; do text=${text//"\${$name}"/${arguments[$name]}}; done
  printf '%s' "$text"
}

lint() {
  local instruction word rest stage=0 user='' entrypoint='' project line sources
  for instruction in "${instructions[@]}"; do
    word=${instruction%% *} rest=${instruction#* }
    case $word in
      ARG)
        if [[ $stage == 0 ]]; then arguments[${rest%%=*}]=${rest#*=}; fi
        if [[ $rest =~ (TOKEN|SECRET|PASSWORD|KEY) ]]; then problem "Dockerfile: '$instruction' stays readable in the image; use a secret mount."; fi ;;
      FROM)
        stage=$((stage + 1)) user=''
        rest=$(resolved "$rest")
        if [[ ! $rest =~ ^(--platform=\$BUILDPLATFORM\ )?[^\ ]+(:[^\ @]+|@sha256:[0-9a-f]{64})(\ AS\ [a-z]+)?$ || $rest =~ :latest ]]; then
          problem "Dockerfile: '$instruction' names no fixed tag or digest."
        fi ;;
      ADD) problem "Dockerfile: '$instruction': COPY says what it does, ADD unpacks and downloads." ;;
      HEALTHCHECK) problem "Dockerfile: HEALTHCHECK starts a program of its own every time; Kubernetes has probes." ;;
      WORKDIR) if [[ $rest != /* ]]; then problem "Dockerfile: '$instruction' is not absolute."; fi ;;
      USER) user=$rest ;;
      EXPOSE) for line in $rest; do if ((line < 1024)); then problem "Dockerfile: port $line needs privileges."; fi; done ;;
      ENTRYPOINT | CMD)
        if [[ $word == ENTRYPOINT ]]; then entrypoint=$rest; fi
        if [[ ! $rest =~ ^\[\"[^\"]+\"(,\ \"[^\"]+\")*\]$ ]]; then problem "Dockerfile: '$instruction' needs a shell, and the image has none; write a JSON array."; fi ;;
      RUN)
        if [[ $rest =~ (curl|wget|apt-get|apk|sudo)\  ]]; then problem "Dockerfile: '$instruction' brings what no version pins."; fi
        if [[ $stage -gt 1 ]]; then problem "Dockerfile: '$instruction': the second stage has no shell."; fi ;;
      COPY)
        sources=${rest% *}
        if [[ $rest != --from=* ]]; then
          for line in $sources; do if [[ ! -e $root/$line ]]; then problem "Dockerfile: '$instruction': there is no $line."; fi; done
        fi ;;
      LABEL | ENV) ;;
      *) problem "Dockerfile: '$word' is unknown to scripts/check-image.sh." ;;
    esac
  done
  if [[ ! $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]]; then problem "Dockerfile: the last USER is '$user'; Kubernetes' runAsNonRoot needs numbers above 0."; fi
  if [[ -z $entrypoint ]]; then problem "Dockerfile: ENTRYPOINT is missing."; fi
  for line in title description licenses source version revision created; do
    if ! grep -q "org.opencontainers.image.$line=" "$root/Dockerfile"; then problem "Dockerfile: the label org.opencontainers.image.$line is missing."; fi
  done
  # What restore needs: the operator's project and all that it refers to.
  while read -r project; do
    if ! grep -qxF "COPY src/$project/$project.csproj src/$project/" "$root/Dockerfile"; then
      problem "Dockerfile: the operator needs src/$project/$project.csproj; add 'COPY src/$project/$project.csproj src/$project/' before the restore."
    fi
  done < <(projects_of Operator | sort -u)
}

projects_of() {
  local project
  echo "$1"
  while read -r project; do projects_of "$project"; done < <(sed -nE 's|.*ProjectReference Include="\.\./([^/]+)/.*|\1|p' "$root/src/$1/$1.csproj")
}

lint
if [[ $problems != 0 ]]; then exit 1; fi
echo "Dockerfile: fine"
if [[ $lint_only == 1 ]]; then exit 0; fi

# --- the stages
build="$folder/build" image="$folder/image"
mkdir -p "$build" "$image"
folder=$(cd "$folder" && pwd) build="$folder/build" image="$folder/image"
# Objects stay, so that the compiler has less to do; everything else is what the Dockerfile copies now.
find "$build" -type f -not -path '*/obj/*' -not -path '*/bin/*' -delete
rm -rf "$image" "$folder/app"
mkdir -p "$image"
excludes=()
while IFS= read -r line; do
  case $line in
    '' | '#'*) ;;
    '**/'*) excludes+=("--exclude=${line#'**/'}") ;;
    *) excludes+=("--anchored" "--exclude=./$line" "--no-anchored") ;;
  esac
done <"$root/.dockerignore"

# copy FROM INTO SOURCE … TARGET
copy() {
  local from=$1 into=$2 target=${*: -1} source depth
  for source in "${@:3:$#-3}"; do
    if [[ -d $from/$source ]]; then
      depth=$(($(tr -cd / <<<"./$source" | wc -c) + 1))
      mkdir -p "$into/$target"
      tar -C "$from" "${excludes[@]}" -cf - "./$source" | tar -C "$into/$target" -xf - --strip-components="$depth"
    else
      mkdir -p "$into/$target"
      cp -p "$from/$source" "$into/$target/"
    fi
  done
}

case $(uname -m) in x86_64) architecture=amd64 ;; aarch64) architecture=arm64 ;; *) echo "No image is made for $(uname -m)." >&2 && exit 1 ;; esac
export TARGETARCH=$architecture VERSION=${VERSION:-} REVISION=${REVISION:-}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDTERMINALLOGGER=off
# What lives on after a step would keep the pipes of who called this script.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
stage=0
for instruction in "${instructions[@]}"; do
  word=${instruction%% *} rest=${instruction#* }
  case $stage-$word in
    *-FROM) stage=$((stage + 1)) ;;
    1-COPY) read -ra words <<<"$rest" && copy "$root" "$build" "${words[@]}" ;;
    1-RUN)
      # The container's /app is a folder here; what is added comes last and wins.
      if [[ $rest == 'dotnet publish '* ]]; then rest="${rest//\/app/\"$folder/app\"}${*:+ $*}"; fi
      echo "== $rest"
      (cd "$build" && bash -euc "$rest") ;;
    2-COPY)
      if [[ $rest == '--from=build /app .' ]]; then cp -R "$folder/app/." "$image"; else read -ra words <<<"$rest" && copy "$root" "$image" "${words[@]}"; fi ;;
  esac
done

# --- the layout
program="$image/gpustack-operator"
while IFS= read -r file; do
  case ${file#"$image/"} in
    gpustack-operator | LICENSE | samples/*) ;;
    *) problem "The image would hold ${file#"$image/"}, which nothing needs." ;;
  esac
done < <(find "$image" -type f)
if [[ $(find "$image" -type f -perm /111) != "$program" ]]; then problem "The image must hold one executable, gpustack-operator, but holds: $(find "$image" -type f -perm /111)"; fi
if [[ $(head -c 4 "$program" | tail -c 3) != ELF ]]; then problem "gpustack-operator is no native program."; fi
if [[ -n $(find "$image" -perm /6000) ]]; then problem "Some file sets its user or group."; fi
if [[ -n $(find "$image" -not -perm -004) ]]; then problem "The image's user may not read: $(find "$image" -not -perm -004)"; fi
size=$(stat -c %s "$program")
total=$(du -sb "$image" | cut -f1)
if ((size > 100 * 1024 * 1024)); then problem "gpustack-operator has $size bytes; it is copied into every engine pod, and 100 MiB are the most."; fi
if ((total - size > 2 * 1024 * 1024)); then problem "$((total - size)) bytes lie beside gpustack-operator; 2 MiB are the most."; fi

# --- the start: nothing of the environment, no home, nothing writable, and as the image's user where that can be done.
app=$(mktemp -d)
trap 'chmod -R u+w "$app"; rm -rf "$app"' EXIT
cp -R "$image/." "$app"
chmod -R a-w,a+rX "$app"
as_user=()
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then as_user=(setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs); fi
start() { (cd "$app" && "${as_user[@]}" env -i DOTNET_EnableDiagnostics=0 "${temporary[@]}" ./gpustack-operator "$@"); }
temporary=(TMPDIR=/nowhere)
version=$(start --version) || problem "--version fails."
start --help >/dev/null || problem "--help fails."
code=0
said=$(start run 2>&1) || code=$?
if [[ $code == 0 || $code -gt 2 || $said == *Unhandled* ]]; then problem "Without a cluster 'run' ends with $code: $said"; fi
temporary=()
start demo >/dev/null || problem "demo fails."
times=()
temporary=(TMPDIR=/nowhere)
for _ in {1..15}; do
  before=${EPOCHREALTIME/[.,]/}
  start --version >/dev/null
  times+=($((${EPOCHREALTIME/[.,]/} - before)))
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 8p)
if [[ $problems != 0 ]]; then exit 1; fi
printf 'image: %s, linux/%s: program %d bytes, beside it %d bytes\n' "$version" "$architecture" "$size" "$((total - size))"
printf 'image: start and end of --version, median of %d: %d ms\n' "${#times[@]}" "$((median / 1000))"
