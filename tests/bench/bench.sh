#!/usr/bin/env bash
# Measures whole commands: the least CPU seconds of several runs, ratios beside. bench.sh PATH/TO/mcp [--quick]
set -euo pipefail
export LC_ALL=C
mcp=$(realpath "$1")
quick=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S %R'

# cpu RUNS COMMAND...: least user + system seconds; the command must end with 0 or 2. wall: the same of real time.
measure() {
  local field=$1 runs=$2 best= line value code i
  shift 2
  for ((i = 0; i < runs; i++)); do
    code=0
    { time "$@" >"$work/out" 2>"$work/err" || code=$?; } 2>"$work/time"
    if [ "$code" != 0 ] && [ "$code" != 2 ]; then
      printf 'bench: `%s` ended with %s\n' "$*" "$code" >&2
      head -5 "$work/err" >&2
      exit 1
    fi
    line=$(tail -n 1 "$work/time")
    value=$(awk -v f="$field" '{ printf "%.3f", f == "wall" ? $3 : $1 + $2 }' <<<"$line")
    if [ -z "$best" ] || awk -v a="$value" -v b="$best" 'BEGIN { exit !(a < b) }'; then best=$value; fi
  done
  printf '%s' "$best"
}
cpu() { measure cpu "$@"; }
wall() { measure wall "$@"; }

row() { printf '| %-52s | %10s | %-10s | %s |\n' "$1" "$2" "$3" "$4"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0) ? a / b : 0 }'; }
holds() { awk -v a="$1" -v b="$2" 'BEGIN { print (a == "") ? "NOT MEASURED" : (a + 0 <= b + 0) ? "holds" : "MISSED" }'; }

# A project of about N objects on 10 clusters: workload, config and service each, every block written out.
project() {
  local folder=$1 objects=$2
  rm -rf "$folder"
  mkdir -p "$folder"
  awk -v n="$objects" -v members="${3:-10}" 'BEGIN {
    printf "mcp big { driver = \"sim\", limits { max_deletes = 1_000_000, max_moved = 100%%, max_clusters = 100 } }\n"
    split("aws azure gcp", cloud, " ")
    for (i = 0; i < members; i++) printf "cluster c%d { cloud = \"%s\", region = \"r%d\", capacity = 1_000_000 }\n", i, cloud[i % 3 + 1], i
    print "namespace big {}"
    count = int(n / (3 * members))
    for (i = 0; i < count; i++) {
      printf "config conf-%d in big {\n  data = { \"application.yaml\" = \"server: { port: 8080 }\\nname: app-%d\\n\", LEVEL = \"info\" }\n}\n", i, i
      printf "workload app-%d in big {\n  replicas = %d\n  labels   = { team = \"t%d\" }\n  container app {\n", i, members, i % 7
      printf "    image  = \"registry.example/big/app-%d:1.0.0\"\n    ports  = { http = 8080 }\n    cpu    = 100m\n    memory = 128Mi\n", i
      printf "    env    = { LEVEL = config.conf-%d[\"LEVEL\"], INDEX = \"%d\" }\n", i, i
      printf "    mount \"/app/application.yaml\" { from = config.conf-%d, key = \"application.yaml\" }\n    probe ready { http = \"/ready\" }\n  }\n}\n", i
      printf "service app-%d in big { target = workload.app-%d, ports = { http = 80 } }\n", i, i
    }
  }' >"$folder/main.mcp"
}

printf 'mcp %s, commit %s, %s, %s cores\n\n' "$("$mcp" --version | cut -d' ' -f2)" "$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)" "$(date -u +%F)" "$(nproc)"
row "what" "measured" "bar" ""
row "---" "---" "---" "---"

SHOP_DB_PASSWORD=x
export SHOP_DB_PASSWORD
if [ -d "$here/examples/shop" ]; then
  cp -r "$here/examples/shop" "$work/shop"
  v=$(wall 7 "$mcp" -C "$work/shop" check)
  row "check of examples/shop, cold, wall s" "$v" "0.020" "$(holds "$v" 0.020)"
fi

mkdir "$work/text"
awk 'BEGIN { print "mcp t { driver = \"sim\" }"; for (i = 0; i < 90000; i++) printf "let name-%d = { key = \"value number %d of a long list\", list = [1, 2, 3, %d], size = %dMi }  // a comment\n", i, i, i, i % 50 }' >"$work/text/main.mcp"
size=$(stat -c %s "$work/text/main.mcp")
v=$(cpu 3 "$mcp" -C "$work/text" debug ast)
row "text to AST and its dump, MB/s" "$(awk -v s="$size" -v t="$v" 'BEGIN { printf "%.1f", s / 1e6 / t }')" "" "with printing it"
v=$(cpu 5 "$mcp" -C "$work/text" check)
row "parse, names, types, evaluation of 10 MB, MB/s" "$(awk -v s="$size" -v t="$v" 'BEGIN { printf "%.1f", s / 1e6 / t }')" "" ""

