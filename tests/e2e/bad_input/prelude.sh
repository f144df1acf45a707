umask 022
mcp() { "$MCP" "$@"; }
# The summary of a plan, without what a person reviews.
plan_end() { "$MCP" plan "$@" | grep '^Plan:\|^No changes'; }
# As somebody who is not the owner and not root; tests of a user who is neither run it as that user.
stranger() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
apply() { "$MCP" apply --yes -q "$@" > applied.txt; }
recorded() { "$MCP" state list | wc -l; }
# One hundred thousand times the same.
deep() { head -c 100000 /dev/zero | sed "s/\x0/$1/g"; }
