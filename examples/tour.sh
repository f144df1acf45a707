#!/usr/bin/env bash
# Walks through the life of examples/shop on simulated clusters, in a temporary folder: tour.sh PATH-OF-MCP
# Shows each command as typed, stops at the first one that ends otherwise than it should, and leaves nothing behind.
set -euo pipefail

if [[ $# -ne 1 || ! -x $1 ]]; then
  echo "usage: $0 PATH-OF-MCP" >&2
  exit 64
fi
binary=$(realpath -- "$1")
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
unset MCP_STATE_DIR  # the tour's state stays in its own folder

folder=$(mktemp -d "${TMPDIR:-/tmp}/mcp-tour-XXXXXX")
trap 'rm -rf -- "$folder"' EXIT

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

mcp() { "$binary" "$@"; }

step=0
title() {
  step=$((step + 1))
  printf '\n%s== %d. %s%s\n' "$bold" "$step" "$1" "$plain"
  shift
  if [[ $# -gt 0 ]]; then printf '%s%s%s\n' "$dim" "$*" "$plain" | fold -s -w 80; fi
}

# One command, shown as a person would type it.
run() {
  local shown='' word
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=@,%+-]+$ ]]; then shown+=" $word"; else shown+=" '$word'"; fi
  done
  printf '\n%s$%s%s\n' "$bold" "$shown" "$plain"
  local code=0
  "$@" || code=$?
  if [[ $code -ne 0 ]]; then
    echo "The tour stops:$shown ended with exit code $code." >&2
    exit 1
  fi
}

cp -R -- "$here/shop/." "$folder"
cd -- "$folder"

title "A shop on six clusters of three clouds" \
  "The project is a handful of .mcp files; Services are stated in .mcp, YAML and JSON. All clusters are simulated."
run ls
run cat web.mcp
run mcp check

title "Plan and apply" \
  "A plan is made, saved and read before anything is done; apply carries out exactly that plan. The password comes" \
  "from the environment and goes to the clusters only."
run export SHOP_DB_PASSWORD=only-for-the-tour
run mcp plan --out first.mcpplan
run mcp apply first.mcpplan --yes
run mcp plan

title "What runs where, and why"
run mcp status
run mcp why workload.edge/web@azr-weu
run mcp why workload.edge/web@aws-euw1:container.nginx.image

title "A new version" \
  "One line is edited. The plan holds that change and nothing else."
run sed -i s/web:2.4.1/web:2.5.0/ web.mcp
run mcp plan --out image.mcpplan
run mcp apply image.mcpplan --yes

title "Somebody edits a cluster by hand" \
  "Two fields change behind the back of mcp. Drift names them, who changed them and what comes next."
run mcp sim edit config.shop/orders@azr-weu:data.LOG_LEVEL '"debug"'
run mcp sim edit workload.edge/web@gcp-euw1:spec.replicas 5 --as hasty-admin
run mcp drift
run mcp plan --out repair.mcpplan
run mcp apply repair.mcpplan --yes
run mcp drift

title "A cluster is lost" \
  "aws-euw1 stops answering. Its replicas are created on the clusters that are left; what runs elsewhere stays."
run mcp sim lose aws-euw1
run mcp plan --lost aws-euw1 --out failover.mcpplan
run mcp apply failover.mcpplan --yes
run mcp status
run mcp why workload.edge/web@aws-use1

title "It comes back"
run mcp sim restore aws-euw1
run mcp plan --out back.mcpplan
run mcp apply back.mcpplan --yes
run mcp status

title "The end" \
  "Everything that the project owns is removed, in reverse order; what it does not own is never touched."
run mcp destroy --yes
run mcp state list
run mcp history

printf '\n%sThat was the tour.%s The project is examples/shop; `mcp init` starts your own.\n' "$bold" "$plain"