previous=
for n in 1000 10000 20000; do
  mkdir -p "$work/r$n"
  cat >"$work/r$n/x.mcp" <<MCP
mcp r { driver = "sim" }
cluster c { cloud = "aws", region = "r" }
namespace n {}
for i in range($n) {
  workload "app-\${i}" in n {
    replicas = 2
    container app {
      image  = "registry.example/r/app:1.0.0"
      ports  = { http = 8080 }
      cpu    = 100m
      memory = 128Mi
      env    = { INDEX = string(i), LEVEL = "info" }
      probe ready { http = "/ready" }
    }
  }
}
MCP
  v=$(cpu 5 "$mcp" -C "$work/r$n" render --cluster c)
  if [ "$n" = 20000 ]; then row "expand and render $n workloads, CPU s" "$v" "0.150" "$(holds "$v" 0.150)"; else row "expand and render $n workloads, CPU s" "$v" "" ""; fi
  [ "$n" = 20000 ] && row "  time at 2N over time at N" "$(ratio "$v" "$previous")" "2.2" "$(holds "$(ratio "$v" "$previous")" 2.2)"
  previous=$v
done

sizes="1000 2000 10000 20000 100000"
[ "$quick" = --quick ] && sizes="1000 2000 10000 20000"
declare -A noop first line
for n in $sizes; do
  folder=$work/n$n
  project "$folder" "$n"
  first[$n]=$(cpu 3 "$mcp" -C "$folder" plan)
  a=$(wall 1 "$mcp" -C "$folder" apply --yes -q)
  noop[$n]=$(cpu 5 "$mcp" -C "$folder" plan)
  sed -i 's|big/app-3:1.0.0|big/app-3:1.0.1|' "$folder/main.mcp"
  line[$n]=$(cpu 5 "$mcp" -C "$folder" plan)
  row "first plan, $n objects, CPU s" "${first[$n]}" "" ""
  case $n in 1000) bar=0.050 ;; 10000) bar=0.250 ;; 100000) bar=2.500 ;; *) bar= ;; esac
  row "no-op plan, $n objects, CPU s" "${noop[$n]}" "$bar" "$([ -n "$bar" ] && holds "${noop[$n]}" "$bar")"
  row "one-line change, $n objects, CPU s" "${line[$n]}" "$([ "$n" = 100000 ] && echo "1.5 at 50k")" ""
  row "apply, $n objects on 10 members, wall s" "$a" "" ""
  if [ -x /usr/bin/time ]; then
    rm -rf "$folder/.mcp"
    row "peak memory of a first plan, $n objects, MB" "$(/usr/bin/time -f %M "$mcp" -C "$folder" plan 2>&1 >/dev/null | tail -n 1 | awk '{ printf "%.0f", $1 / 1024 }')" "" ""
  fi
  rm -rf "$folder"
done
for pair in "2000 1000" "20000 10000"; do
  set -- $pair
  row "no-op plan: time at $1 over time at $2" "$(ratio "${noop[$1]}" "${noop[$2]}")" "2.2" "$(holds "$(ratio "${noop[$1]}" "${noop[$2]}")" 2.2)"
  row "first plan: time at $1 over time at $2" "$(ratio "${first[$1]}" "${first[$2]}")" "2.2" "$(holds "$(ratio "${first[$1]}" "${first[$2]}")" 2.2)"
done

project "$work/three" 1000 3
v=$(wall 1 "$mcp" -C "$work/three" apply --yes -q)
row "apply, 1000 objects on 3 members, wall s" "$v" "1.000" "$(holds "$v" 1.0)"

if command -v terraform >/dev/null 2>&1; then
  mkdir "$work/tf"
  awk 'BEGIN { for (i = 0; i < 900; i++) pad = pad "x"; for (i = 0; i < 1000; i++) printf "resource \"terraform_data\" \"d%d\" {\n  input = { name = \"app-%d\", image = \"registry.example/big/app-%d:1.0.0\", replicas = %d, text = \"%s\" }\n}\n", i, i, i, i % 5, pad }' >"$work/tf/main.tf"
  export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
  (cd "$work/tf" && terraform init -input=false -no-color >/dev/null && terraform apply -auto-approve -input=false -no-color >/dev/null)
  t=$(cpu 1 terraform -chdir="$work/tf" plan -input=false -no-color)
  row "terraform plan, 1000 objects, no change, CPU s" "$t" "" ""
  row "  over the no-op plan of 1000 objects by mcp" "$(ratio "$t" "${noop[1000]}") x" "50 x" "$(awk -v a="$t" -v b="${noop[1000]}" 'BEGIN { print (a / b >= 50) ? "holds" : "MISSED" }')"
fi
